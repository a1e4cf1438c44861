"""Create or update a CloudFormation stack, and watch it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError
from chalice.package import YAMLTemplateSerializer

from infra.cloudformation import change_set
from infra.cloudformation.change_set import Report
from infra.errors import DeploymentFailed, Misconfigured

__all__ = ["Report", "Stack"]

#: Puts a template where CloudFormation can read it; its address.
Store = Callable[[str], str]

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
_NO_CHANGES = "No updates are to be performed"
_NO_STACK = "does not exist"
#: The status of a name with nothing to it, as a change set for a new stack leaves behind.
EMPTY = "REVIEW_IN_PROGRESS"
#: How many bytes of a template CloudFormation takes in a request.
MAX_BODY = 51_200


def _parsed(template: str) -> dict[str, Any]:
    parsed: dict[str, Any] = YAMLTemplateSerializer().load_template(template)
    return parsed


def _is_kept(resource: Mapping[str, Any]) -> bool:
    return str(resource.get("DeletionPolicy", "")).startswith("Retain")


def _outputs(stack: Mapping[str, Any]) -> dict[str, str]:
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}


def _order(event: Mapping[str, Any]) -> tuple[datetime, bool, bool]:
    # Of events of one moment, a start comes before an end, and the stack's own end last.
    ended = not event["ResourceStatus"].endswith("_IN_PROGRESS")
    own = event["LogicalResourceId"] == event["StackName"]
    return event["Timestamp"], ended, ended and own


@dataclass
class Stack:
    """A stack by name. `client` is CloudFormation's; `report` is given lines of progress.

    `store` is for a template that is too large for a request.
    """

    client: Any
    name: str
    report: Report = print
    poll_seconds: float = 2.0
    store: Store | None = None
    _id: str = ""
    _seen: set[str] = field(default_factory=set)

    def outputs(self) -> dict[str, str]:
        """The outputs of the stack as it stands. Raises `Misconfigured` if there is none."""
        if not self.exists():
            raise Misconfigured(f"there is no stack {self.name}; deploy it first")
        return self.outputs_if_any()

    def outputs_if_any(self) -> dict[str, str]:
        """The same; nothing if there is no such stack."""
        return _outputs(self._describe() or {})

    def exists(self) -> bool:
        found = self._describe()
        return found is not None and found["StackStatus"] != EMPTY

    def parameters(self) -> dict[str, str]:
        """The values that its parameters have; nothing if there is no such stack."""
        given = (self._describe() or {}).get("Parameters", [])
        return {each["ParameterKey"]: each["ParameterValue"] for each in given}

    def resources(self) -> list[dict[str, Any]]:
        """What is in it, as CloudFormation lists it; "Kept" is whether it outlives the stack."""
        template = self.client.get_template(StackName=self.name, TemplateStage="Processed")
        body = template["TemplateBody"]
        declared = (body if isinstance(body, dict) else _parsed(body))["Resources"]
        pages = self.client.get_paginator("list_stack_resources").paginate(StackName=self.name)
        found = [each for page in pages for each in page["StackResourceSummaries"]]
        return [
            {**each, "Kept": _is_kept(declared.get(each["LogicalResourceId"], {}))}
            for each in found
        ]

    def delete(self) -> None:
        """Delete it, and what it does not retain. Raises `DeploymentFailed`."""
        found = self._describe()
        if found is None:
            return
        self._events()
        self._id = found["StackId"]
        self.client.delete_stack(StackName=self._id)
        self._settle("DELETE_COMPLETE")

    def physical_id(self, logical_id: str) -> str:
        """What CloudFormation has named a resource; "" if there is none of that name."""
        try:
            found = self.client.describe_stack_resource(
                StackName=self.name, LogicalResourceId=logical_id
            )
        except ClientError as error:
            if _NO_STACK not in str(error):
                raise
            return ""
        return str(found["StackResourceDetail"].get("PhysicalResourceId", ""))

    def deploy(self, template: str, parameters: Mapping[str, str]) -> dict[str, str]:
        """Bring the stack to the template and return its outputs. Raises `DeploymentFailed`.

        A parameter that is not given keeps the value it has; a new stack takes the default.
        """
        found = self._describe()
        # Only what happens from here on is news.
        self._events()
        source = self._source(template)
        request: dict[str, Any] = {
            "StackName": self.name,
            **source,
            "Capabilities": CAPABILITIES,
            "Parameters": [
                {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
            ],
        }
        new = found is None or found["StackStatus"] == EMPTY
        try:
            if found is None:
                # Otherwise a stack that fails to come into being is in the way of the next try.
                # What its template retains stays even so.
                answer = self.client.create_stack(**request, OnFailure="DELETE")
            elif new:  # which is neither created again nor updated
                answer = change_set.carry_out(self.client, request, self.poll_seconds)
            else:
                request["Parameters"] += self._kept(found, source, parameters)
                answer = self.client.update_stack(**request)
        except ClientError as error:
            if _NO_CHANGES not in str(error):
                raise DeploymentFailed(f"{self.name}: {error}") from error
            self.report(f"{self.name}: no changes")
        else:
            # By its id, which still finds it when it is deleted.
            self._id = answer["StackId"]
            self._settle("CREATE_COMPLETE" if new else "UPDATE_COMPLETE")
        return self.outputs()

    def _source(self, template: str) -> dict[str, str]:
        """How CloudFormation is given the template."""
        size = len(template.encode())
        if size <= MAX_BODY:
            return {"TemplateBody": template}
        if self.store is None:
            raise DeploymentFailed(
                f"{self.name}: the template has {size} bytes, and CloudFormation takes {MAX_BODY}"
            )
        return {"TemplateURL": self.store(template)}

    def _kept(
        self, found: Mapping[str, Any], source: Mapping[str, str], given: Mapping[str, str]
    ) -> list[dict[str, Any]]:
        """The parameters to leave as they are; without a word, they would become the defaults."""
        summary = self.client.get_template_summary(**source)
        wanted = {each["ParameterKey"] for each in summary["Parameters"]} - set(given)
        return [
            {"ParameterKey": each["ParameterKey"], "UsePreviousValue": True}
            for each in found.get("Parameters", [])
            if each["ParameterKey"] in wanted
        ]

    def _settle(self, wanted: str) -> None:
        """Show events until the stack is at rest. Raises `DeploymentFailed` unless as wanted."""
        failures: list[str] = []
        while True:
            found = self._describe()
            status = found["StackStatus"] if found else "DELETE_COMPLETE"
            for event in self._events():
                line = f"{event['LogicalResourceId']}: {event['ResourceStatus']}"
                self.report(f"{self.name}: {line}")
                reason = event.get("ResourceStatusReason", "")
                if event["ResourceStatus"].endswith("_FAILED") and "cancelled" not in reason:
                    failures.append(f"{line} ({reason})")
            if not status.endswith("_IN_PROGRESS"):
                break
            time.sleep(self.poll_seconds)
        if status != wanted:
            cause = failures[0] if failures else (found or {}).get("StackStatusReason", status)
            raise DeploymentFailed(f"{self.name}: {cause}")

    def _events(self) -> list[dict[str, Any]]:
        """The events not seen before, oldest first."""
        try:
            pages = self.client.get_paginator("describe_stack_events").paginate(
                StackName=self._id or self.name
            )
            events = [event for page in pages for event in page["StackEvents"]]
        except ClientError as error:
            if _NO_STACK not in str(error):
                raise
            return []
        fresh = [event for event in events if event["EventId"] not in self._seen]
        self._seen.update(event["EventId"] for event in fresh)
        return sorted(fresh, key=_order)

    def _describe(self) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self.client.describe_stacks(StackName=self._id or self.name)[
                "Stacks"
            ][0]
        except ClientError as error:
            if _NO_STACK not in str(error):
                raise
            return None
        return None if found["StackStatus"] == "DELETE_COMPLETE" else found
