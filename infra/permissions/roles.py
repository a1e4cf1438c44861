"""The deployer's permissions for three roles that a release creates, and service-linked roles."""

from infra.permissions.terms import Place, Policy, allow, equals

#: The roles that a release creates, by logical id, and the service to pass each role to. Chalice
#: names the function's role, SAM names CodeDeploy's, `data.yaml` names AWS Backup's. CloudFormation
#: truncates a long stack name before it truncates a logical id: infra/names.py.
SERVICES = {
    "ApiHandlerRole": "lambda",
    "CodeDeployServiceRole": "codedeploy",
    "BackupRole": "backup",
}
#: The only role without a boundary, because SAM creates it without one.
_UNBOUNDED = "CodeDeployServiceRole"
#: The only AWS managed policy that the deployer may attach to a created role. That role has no
#: boundary, and the deployer writes its trust policy. Therefore the policy must not allow much.
ATTACHABLE = "service-role/AWSCodeDeployRoleForLambda"

#: The services whose service-linked role AWS creates, with the caller's permission, at first use.
LINKED = (
    # Tracing at a stage:
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enabling-xray.html
    "ops.apigateway",
    # https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-service-linked-roles.html
    "dynamodb.application-autoscaling",
    "lambda.application-autoscaling",
    # https://docs.aws.amazon.com/aws-backup/latest/devguide/using-service-linked-roles-AWSServiceRoleForBackup.html
    "backup",
    # https://docs.aws.amazon.com/cognito/latest/developerguide/using-service-linked-roles.html
    "email.cognito-idp",
)


def roles(place: Place) -> list[Policy]:
    """Return the statements for roles, whose rights stay within the boundary (or CodeDeploy's).

    SAM creates CodeDeploy's role without a boundary. Therefore CreateRole does not require a
    boundary, but PutRolePolicy does.
    """
    patterns = {logical_id: place.role(f"{place.name}-*-{logical_id}-*") for logical_id in SERVICES}
    bounded = [arn for logical_id, arn in patterns.items() if logical_id != _UNBOUNDED]
    attachable = f"arn:{place.partition}:iam::aws:policy/{ATTACHABLE}"
    linked = [f"{service}.amazonaws.com" for service in LINKED]
    return [
        # A role's trust policy is never changed later, and its boundary is never removed.
        allow(
            "iam",
            "CreateRole DeleteRole GetRole UpdateRole UpdateRoleDescription TagRole UntagRole "
            "GetRolePolicy ListRolePolicies ListAttachedRolePolicies DeleteRolePolicy "
            "DetachRolePolicy",
            *patterns.values(),
        ),
        allow(
            "iam",
            "PutRolePolicy PutRolePermissionsBoundary",
            *bounded,
            when={"ArnEquals": {"iam:PermissionsBoundary": place.boundary}},
        ),
        allow(
            "iam",
            "AttachRolePolicy",
            patterns[_UNBOUNDED],
            when={"ArnEquals": {"iam:PolicyARN": attachable}},
        ),
        *(
            allow(
                "iam",
                "PassRole",
                patterns[logical_id],
                when=equals("iam:PassedToService", f"{service}.amazonaws.com"),
            )
            for logical_id, service in SERVICES.items()
        ),
        allow(
            "iam",
            "CreateServiceLinkedRole",
            place.role("aws-service-role/*"),
            when=equals("iam:AWSServiceName", linked),
        ),
    ]
