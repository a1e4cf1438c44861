"""The evaluation of policies, on which all other tests here stand."""

from typing import Any

import pytest

from tests.infra.permissions.iam import allows

ARN = "arn:aws:sns:eu-west-1:123456789012:items-prod-topic"


def policy(**members: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": ["sns:Publish"], "Resource": [ARN], **members}
    return {"Statement": [statement]}


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (ARN, True),
        ("arn:aws:sns:*:*:items-*", True),
        ("arn:aws:sns:*:*:items-???d-topic", True),
        ("*", True),
        ("arn:aws:sns:*:*:items", False),
        ("arn:aws:sns:*:*:[i]tems-*", False),
    ],
)
def test_resource_matches_by_iams_wildcards(resource: str, expected: bool) -> None:
    assert allows(policy(Resource=[resource]), "sns:Publish", ARN) is expected


def test_pattern_does_not_allow_everything() -> None:
    """Where AWS asks for `*`, an ARN with wildcards is not enough."""
    assert not allows(policy(Resource=["arn:aws:sns:*:*:*"]), "sns:Publish", "*")
    assert not allows(policy(), "sns:Subscribe", ARN)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"a:Name": "items"}}, True),
        ({"StringEquals": {"a:Name": ["other", "items"]}}, True),
        ({"StringEquals": {"a:Name": "item*"}}, False),
        ({"StringLike": {"a:Name": "item*"}}, True),
        ({"ArnLike": {"a:Name": "item*"}}, True),
        ({"StringEquals": {"a:Name": "items", "a:Other": "x"}}, False),
        ({"StringEquals": {"a:Name": "items"}, "StringLike": {"a:Name": "x*"}}, False),
        ({"StringLike": {"a:Missing": "*"}}, False),
    ],
)
def test_condition_holds_for_all_its_keys(condition: dict[str, Any], expected: bool) -> None:
    assert allows(policy(Condition=condition), "sns:Publish", ARN, {"a:Name": "items"}) is expected


def test_unknown_operator_is_an_error() -> None:
    with pytest.raises(ValueError, match="NumericEquals"):
        allows(policy(Condition={"NumericEquals": {"a:N": "1"}}), "sns:Publish", ARN, {"a:N": "1"})
