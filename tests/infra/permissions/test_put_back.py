"""Faults that the policies once had: each, put back, is seen."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.infra.permissions.arns import ACCOUNT
from tests.infra.permissions.check import Policies, Scenes, missing, policies
from tests.infra.permissions.scene import REGION


def put_back(policy: Policies, action: str, change: Callable[[dict[str, Any]], None]) -> Policies:
    """The policy with a change in those of its statements that allow the action."""
    copy: dict[str, Any] = json.loads(json.dumps(policy))
    changed = [each for each in copy["Statement"] if action in each["Action"]]
    assert changed
    for each in changed:
        change(each)
    return copy


def _default_role(statement: dict[str, Any]) -> None:
    statement["Resource"] = [
        each.replace("ApiHandlerRole", "api-DefaultRole") for each in statement["Resource"]
    ]


def _named_alarms(statement: dict[str, Any]) -> None:
    statement["Resource"] = [f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:*"]


def _without_the_gateway(statement: dict[str, Any]) -> None:
    statement["Condition"]["StringEquals"]["iam:AWSServiceName"].remove(
        "ops.apigateway.amazonaws.com"
    )


def _by_stack(statement: dict[str, Any]) -> None:
    statement["Resource"] = [
        each.replace("-*-CodeDeploy", "-*-api-CodeDeploy") for each in statement["Resource"]
    ]


@pytest.mark.parametrize(
    ("action", "change", "seen"),
    [
        ("iam:PassRole", _default_role, "(AWS::Lambda::Function): iam:PassRole on"),
        (
            "cloudwatch:PutCompositeAlarm",
            _named_alarms,
            "(AWS::CloudWatch::CompositeAlarm): cloudwatch:PutCompositeAlarm on *",
        ),
        (
            "cloudwatch:DescribeAlarms",
            _named_alarms,
            "(AWS::CloudWatch::CompositeAlarm): cloudwatch:DescribeAlarms on *",
        ),
        (
            "iam:CreateServiceLinkedRole",
            _without_the_gateway,
            "(AWS::ApiGateway::Stage): iam:CreateServiceLinkedRole on",
        ),
        ("iam:CreateRole", _by_stack, "CodeDeployServiceRole (AWS::IAM::Role): iam:CreateRole on"),
    ],
)
def test_fault_that_is_put_back_is_seen(
    action: str, change: Callable[[dict[str, Any]], None], seen: str, scene: Scenes
) -> None:
    found = scene("customer-orders", "production")
    faulty = put_back(policies(found), action, change)
    assert [each for each in missing(found, faulty) if seen in each]
