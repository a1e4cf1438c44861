"""Create, update and delete a CloudFormation stack, and watch it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from chalice.package import YAMLTemplateSerializer

from infra import aws
from infra.cloudformation import change_set
from infra.cloudformation.change_set import Change, Request, Source
from infra.cloudformation.polling import polls
from infra.cloudformation.stuck import next_step
from infra.errors import DeploymentFailed, Misconfigured
from tools.progress import Report

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudformation.literals import CapabilityType
    from types_boto3_cloudformation.type_defs import (
        ParameterTypeDef,
        StackEventTypeDef,
        StackTypeDef,
    )

#: Stores a template where CloudFormation can read it, and returns its URL.
Store = Callable[[str], str]

CAPABILITIES: "list[CapabilityType]" = [
    "CAPABILITY_IAM",
    "CAPABILITY_NAMED_IAM",
    "CAPABILITY_AUTO_EXPAND",
]
_NO_CHANGES = "No updates are to be performed"
#: The largest template in bytes that CloudFormation accepts in a request.
MAX_BODY = 51_200


def _parse(template: str) -> dict[str, Any]:
    parsed: dict[str, Any] = YAMLTemplateSerializer().load_template(template)
    return parsed


def _is_kept(resource: Mapping[str, Any]) -> bool:
    return str(resource.get("DeletionPolicy", "")).startswith("Retain")


def _is_new(stack: "StackTypeDef | None") -> bool:
    return stack is None or stack["StackStatus"] == aws.EMPTY


def _order(event: "StackEventTypeDef") -> tuple[datetime, bool, bool]:
    # For equal times, a start comes before an end, and the stack's own end comes last.
    ended = not event["ResourceStatus"].endswith("_IN_PROGRESS")
    own = event["LogicalResourceId"] == event["StackName"]
    return event["Timestamp"], ended, ended and own


@dataclass
class Stack:
    """A stack by name. `client` is for CloudFormation, `store` for templates over `MAX_BODY`.

    With `delete_new`, a failed deployment also deletes the resources with `DeletionPolicy: Retain`
    that it has created. Do not set it for a stack whose data the deployer must not delete.
    """

    client: "CloudFormationClient"
    name: str
    report: Report = print
    store: Store | None = None
    delete_new: bool = False
    _id: str = ""
    _seen: set[str] = field(default_factory=set)

    def outputs(self) -> dict[str, str]:
        """Return the stack's outputs. Raises `Misconfigured` if the stack does not exist."""
        if not self.exists():
            raise Misconfigured(f"no stack {self.name}")
        return self.outputs_if_any()

    def outputs_if_any(self) -> dict[str, str]:
        """Return the stack's outputs, empty if the stack does not exist."""
        stack = self._describe()
        return aws.outputs_of(stack) if stack else {}

    def exists(self) -> bool:
        """Return true if the stack exists with more than its name."""
        return not _is_new(self._describe())

    def status(self) -> str:
        """Return CloudFormation's status of the stack, "" if the stack does not exist."""
        stack = self._describe()
        return stack["StackStatus"] if stack else ""

    def parameters(self) -> dict[str, str]:
        """Return the values of the stack's parameters, empty if the stack does not exist."""
        stack = self._describe()
        parameters = stack.get("Parameters", []) if stack else []
        return {each["ParameterKey"]: each["ParameterValue"] for each in parameters}

    def resources(self) -> list[dict[str, Any]]:
        """Return CloudFormation's list of the resources. "Kept" resources outlive the stack."""
        template = self.client.get_template(StackName=self.name, TemplateStage="Processed")
        body = template["TemplateBody"]
        declared = (body if isinstance(body, dict) else _parse(body))["Resources"]
        pages = self.client.get_paginator("list_stack_resources").paginate(StackName=self.name)
        summaries = [each for page in pages for each in page["StackResourceSummaries"]]
        return [
            {**each, "Kept": _is_kept(declared.get(each["LogicalResourceId"], {}))}
            for each in summaries
        ]

    def delete(self) -> None:
        """Delete the stack, but keep its retained resources. Raises `DeploymentFailed`."""
        stack = self._describe()
        if stack is None:
            return
        self._events()
        self._id = stack["StackId"]
        self.client.delete_stack(StackName=self._id)
        self._settle("DELETE_COMPLETE")

    def physical_id(self, logical_id: str) -> str:
        """Return the physical name of a resource, "" if the stack does not have the logical id."""
        try:
            description = self.client.describe_stack_resource(
                StackName=self.name, LogicalResourceId=logical_id
            )
        except ClientError as error:
            if not aws.is_missing_stack(error):
                raise
            return ""
        return str(description["StackResourceDetail"].get("PhysicalResourceId", ""))

    def deploy(self, template: str, parameters: Mapping[str, str]) -> dict[str, str]:
        """Create the stack or update it to the template, and return its outputs.

        A missing parameter keeps its value. In a new stack it takes the default. Raises
        `DeploymentFailed`.
        """
        stack = self._describe()
        # Only later events are new.
        self._events()
        request = self._request(stack, template, parameters)
        new = _is_new(stack)
        try:
            if stack is None:
                # Otherwise a failed creation leaves a stack that blocks the next attempt.
                stack_id = self.client.create_stack(
                    **request, OnFailure="DELETE", RetainExceptOnCreate=self.delete_new
                )["StackId"]
            elif new:  # CreateStack and UpdateStack reject an empty stack
                stack_id = change_set.start_creation(
                    self.client, request, delete_new=self.delete_new
                )
            else:
                stack_id = self.client.update_stack(
                    **request, RetainExceptOnCreate=self.delete_new
                )["StackId"]
        except ClientError as error:
            if _NO_CHANGES not in str(error):
                step = next_step(stack["StackStatus"]) if stack and not new else ""
                raise DeploymentFailed(f"{self.name}: {error}{step}") from error
            self.report(f"{self.name}: no changes")
        else:
            # The id still finds the stack after its deletion.
            self._id = stack_id
            self._settle("CREATE_COMPLETE" if new else "UPDATE_COMPLETE")
        return self.outputs()

    def plan(self, template: str, parameters: Mapping[str, str]) -> list[Change]:
        """Return the changes that `deploy` would make. Raises `DeploymentFailed`."""
        stack = self._describe()
        request = self._request(stack, template, parameters)
        return change_set.changes(self.client, request, _is_new(stack), self.report)

    def _request(
        self, stack: "StackTypeDef | None", template: str, parameters: Mapping[str, str]
    ) -> Request:
        """Return the parameters that CreateStack, UpdateStack and CreateChangeSet share."""
        source = self._source(template)
        explicit: list[ParameterTypeDef] = [
            {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
        ]
        kept = (
            []
            if stack is None or _is_new(stack)
            else self._kept_parameters(stack, source, parameters)
        )
        return {
            "StackName": self.name,
            **source,
            "Capabilities": CAPABILITIES,
            "Parameters": [*explicit, *kept],
        }

    def _source(self, template: str) -> Source:
        """Return the template's body, or its URL if it is too large. Raises `DeploymentFailed`."""
        size = len(template.encode())
        if size <= MAX_BODY:
            return {"TemplateBody": template}
        if self.store is None:
            raise DeploymentFailed(
                f"{self.name}: the template has {size} bytes, "
                f"the maximum without a bucket is {MAX_BODY}"
            )
        return {"TemplateURL": self.store(template)}

    def _kept_parameters(
        self, stack: "StackTypeDef", source: Source, parameters: Mapping[str, str]
    ) -> "list[ParameterTypeDef]":
        """Return the parameters to keep. Omitted parameters would take the default values."""
        summary = self.client.get_template_summary(**source)
        omitted = {each["ParameterKey"] for each in summary["Parameters"]} - set(parameters)
        return [
            {"ParameterKey": each["ParameterKey"], "UsePreviousValue": True}
            for each in stack.get("Parameters", [])
            if each["ParameterKey"] in omitted
        ]

    def _settle(self, wanted: str) -> None:
        """Report events until the status is final. Raises `DeploymentFailed` unless `wanted`."""
        failures: list[str] = []
        for _ in polls():
            stack = self._describe()
            status = stack["StackStatus"] if stack else "DELETE_COMPLETE"
            for event in self._events():
                line = f"{event['LogicalResourceId']}: {event['ResourceStatus']}"
                self.report(f"{self.name}: {line}")
                reason = event.get("ResourceStatusReason", "")
                if event["ResourceStatus"].endswith("_FAILED") and "cancelled" not in reason:
                    failures.append(f"{line} ({reason})")
            if not status.endswith("_IN_PROGRESS"):
                break
        if status != wanted:
            reason = stack.get("StackStatusReason", status) if stack else status
            raise DeploymentFailed(
                f"{self.name}: {failures[0] if failures else reason}{next_step(status)}"
            )

    def _events(self) -> "list[StackEventTypeDef]":
        """Return the events not seen before, oldest first."""
        try:
            pages = self.client.get_paginator("describe_stack_events").paginate(
                StackName=self._id or self.name
            )
            events = [event for page in pages for event in page["StackEvents"]]
        except ClientError as error:
            if not aws.is_missing_stack(error):
                raise
            return []
        fresh = [event for event in events if event["EventId"] not in self._seen]
        self._seen.update(event["EventId"] for event in fresh)
        return sorted(fresh, key=_order)

    def _describe(self) -> "StackTypeDef | None":
        return aws.describe_stack(self.client, self._id or self.name)
