"""Which alarms go off as requests come near a limit, by the alarms' own expressions."""

from typing import Any

import pytest

from chalicelib.config import app_name
from chalicelib.observability import SERVICE
from infra.stacks.deployment import Stacks
from infra.stacks.monitoring import warnings
from infra.stage import Stage
from tests.clients import as_client
from tests.infra.cloudformation.formation import Formation
from tests.infra.templates.test_monitoring import ALARMS, TEMPLATE, expression, metrics
from tools.templates import load

Figures = dict[tuple[str, str], float]


def period(alarm: dict[str, Any]) -> int:
    (found,) = {each["MetricStat"]["Period"] for each in alarm["Metrics"] if "MetricStat" in each}
    return int(found)


def ringing(a_second: Figures) -> set[str]:
    """Return the alarms on expressions that breach with these sums a second, 0 for others."""
    found = set()
    for name, alarm in ALARMS.items():
        if "Metrics" not in alarm:
            continue
        seconds = period(alarm)
        values: dict[str, float] = {}
        for id, metric in metrics(alarm).items():
            figure = a_second.get((metric["Namespace"], metric["MetricName"]), 0.0)
            # How many run at a time is no sum.
            values[id] = figure * (1 if metric["MetricName"] == "ConcurrentExecutions" else seconds)
        text = expression(alarm)
        for parameter, declared in TEMPLATE["Parameters"].items():
            text = text.replace(f"${{{parameter}}}", str(declared.get("Default")))
        functions = {
            "IF": lambda condition, then, otherwise: then if condition else otherwise,
            "FILL": lambda value, _: value,
            "PERIOD": lambda _, seconds=seconds: seconds,
        }
        if "p" in values:  # the share that was quick
            values["p"] = 100.0
        try:
            value = eval(text, {"__builtins__": {}}, {**functions, **values})  # noqa: S307 - our own
        except ZeroDivisionError:  # without requests there is no data
            continue
        breaches = {
            "GreaterThanThreshold": value > alarm["Threshold"],
            "GreaterThanOrEqualToThreshold": value >= alarm["Threshold"],
            "LessThanThreshold": value < alarm["Threshold"],
        }
        if breaches[alarm["ComparisonOperator"]]:
            found.add(name)
    return found


def refused(share: float, requests: float = 10.0) -> Figures:
    """Return the figures while the gateway throttles a share of the requests a second."""
    return {
        ("AWS/ApiGateway", "Count"): requests,
        ("AWS/ApiGateway", "4XXError"): share * requests,
        (SERVICE, "Throttled"): share * requests,
    }


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        (refused(0), set()),
        (refused(0.01), set()),
        (refused(1 / 3, 0.02), set()),  # two requests in five minutes
        (refused(0.06), {"GatewayThrottles"}),
        (refused(1 / 3), {"GatewayThrottles"}),
        (refused(0.6), {"GatewayThrottles", "Gateway4xx"}),
    ],
)
def test_throttled_requests_ring(figures: Figures, expected: set[str]) -> None:
    assert ringing(figures) == expected


def served(rate: float, seconds: float) -> Figures:
    return {
        ("AWS/ApiGateway", "Count"): rate,
        ("AWS/Lambda", "Invocations"): rate,
        ("AWS/Lambda", "ConcurrentExecutions"): rate * seconds,
    }


@pytest.mark.parametrize(
    ("rate", "seconds", "expected"),
    [
        (7000, 0.03, set()),
        (9000, 0.03, {"FunctionRate"}),
        (900, 1.0, {"FunctionConcurrency"}),
        (9000, 0.1, {"FunctionRate", "FunctionConcurrency"}),
    ],
)
def test_lambdas_two_limits_ring(rate: float, seconds: float, expected: set[str]) -> None:
    """1,000 at a time, and 10,000 a second: the second binds first below 100 ms."""
    assert ringing(served(rate, seconds)) == expected


def test_one_token_cannot_use_up_everybodys_limit() -> None:
    parameters = load("api.yaml")["Parameters"]
    rules = load("api.yaml")["Resources"]["WebAcl"]["Properties"]["Rules"]
    (rule,) = [each for each in rules if each.get("Name") == "requests-per-token"]
    statement = rule["Statement"]["RateBasedStatement"]
    (key,) = statement["CustomKeys"]
    assert key["Header"]["Name"] == "authorization"
    # Text transformations would make one key of two tokens.
    assert [each["Type"] for each in key["Header"]["TextTransformations"]] == ["NONE"]
    a_second = parameters["RequestsPerToken"]["Default"] / statement["EvaluationWindowSec"]
    assert a_second <= parameters["WritesPerSecond"]["Default"] / 5


@pytest.mark.parametrize(
    ("given", "warned"),
    [
        ({}, ["AlarmEmail", "BudgetEmail"]),
        ({"AlarmEmail": "", "BudgetEmail": ""}, ["AlarmEmail", "BudgetEmail"]),
        ({"AlarmEmail": "a@example.com"}, ["BudgetEmail"]),
        ({"AlarmEmail": "none", "BudgetEmail": "none"}, []),
    ],
)
def test_release_warns_until_mail_is_decided(
    given: dict[str, str], warned: list[str], stage: Stage
) -> None:
    formation = Formation()
    formation.outputs = {
        f"{app_name()}-prod-data": {"TableName": "t"},
        f"{app_name()}-prod-api": {"RestAPIId": "abc"},
        f"{app_name()}-prod-monitoring": {"TopicArn": "arn:topic"},
    }
    formation.parameters = {f"{app_name()}-prod-monitoring": given}
    said: list[str] = []
    Stacks(stage, as_client(lambda *_: formation), said.append).monitoring({})
    found = [line for line in said if line.startswith("warning: ")]
    assert found == warnings(stage, given)
    assert len(found) == len(warned)
    for line, name in zip(found, warned, strict=True):
        assert f"{name}=none" in line
