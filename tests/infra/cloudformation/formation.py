"""A fake CloudFormation that records its calls, and supports change sets."""

from collections.abc import Iterator
from typing import Any

from tests.clients import client_error

READING = frozenset(
    {"describe_stacks", "describe_change_set", "describe_stack_events", "get_template_summary"}
)


def change(action: str, logical_id: str, type: str, **more: Any) -> dict[str, Any]:
    """Return a change of a change set, as CloudFormation describes it."""
    resource = {"Action": action, "LogicalResourceId": logical_id, "ResourceType": type, **more}
    return {"Type": "Resource", "ResourceChange": resource}


class Formation:
    """`outputs` and `parameters` belong to existing stacks, by name. `changes` is the content
    of a stack's change set in pages, or the reason for its failure."""

    def __init__(self) -> None:
        self.outputs: dict[str, dict[str, str]] = {}
        self.parameters: dict[str, dict[str, str]] = {}
        self.status: dict[str, str] = {}
        self.changes: dict[str, list[list[dict[str, Any]]] | str] = {}
        #: How often a change set is still being made when somebody looks.
        self.pending = 0
        self.may_delete = True
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def writes(self) -> list[str]:
        """Return the calls that write, in order."""
        return [name for name, _ in self.calls if name not in READING]

    def requests(self, name: str) -> list[dict[str, Any]]:
        return [request for called, request in self.calls if called == name]

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - AWS's name
        self.calls.append(("describe_stacks", {"StackName": StackName}))
        status = self.status.get(StackName, "CREATE_COMPLETE")
        if StackName not in self.outputs and StackName not in self.status:
            raise client_error("ValidationError", f"Stack with id {StackName} does not exist")
        outputs = self.outputs.get(StackName, {})
        given = self.parameters.get(StackName, {})
        return {
            "Stacks": [
                {
                    "StackId": StackName,
                    "StackStatus": status,
                    "Outputs": [{"OutputKey": k, "OutputValue": outputs[k]} for k in outputs],
                    "Parameters": [{"ParameterKey": k, "ParameterValue": given[k]} for k in given],
                }
            ]
        }

    def get_template_summary(self, **request: Any) -> dict[str, Any]:
        self.calls.append(("get_template_summary", request))
        names = {name for given in self.parameters.values() for name in given}
        return {"Parameters": [{"ParameterKey": name} for name in sorted(names)]}

    def create_change_set(self, **request: Any) -> dict[str, str]:
        self.calls.append(("create_change_set", request))
        name = request["StackName"]
        if request["ChangeSetType"] == "CREATE":
            self.status[name] = "REVIEW_IN_PROGRESS"
        return {"Id": f"change-set-of-{name}", "StackId": name}

    def delete_change_set(self, **request: Any) -> None:
        self.calls.append(("delete_change_set", request))

    def execute_change_set(self, **request: Any) -> None:
        self.calls.append(("execute_change_set", request))
        name = request["ChangeSetName"].removeprefix("change-set-of-")
        self.status[name] = "CREATE_COMPLETE"
        self.outputs.setdefault(name, {})

    def delete_stack(self, **request: Any) -> None:
        self.calls.append(("delete_stack", request))
        if not self.may_delete:
            raise client_error(
                "AccessDenied", "not authorized to perform: cloudformation:DeleteStack"
            )
        del self.status[request["StackName"]]

    def get_waiter(self, name: str) -> "Formation":
        assert name == "stack_delete_complete"
        return self

    def wait(self, StackName: str, **_: Any) -> None:  # noqa: N803 - AWS's name
        assert StackName not in self.status

    def create_stack(self, **request: Any) -> dict[str, str]:
        self.calls.append(("create_stack", request))
        self.outputs.setdefault(request["StackName"], {})
        return {"StackId": request["StackName"]}

    def update_stack(self, **request: Any) -> dict[str, str]:
        self.calls.append(("update_stack", request))
        self.status[request["StackName"]] = "UPDATE_COMPLETE"
        return {"StackId": request["StackName"]}

    def get_paginator(self, operation: str) -> "_Pages":
        return _Pages(self, operation)


class _Pages:
    def __init__(self, formation: Formation, operation: str) -> None:
        self._formation, self._operation = formation, operation

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        formation = self._formation
        formation.calls.append((self._operation, request))
        if self._operation == "describe_stack_events":
            yield {"StackEvents": []}
            return
        name = request["ChangeSetName"].removeprefix("change-set-of-")
        common = {"StackName": name}
        if formation.pending:
            formation.pending -= 1
            yield {**common, "Status": "CREATE_IN_PROGRESS"}
            return
        found = formation.changes.get(name, "The submitted information didn't contain changes.")
        if isinstance(found, str):
            yield {**common, "Status": "FAILED", "StatusReason": found, "Changes": []}
            return
        for page in found:
            yield {**common, "Status": "CREATE_COMPLETE", "Changes": page}
