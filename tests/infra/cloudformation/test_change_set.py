"""A change set is shown, and then deleted completely.

tests/e2e/test_release.py has the rest, with change sets that the local cloud makes.
"""

import pytest

from infra.cloudformation import change_set
from infra.cloudformation.change_set import Change, Request
from infra.cloudformation.stack import Stack
from infra.errors import DeploymentFailed, Misconfigured
from tests.clients import as_client
from tests.infra.cloudformation.formation import Formation, change

STACK = "items-prod-api"
REQUEST: Request = {"StackName": STACK, "TemplateBody": "{}", "Capabilities": [], "Parameters": []}


def shown(formation: Formation, new: bool = False) -> list[Change]:
    return change_set.changes(as_client(formation), REQUEST, new, lambda _: None)


def test_each_change_is_named_with_what_it_means() -> None:
    formation = Formation()
    formation.outputs[STACK] = {}
    formation.changes[STACK] = [
        [
            change(
                "Modify",
                "APIHandler",
                "AWS::Lambda::Function",
                Replacement="False",
                Details=[
                    {"Target": {"Attribute": "Properties", "Name": "MemorySize"}},
                    {"Target": {"Attribute": "Properties", "Name": "Code"}},
                    {"Target": {"Attribute": "Properties", "Name": "Code"}},
                    {"Target": {"Attribute": "Tags"}},
                ],
            ),
            change(
                "Modify",
                "Table",
                "AWS::DynamoDB::Table",
                Replacement="True",
                PolicyAction="ReplaceAndRetain",
            ),
        ],
        [
            change("Modify", "Stage", "AWS::ApiGateway::Stage", Replacement="Conditional"),
            change("Add", "Version", "AWS::Lambda::Version"),
            change("Remove", "Alarm", "AWS::CloudWatch::Alarm", PolicyAction="Delete"),
            change("Remove", "Version1", "AWS::Lambda::Version", PolicyAction="Retain"),
        ],
    ]
    assert [str(each) for each in shown(formation)] == [
        "modify  APIHandler (AWS::Lambda::Function) stays: Code, MemorySize, Tags",
        "modify  Table (AWS::DynamoDB::Table) is replaced, the old resource is retained",
        "modify  Stage (AWS::ApiGateway::Stage) may be replaced",
        "add     Version (AWS::Lambda::Version)",
        "remove  Alarm (AWS::CloudWatch::Alarm)",
        "remove  Version1 (AWS::Lambda::Version), the old resource is retained",
    ]
    assert formation.writes() == ["create_change_set", "delete_change_set"]
    (asked,) = formation.requests("create_change_set")
    assert asked["ChangeSetType"] == "UPDATE"
    assert {key: asked[key] for key in REQUEST} == REQUEST
    # A policy names stacks, and knows a change set by its own only.
    for name in ("describe_change_set", "delete_change_set"):
        (request,) = formation.requests(name)
        assert request == {"StackName": STACK, "ChangeSetName": f"change-set-of-{STACK}"}


@pytest.mark.parametrize(
    "reason",
    [
        "The submitted information didn't contain changes. Submit different information.",
        "No updates are to be performed.",
    ],
)
def test_no_changes_are_no_failure(reason: str) -> None:
    formation = Formation()
    formation.changes[STACK] = reason
    assert shown(formation) == []
    assert formation.writes() == ["create_change_set", "delete_change_set"]


def test_it_waits_until_the_change_set_is_made() -> None:
    formation = Formation()
    formation.pending = 2
    formation.changes[STACK] = [[change("Add", "A", "AWS::SNS::Topic")]]
    assert [each.logical_id for each in shown(formation)] == ["A"]
    assert formation.pending == 0


@pytest.mark.parametrize("new", [True, False])
def test_failed_change_set_reports_and_cleans_up(new: bool) -> None:
    formation = Formation()
    formation.changes[STACK] = "Parameter Canary must be one of AllAtOnce"
    with pytest.raises(DeploymentFailed, match=f"{STACK}: Parameter Canary must be"):
        shown(formation, new)
    gone = ["delete_stack"] if new else []
    assert formation.writes() == ["create_change_set", "delete_change_set", *gone]


def test_of_a_new_stack_nothing_stays() -> None:
    formation = Formation()
    formation.changes[STACK] = [[change("Add", "A", "AWS::SNS::Topic")]]
    assert shown(formation, new=True) == [Change("Add", "A", "AWS::SNS::Topic")]
    assert formation.writes() == ["create_change_set", "delete_change_set", "delete_stack"]
    assert formation.requests("create_change_set")[0]["ChangeSetType"] == "CREATE"
    assert STACK not in formation.status


def test_who_may_not_delete_is_told_what_stays() -> None:
    formation = Formation()
    formation.may_delete = False
    formation.changes[STACK] = [[change("Add", "A", "AWS::SNS::Topic")]]
    said: list[str] = []
    assert change_set.changes(as_client(formation), REQUEST, True, said.append)
    assert said == [f"{STACK}: this empty stack remains, because you have no right to delete it"]
    assert not Stack(as_client(formation), STACK).exists()


def test_a_release_fills_what_stayed() -> None:
    formation = Formation()
    formation.status[STACK] = "REVIEW_IN_PROGRESS"
    formation.changes[STACK] = [[change("Add", "A", "AWS::SNS::Topic")]]
    stack = Stack(as_client(formation), STACK, lambda _: None)
    with pytest.raises(Misconfigured, match="no stack"):
        stack.outputs()
    assert stack.deploy("{}", {}) == {}
    assert formation.writes() == ["create_change_set", "execute_change_set"]
    assert stack.exists()
