"""The permissions that CloudFormation needs from its caller for a resource."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.infra.permissions.arns import ACCOUNT
from tests.infra.permissions.reference import resource_types, schemas, scoped_to_everything
from tests.infra.permissions.scene import Resource

#: `list` is missing: a stack's operations do not call it.
#: https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
_HANDLERS = ("create", "read", "update", "delete")
_NAMESPACE = "application-autoscaling:service-namespace"
_LINKED = "iam:CreateServiceLinkedRole"


@dataclass(frozen=True)
class Demand:
    """An action on an ARN, with the condition keys of the request.

    `arn` is None if the action applies to no type of the resource or of its properties.
    """

    resource: Resource
    action: str
    arn: str | None
    context: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        what = f"{self.resource.stack} {self.resource.logical_id} ({self.resource.type})"
        return f"{what}: {self.action} on {self.arn} {dict(self.context)}"


def demands(resources: Iterable[Resource]) -> Iterator[Demand]:
    """Yield the demands of the schemas for the resources, and of other documentation."""
    for resource in resources:
        schema = schemas()[resource.type]
        actions: set[str] = set()
        for handler in _HANDLERS:
            # A resource that is retained is for people to delete.
            if not (handler == "delete" and resource.is_retained):
                actions |= schema.permissions(handler)
        for action in sorted(actions | set(_further(resource))):
            yield from _demands(resource, action)


def linked_service(resource: Resource) -> str | None:
    """Return the service whose role AWS creates with the resource, if it creates one."""
    properties = resource.properties
    if resource.type == "AWS::ApiGateway::Stage" and properties.get("TracingEnabled"):
        # The schema does not list it.
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enabling-xray.html
        return "ops.apigateway"
    if resource.type == "AWS::ApplicationAutoScaling::ScalableTarget":
        # https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-service-linked-roles.html
        return f"{properties['ServiceNamespace']}.application-autoscaling"
    if resource.type == "AWS::Backup::BackupSelection":
        # https://docs.aws.amazon.com/aws-backup/latest/devguide/using-service-linked-roles-AWSServiceRoleForBackup.html
        return "backup"
    if resource.type == "AWS::Cognito::UserPool" and "EmailConfiguration" in properties:
        # https://docs.aws.amazon.com/cognito/latest/developerguide/using-service-linked-roles.html
        return "email.cognito-idp"
    return None


def _further(resource: Resource) -> Iterator[str]:
    """Yield the demands that the schemas omit."""
    if linked_service(resource):
        yield _LINKED
    if any("{{resolve:secretsmanager:" in text for text in texts(resource.properties)):
        # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
        yield "secretsmanager:GetSecretValue"


def _demands(resource: Resource, action: str) -> Iterator[Demand]:
    types = resource_types(action)
    if types is None:
        return  # no policy can name an action that is not in the reference
    for context in _contexts(resource, action):
        given = tuple(sorted(context.items()))
        if not types or action in scoped_to_everything(action.partition(":")[0]):
            yield Demand(resource, action, "*", given)
        else:
            arns = _arns(resource, action)
            found = sorted({arn for name, arn in arns if name in types})
            yield from (Demand(resource, action, arn, given) for arn in found or (None,))


def _arns(resource: Resource, action: str) -> Iterator[tuple[str, str]]:
    """Return the action's possible ARNs by type: the resource's, and those in its properties."""
    if action == _LINKED:
        service = linked_service(resource)
        if service:
            role = f"aws-service-role/{service}.amazonaws.com/AWSServiceRole"
            yield "role", f"arn:aws:iam::{ACCOUNT}:role/{role}"
        return
    yield from resource.arns().items()
    for text in texts(resource.properties):
        if ":role/" in text:
            yield "role", text
        elif text.startswith("function:"):
            yield "function alias", f"arn:aws:lambda:{resource.region}:{ACCOUNT}:{text}"
        elif ":key/" in text:
            yield "key", text
        elif "{{resolve:secretsmanager:" in text:
            yield (
                "secret",
                text.partition("{{resolve:secretsmanager:")[2].partition(":SecretStr")[0],
            )


def _contexts(resource: Resource, action: str) -> Iterator[Mapping[str, str]]:
    """Return the condition keys of the requests that the deployer's policies use."""
    properties, type = resource.properties, resource.type
    context = {"aws:RequestedRegion": resource.region}
    tag = resource.tag("application")
    if tag:
        context |= {"aws:RequestTag/application": tag, "aws:ResourceTag/application": tag}
    if "ServiceNamespace" in properties:
        context[_NAMESPACE] = properties["ServiceNamespace"]
    elif type == "AWS::ApplicationAutoScaling::ScalingPolicy":
        of_lambda = any(text.startswith("Lambda") for text in texts(properties))
        context[_NAMESPACE] = "lambda" if of_lambda else "dynamodb"
    if "PermissionsBoundary" in properties:
        context["iam:PermissionsBoundary"] = properties["PermissionsBoundary"]
    if action == "iam:PassRole":
        context["iam:PassedToService"] = f"{_service(type)}.amazonaws.com"
    if action == _LINKED:
        context["iam:AWSServiceName"] = f"{linked_service(resource)}.amazonaws.com"
    if action.startswith("kms:") and type != "AWS::KMS::Key":
        context["kms:ViaService"] = f"{_service(type)}.{resource.region}.amazonaws.com"
    for policy in properties.get("ManagedPolicyArns", [""]):
        yield {**context, "iam:PolicyARN": policy} if policy else context


def _service(type: str) -> str:
    """Return the name of a type's service in AWS's service principals."""
    return type.split("::")[1].lower()


def texts(value: Any) -> Iterator[str]:
    """Yield all texts in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
