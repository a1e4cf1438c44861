"""Stack against the local cloud's CloudFormation."""

import json

import pytest

from infra.cloudformation.stack import Stack
from infra.errors import DeploymentFailed, Misconfigured
from local.cloud import Cloud


def template(*queues: str, **more: object) -> str:
    return json.dumps(
        {
            "Parameters": {"Colour": {"Type": "String"}},
            "Resources": {**{name: {"Type": "AWS::SQS::Queue"} for name in queues}, **more},
            "Outputs": {"Colour": {"Value": {"Ref": "Colour"}}},
        }
    )


def test_creates_updates_and_leaves_alone(cloud: Cloud) -> None:
    reported: list[str] = []
    stack = Stack(cloud.client("cloudformation"), "example", reported.append)

    assert stack.deploy(template("A"), {"Colour": "red"}) == {"Colour": "red"}
    assert "example: A: CREATE_COMPLETE" in reported

    reported.clear()
    assert stack.deploy(template("A", "B"), {"Colour": "blue"}) == {"Colour": "blue"}
    assert "example: example: UPDATE_COMPLETE" in reported
    # Only new events are reported.
    assert "example: A: CREATE_COMPLETE" not in reported

    reported.clear()
    assert stack.deploy(template("A", "B"), {"Colour": "blue"}) == {"Colour": "blue"}
    assert reported == ["example: no changes"]


def test_omitted_parameter_keeps_its_value(cloud: Cloud) -> None:
    stack = Stack(cloud.client("cloudformation"), "keeping", lambda _: None)
    defaults = json.loads(template("A"))
    defaults["Parameters"] = {
        name: {"Type": "String", "Default": "red"} for name in ("Colour", "Old")
    }
    assert stack.deploy(json.dumps(defaults), {"Colour": "blue"}) == {"Colour": "blue"}
    # Also where the new template no longer has another one.
    del defaults["Parameters"]["Old"]
    defaults["Resources"]["B"] = {"Type": "AWS::SQS::Queue"}
    assert stack.deploy(json.dumps(defaults), {}) == {"Colour": "blue"}


def test_failure_names_resource_and_reason(cloud: Cloud) -> None:
    stack = Stack(cloud.client("cloudformation"), "failing", lambda _: None)
    wrong = {"Type": "AWS::Cognito::UserPoolClient", "Properties": {"UserPoolId": "absent"}}
    with pytest.raises(DeploymentFailed, match=r"failing: Wrong: CREATE_FAILED \(.+absent.+\)"):
        stack.deploy(template("A", Wrong=wrong), {"Colour": "red"})
    with pytest.raises(DeploymentFailed, match=r"failing: .*Nothing"):
        stack.deploy(template("A", Wrong={"Type": "AWS::Nothing::OfTheKind"}), {"Colour": "red"})
    # The next attempt is not blocked.
    assert stack.deploy(template("A"), {"Colour": "red"}) == {"Colour": "red"}


def test_the_outputs_of_no_stack(cloud: Cloud) -> None:
    with pytest.raises(Misconfigured, match="no stack absent"):
        Stack(cloud.client("cloudformation"), "absent").outputs()
