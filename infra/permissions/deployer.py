"""What whoever deploys may do, and nothing else: the pipeline's role has exactly these policies.

CloudFormation acts with the rights of whoever calls it, so these are the rights to make and change
what the templates hold, too. Three things are left out on purpose: the table's items, the pool's
users (but for the one whom `make smoke` makes and deletes) and the log's lines; deleting what holds
data (table, user pool, key, backups); and any way to more rights than these. Yet whoever may deploy
the function's code, or call it, can have it do what the function may, which no policy prevents: so
a release needs a second person's approval.

Names are the wall between this application and the rest of the account. Where AWS lets nobody
name a thing beforehand, a comment says so; between stages, the wall is an account for each.
"""

from infra.permissions import data, services
from infra.permissions.roles import roles
from infra.permissions.terms import EDGE_REGION, Place, Policy, allow, key_services

#: The policy that there is only with a zone.
NAMES = "Names"


def policies(place: Place) -> dict[str, Policy]:
    """The policies by name. They are several because AWS allows 6,144 characters for each."""
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
    """Return the most that a role created by a deployment can do, whatever its own policy allows.

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
            # AWS Backup's. It assumes its role itself, so there is no function in the context.
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
            # DynamoDB and Backup use the key in the role's name. Whether their requests carry the
            # function's ARN is not documented, so it is not demanded here.
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
            "DescribeStackEvents DescribeStackResource ListStackResources "
            "GetTemplate "
            "CreateChangeSet DescribeChangeSet ExecuteChangeSet DeleteChangeSet "
            "TagResource UntagResource",
            *stacks,
            edge,
        ),
        allow("cloudformation", "CreateChangeSet", sam),
        allow("cloudformation", "DescribeStacks", account),
        # Of a template that is not a stack's yet, so it has no name.
        allow("cloudformation", "GetTemplateSummary", "*"),
        allow("s3", "PutObject GetObject", f"{place.artefacts}/*"),
        # What CloudFront sends and the firewall wants to see, when that is switched on.
        allow("secretsmanager", "GetSecretValue", secrets),
    ]
