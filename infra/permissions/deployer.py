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
from infra.permissions.terms import EDGE_REGION, Place, Policy, allow, equals

#: The only policy of AWS's that a role made here may be given. It is given to a role without a
#: boundary, and to whom that is open says whoever makes the role: so it must not allow much.
ATTACHABLE = "service-role/AWSCodeDeployRoleForLambda"
#: The policy that there is only with a zone.
NAMES = "Names"
# The services whose own roles AWS makes in an account when they are first used.
_LINKED_SERVICES = ("dynamodb.application-autoscaling", "lambda.application-autoscaling", "backup")


def policies(place: Place) -> dict[str, Policy]:
    """The policies by name. They are several because AWS allows 6,144 characters for each."""
    parts = {
        "Stacks": [*_stacks(place), *_roles(place)],
        "Data": [
            *data.table_and_users(place),
            *data.keys(place),
            *data.backups(place),
            *data.scaling(place),
        ],
        "Api": [*services.function(place), *services.gateway(place)],
        "Site": [*services.bucket(place), *services.cloudfront(place)],
        "Logs": [*services.logs(place), *services.firewall(place)],
        "Watch": services.watch(place),
    }
    if place.zone:
        parts[NAMES] = services.names(place)
    return {
        name: {"Version": "2012-10-17", "Statement": statements}
        for name, statements in parts.items()
    }


def boundary(place: Place) -> Policy:
    """The most that a role made by a deployment can do, whatever its own policy says.

    Without it, whoever may make a role and run code with it could give himself any right.
    """
    logs = place.arn("logs", f"log-group:/aws/lambda/{place.name}-*:*")
    table = place.arn("dynamodb", f"table/{place.name}-*")
    return {
        "Version": "2012-10-17",
        "Statement": [
            # The function's, and AWS Backup's on our behalf.
            allow("dynamodb", "GetItem UpdateItem DeleteItem Query", table, f"{table}/index/*"),
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
            # Each key's own policy says what for.
            allow(
                "kms", "DescribeKey Decrypt GenerateDataKey CreateGrant", place.arn("kms", "key/*")
            ),
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
            "DescribeStackEvents DescribeStackResource DescribeStackResources ListStackResources "
            "GetTemplate "
            "CreateChangeSet DescribeChangeSet ExecuteChangeSet DeleteChangeSet ListChangeSets "
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
        allow("secretsmanager", "GetSecretValue DescribeSecret", secrets),
    ]


def _roles(place: Place) -> list[Policy]:
    """Roles can be made freely, but given rights only within the boundary (or CodeDeploy's).

    SAM makes CodeDeploy's role, and gives it no boundary; therefore the boundary is not demanded
    of the role but of every policy that is written for one.
    """
    name, aws = place.name, f"arn:{place.partition}:iam::aws:policy"
    api, kept = place.role(f"{name}-*-api-*"), place.role(f"{name}-*-data-*")
    bounded = {"ArnEquals": {"iam:PermissionsBoundary": place.boundary}}
    attachable = {"ArnEquals": {"iam:PolicyARN": f"{aws}/{ATTACHABLE}"}}
    linked = equals(iam__AWSServiceName=[f"{each}.amazonaws.com" for each in _LINKED_SERVICES])
    passed = {
        "lambda": place.role(f"{name}-*-api-DefaultRole-*"),
        "codedeploy": place.role(f"{name}-*-api-CodeDeployServiceRole-*"),
        "backup": place.role(f"{name}-*-data-BackupRole-*"),
    }
    return [
        # Neither who may take a role on is changed later, nor is a boundary taken away.
        allow(
            "iam",
            "CreateRole DeleteRole GetRole UpdateRole UpdateRoleDescription TagRole UntagRole "
            "GetRolePolicy ListRolePolicies ListAttachedRolePolicies DeleteRolePolicy "
            "DetachRolePolicy",
            api,
            kept,
        ),
        allow("iam", "PutRolePolicy PutRolePermissionsBoundary", api, kept, when=bounded),
        allow("iam", "AttachRolePolicy", api, when=attachable),
        *(
            allow(
                "iam",
                "PassRole",
                role,
                when=equals(iam__PassedToService=f"{service}.amazonaws.com"),
            )
            for service, role in passed.items()
        ),
        allow("iam", "CreateServiceLinkedRole", place.role("aws-service-role/*"), when=linked),
    ]
