"""Stack's reactions to errors of CloudFormation. tests/e2e/test_stack.py has the rest."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.cloudformation.stack import Stack
from infra.errors import DeploymentFailed
from tests.clients import as_client, client_error
from tests.infra.cloudformation.formation import Formation, change


class FakeCloudFormation:
    """A CloudFormation whose one stack goes through the given states."""

    def __init__(self, *statuses: str, update_error: Exception | None = None) -> None:
        self._statuses = list(statuses)
        self._update_error = update_error

    def describe_stacks(self, **_: Any) -> dict[str, Any]:
        status = self._statuses[0] if len(self._statuses) == 1 else self._statuses.pop(0)
        return {"Stacks": [{"StackStatus": status, "Outputs": []}]}

    def update_stack(self, **_: Any) -> dict[str, str]:
        if self._update_error:
            raise self._update_error
        return {"StackId": "the-id"}

    def get_template_summary(self, **_: Any) -> dict[str, Any]:
        return {"Parameters": []}

    def get_paginator(self, _: str) -> "FakeCloudFormation":
        return self

    def paginate(self, **_: Any) -> Iterator[dict[str, Any]]:
        yield {"StackEvents": []}


def test_update_without_changes_succeeds() -> None:
    error = client_error("ValidationError", "No updates are to be performed.")
    reported: list[str] = []
    client = FakeCloudFormation("CREATE_COMPLETE", update_error=error)
    assert Stack(as_client(client), "example", reported.append).deploy("{}", {}) == {}
    assert reported == ["example: no changes"]


def test_an_update_names_each_parameter_once() -> None:
    """CloudFormation refuses a request that names one twice."""
    formation = Formation()
    formation.outputs["example"] = {}
    formation.parameters["example"] = {"Changed": "old", "Kept": "as it is"}
    Stack(as_client(formation), "example", lambda _: None).deploy("{}", {"Changed": "new"})
    (request,) = formation.requests("update_stack")
    assert request["Parameters"] == [
        {"ParameterKey": "Changed", "ParameterValue": "new"},
        {"ParameterKey": "Kept", "UsePreviousValue": True},
    ]


def test_a_rollback_is_a_failure() -> None:
    client = FakeCloudFormation("UPDATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE")
    with pytest.raises(DeploymentFailed, match="example: UPDATE_ROLLBACK_COMPLETE"):
        Stack(as_client(client), "example", lambda _: None).deploy("{}", {})


class Deleted(FakeCloudFormation):
    """A new stack that fails, and is then deleted: from then on only its id finds it."""

    def __init__(self) -> None:
        super().__init__("CREATE_IN_PROGRESS", "DELETE_COMPLETE")
        self._created = False

    def create_stack(self, **_: Any) -> dict[str, str]:
        self._created = True
        return {"StackId": "the-id"}

    def describe_stacks(self, **named: Any) -> dict[str, Any]:
        self._find(named["StackName"])
        return super().describe_stacks()

    def paginate(self, **named: Any) -> Iterator[dict[str, Any]]:
        self._find(named["StackName"])
        yield {
            "StackEvents": [
                {
                    "EventId": "1",
                    "StackName": "example",
                    "LogicalResourceId": "Table",
                    "ResourceStatus": "CREATE_FAILED",
                    "ResourceStatusReason": "no such luck",
                    "Timestamp": datetime.now(UTC),
                }
            ]
        }

    def _find(self, name: str) -> None:
        if not self._created or name != "the-id":
            message = f"Stack with id {name} does not exist"
            raise client_error("ValidationError", message)


def test_failed_new_stack_reports_the_reason() -> None:
    expected = r"example: Table: CREATE_FAILED \(no such luck\)"
    with pytest.raises(DeploymentFailed, match=expected):
        Stack(as_client(Deleted()), "example", lambda _: None).deploy("{}", {})


def test_to_be_refused_the_events_is_an_error() -> None:
    denied = client_error("AccessDenied")

    class Denied(FakeCloudFormation):
        def paginate(self, **_: Any) -> Iterator[dict[str, Any]]:
            raise denied

    with pytest.raises(ClientError) as failure:
        Stack(as_client(Denied("CREATE_COMPLETE")), "example", lambda _: None).deploy("{}", {})
    assert failure.value is denied


@pytest.mark.parametrize("delete_new", [False, True])
@pytest.mark.parametrize("status", ["", "REVIEW_IN_PROGRESS", "UPDATE_COMPLETE"])
def test_failure_may_delete_retained_resources(status: str, delete_new: bool) -> None:
    """Never by default: the deployer must not delete a table, and a refusal would stop a stack."""
    formation = Formation()
    formation.changes["example"] = [[change("Add", "Topic", "AWS::SNS::Topic")]]
    if status:
        formation.status["example"] = status
    Stack(as_client(formation), "example", lambda _: None, delete_new=delete_new).deploy("{}", {})
    calls = ("create_stack", "execute_change_set", "update_stack")
    [request] = [each for name in calls for each in formation.requests(name)]
    assert request["RetainExceptOnCreate"] is delete_new
