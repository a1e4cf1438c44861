"""Change sets: the changes that CloudFormation would make, before it makes them."""

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from botocore.exceptions import ClientError

from infra.cloudformation.polling import polls
from infra.errors import DeploymentFailed
from tools.progress import Report

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudformation.literals import CapabilityType
    from types_boto3_cloudformation.type_defs import (
        CreateChangeSetOutputTypeDef,
        DescribeChangeSetOutputTypeDef,
        ParameterTypeDef,
        ResourceChangeTypeDef,
    )

# Two wordings of one message, without and with a transform.
_NO_CHANGES = ("didn't contain changes", "No updates are to be performed")
_REPLACEMENT = {"True": "is replaced", "Conditional": "may be replaced", "False": "stays"}


class Source(TypedDict, total=False):
    """A template in a request, as exactly one of its body and its URL."""

    TemplateBody: str
    TemplateURL: str


class Request(Source):
    """The parameters that CreateStack, UpdateStack and CreateChangeSet share."""

    StackName: str
    Capabilities: "Sequence[CapabilityType]"
    Parameters: "Sequence[ParameterTypeDef]"


class _Name(TypedDict):
    """The parameters that name a change set."""

    StackName: str
    ChangeSetName: str


class Change(NamedTuple):
    """A change of one resource. `action` is CloudFormation's Add, Modify or Remove.

    `replacement` is "" unless the resource is modified. `properties` are the names of the changed
    properties, never their values. If `kept`, the old resource remains in AWS without a stack.
    """

    action: str
    logical_id: str
    type: str
    replacement: str = ""
    properties: tuple[str, ...] = ()
    kept: bool = False

    def __str__(self) -> str:
        text = f"{self.action.lower():<7} {self.logical_id} ({self.type})"
        if self.replacement:
            text += f" {_REPLACEMENT.get(self.replacement, self.replacement)}"
        if self.kept:
            text += ", the old resource is retained"
        return f"{text}: {', '.join(self.properties)}" if self.properties else text


def changes(
    client: "CloudFormationClient", request: Request, new: bool, report: Report
) -> list[Change]:
    """Return the changes that an UpdateStack request would make. Raises `DeploymentFailed`.

    For a `new` stack, CloudFormation creates a stack without resources. This deletes it again,
    together with the change set.
    """
    created = client.create_change_set(
        **request, ChangeSetName=_new_name(), ChangeSetType="CREATE" if new else "UPDATE"
    )
    try:
        return _read(_wait(client, created))
    finally:
        client.delete_change_set(**_identity(created))
        if new:
            _delete_empty(client, request["StackName"], created["StackId"], report)


def start_creation(client: "CloudFormationClient", request: Request, *, delete_new: bool) -> str:
    """Start to create a stack of which only the name exists, and return its id.

    CloudFormation rolls back a failed creation and deletes the stack. With `delete_new` it also
    deletes the retained resources. CreateStack's `OnFailure` and `RetainExceptOnCreate` are
    parameters of two calls here. Raises `DeploymentFailed`.
    """
    created = client.create_change_set(
        **request,
        ChangeSetName=_new_name(),
        ChangeSetType="CREATE",
        OnStackFailure="DELETE",
    )
    _read(_wait(client, created))
    client.execute_change_set(**_identity(created), RetainExceptOnCreate=delete_new)
    return created["StackId"]


def _new_name() -> str:
    return f"shown-{uuid.uuid4().hex}"


def _delete_empty(client: "CloudFormationClient", name: str, stack_id: str, report: Report) -> None:
    try:
        client.delete_stack(StackName=stack_id)
        # The name is taken until the deletion is complete.
        waiter = client.get_waiter("stack_delete_complete")
        waiter.wait(StackName=stack_id, WaiterConfig={"Delay": 2})
    except ClientError as error:
        # The pipeline's role must not delete stacks. The next release fills the empty stack.
        if not error.response["Error"]["Code"].startswith("AccessDenied"):
            raise
        report(f"{name}: this empty stack remains, because you have no right to delete it")


def _identity(created: "CreateChangeSetOutputTypeDef") -> _Name:
    """Return the parameters that name a change set, with the stack ARN that policies allow."""
    return {"StackName": created["StackId"], "ChangeSetName": created["Id"]}


def _wait(
    client: "CloudFormationClient", created: "CreateChangeSetOutputTypeDef"
) -> "list[DescribeChangeSetOutputTypeDef]":
    """Return the pages of a change set's description, once it is complete or has failed."""
    paginator = client.get_paginator("describe_change_set")
    pages: list[DescribeChangeSetOutputTypeDef] = []
    for _ in polls():
        pages = list(paginator.paginate(**_identity(created)))
        if pages[0]["Status"] in ("CREATE_COMPLETE", "FAILED"):
            break
    return pages


def _read(pages: "list[DescribeChangeSetOutputTypeDef]") -> list[Change]:
    reason = pages[0].get("StatusReason", "")
    if pages[0]["Status"] == "FAILED":
        if any(each in reason for each in _NO_CHANGES):
            return []
        raise DeploymentFailed(f"{pages[0]['StackName']}: {reason}")
    changes = [each["ResourceChange"] for page in pages for each in page.get("Changes", [])]
    return [_change(each) for each in changes]


def _change(resource: "ResourceChangeTypeDef") -> Change:
    targets = [each["Target"] for each in resource.get("Details", [])]
    # A change outside the properties has an attribute instead of a name: Tags, Metadata, a policy.
    names = [each.get("Name") or each.get("Attribute", "") for each in targets]
    return Change(
        resource["Action"],
        resource["LogicalResourceId"],
        resource["ResourceType"],
        resource.get("Replacement", ""),
        tuple(sorted({name for name in names if name})),
        resource.get("PolicyAction", "").endswith("Retain"),
    )
