"""The deployer's policies. The pipeline's role has exactly these policies.

CloudFormation acts with its caller's permissions. Therefore the policies also allow creating and
changing the resources of the templates. They exclude three things on purpose:

- access to the table's items, the pool's users and the log's lines, except the user that
  `make smoke` creates and deletes
- deletion of data resources (table, user pool, key, backups)
- any way to gain further permissions

A caller who may deploy or invoke the function can still use all of the function's permissions. No
policy prevents this, so a release needs a second person's approval.

Resource names separate this application from the rest of the account. A comment marks each resource
that cannot be named beforehand. A separate account for each stage separates the stages.
"""

from infra.permissions import data, services
from infra.permissions.roles import roles
from infra.permissions.terms import EDGE_REGION, Place, Policy, allow, key_services

#: The policy that exists only with a zone.
NAMES = "Names"


def policies(place: Place) -> dict[str, Policy]:
    """Return the policies by name, several because AWS allows 6,144 characters for each."""
    parts = {
        "Stacks": [*_stacks(place), *roles(place)],
        "Data": [
            *data.table_and_users(place),
            *data.keys(place),
            *data.backups(place),
            *data.scaling(place),
        ],
        "Api": [*services.function(place), *services.gateway(place)],
        "Site": [*services.bucket(place), *services.cloudfront(place)],
        "Logs": [*services.logs(place), *services.firewall(place), *services.traces(place)],
        "Watch": services.watch(place),
    }
    if place.zone:
        parts[NAMES] = services.names(place)
    return {
        name: {"Version": "2012-10-17", "Statement": statements}
        for name, statements in parts.items()
    }


def boundary(place: Place) -> Policy:
    """Return the permissions boundary of the roles that a deployment creates.

    Without it, a caller who may create a role and run code with it could give itself any right.
    The caller also writes the role's trust policy, and could open it to a principal that outlives
    the caller's own credentials. So the items are open to a function's execution environment only:
    Lambda puts `lambda:SourceFunctionArn` into the context of every request from there, and no
    caller can set it.
    https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
    """
    logs = place.arn("logs", f"log-group:/aws/lambda/{place.name}-*:*")
    table, keys = place.arn("dynamodb", f"table/{place.name}-*"), place.arn("kms", "key/*")
    function = place.arn("lambda", f"function:{place.name}-*")
    from_function = {"ArnLike": {"lambda:SourceFunctionArn": function}}
    return {
        "Version": "2012-10-17",
        "Statement": [
            allow(
                "dynamodb",
                "GetItem UpdateItem DeleteItem Query",
                table,
                f"{table}/index/*",
                when=from_function,
            ),
            # For AWS Backup. It assumes its role itself, so the context has no function.
            allow(
                "dynamodb",
                "DescribeTable ListTagsOfResource CreateBackup StartAwsBackupJob DescribeBackup "
                "DeleteBackup",
                table,
                f"{table}/backup/*",
            ),
            allow(
                "backup", "DescribeBackupVault", place.arn("backup", f"backup-vault:{place.name}-*")
            ),
            # DynamoDB and Backup use the key in the role's name. AWS does not document that their
            # requests carry the function's ARN, so this does not require it.
            allow("kms", "DescribeKey", keys),
            allow("kms", "Decrypt GenerateDataKey CreateGrant", keys, when=key_services(place)),
            allow("logs", "CreateLogStream PutLogEvents", logs),
            allow("xray", "PutTraceSegments PutTelemetryRecords", "*"),
        ],
    }


def _stacks(place: Place) -> list[Policy]:
    stacks = [
        place.arn("cloudformation", f"stack/{place.name}-*-{part}/*")
        for part in ("data", "api", "site", "monitoring")
    ]
    edge = place.arn("cloudformation", f"stack/{place.name}-*-edge/*", region=EDGE_REGION)
    account = place.arn("cloudformation", f"stack/{place.name}-account/*")
    sam = f"arn:{place.partition}:cloudformation:{place.region}:aws:transform/Serverless-2016-10-31"
    secrets = place.arn("secretsmanager", f"secret:{place.name}-*")
    return [
        allow(
            "cloudformation",
            "CreateStack UpdateStack CancelUpdateStack ContinueUpdateRollback DescribeStacks "
            "DescribeStackEvents DescribeStackResource ListStackResources GetTemplate "
            "CreateChangeSet DescribeChangeSet ExecuteChangeSet DeleteChangeSet TagResource "
            "UntagResource",
            *stacks,
            edge,
        ),
        allow("cloudformation", "CreateChangeSet", sam),
        allow("cloudformation", "DescribeStacks", account),
        # The template belongs to no stack yet, so the resource has no name.
        allow("cloudformation", "GetTemplateSummary", "*"),
        allow("s3", "PutObject GetObject", f"{place.artefacts}/*"),
        # The secret that CloudFront sends and the firewall checks, if that check is enabled.
        allow("secretsmanager", "GetSecretValue", secrets),
    ]
