"""The alarms of monitoring.yaml: their metrics, recipients, and missing data."""

import json
import re
from types import SimpleNamespace
from typing import Any, cast

import pytest
from chalice.app import Request, Response

from chalicelib import observability, table
from chalicelib.breaker import State
from chalicelib.dynamodb.failures import DynamoDBError
from infra.stacks.deployment import template
from tests.infra.templates.naming import named
from tools.templates import load, on_aws

TEMPLATE = named(load("monitoring.yaml"))
RESOURCES = TEMPLATE["Resources"]
ALARMS: dict[str, dict[str, Any]] = {
    name: resource["Properties"]
    for name, resource in RESOURCES.items()
    if resource["Type"] == "AWS::CloudWatch::Alarm"
}
COMPOSITES: dict[str, dict[str, Any]] = {
    name: resource["Properties"]
    for name, resource in RESOURCES.items()
    if resource["Type"] == "AWS::CloudWatch::CompositeAlarm"
}
# The windows of an objective, which a composite alarm looks at together.
WINDOWS = {
    name
    for composite in COMPOSITES.values()
    for name in re.findall(r"\$\{(\w+)\}", composite["AlarmRule"]["Fn::Sub"])
}
TOPIC = [{"Ref": "Topic"}]

_TABLE = {"TableName"}
_INDEX = {"TableName", "GlobalSecondaryIndexName"}
_OPERATION = {"TableName", "Operation"}
_GATEWAY = [{"ApiName"}]
_FUNCTION = [{"FunctionName"}]
_OURS = [{"function"}]
_WAF = [{"WebACL", "Region", "Rule"}]

#: The existing metrics and their dimensions, from the services' documentation, and for the
#: application's metrics from `chalicelib/observability.py`. Other names would never have data.
KNOWN: dict[str, dict[str, list[set[str]]]] = {
    "AWS/ApiGateway": dict.fromkeys(
        ("5XXError", "4XXError", "Count", "Latency", "IntegrationLatency"), _GATEWAY
    ),
    "AWS/Lambda": dict.fromkeys(
        ("Errors", "Throttles", "Duration", "Invocations", "ConcurrentExecutions"), _FUNCTION
    ),
    "AWS/DynamoDB": {
        "ReadThrottleEvents": [_TABLE, _INDEX],
        "WriteThrottleEvents": [_TABLE, _INDEX],
        "ConsumedReadCapacityUnits": [_TABLE, _INDEX],
        "ConsumedWriteCapacityUnits": [_TABLE, _INDEX],
        "ProvisionedReadCapacityUnits": [_TABLE, _INDEX],
        "ProvisionedWriteCapacityUnits": [_TABLE, _INDEX],
        "SystemErrors": [_OPERATION],
        "SuccessfulRequestLatency": [_OPERATION],
    },
    "AWS/Logs": {"IncomingBytes": [{"LogGroupName"}]},
    "AWS/WAFV2": {"BlockedRequests": _WAF},
    "AWS/CloudFront": {"5xxErrorRate": [{"DistributionId", "Region"}]},
    observability.SERVICE: {
        **dict.fromkeys(
            ("Faults", "CircuitOpened", "RetryBudgetExhausted", "RefusedEvents", "SdkTookOver"),
            _OURS,
        ),
        "Throttled": [{"function"}],
    },
}


def metrics(alarm: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return an alarm's metrics by their id in the expression. A plain alarm has one metric."""
    if "Metrics" not in alarm:
        return {"": alarm}
    return {
        each["Id"]: each["MetricStat"]["Metric"]
        for each in alarm["Metrics"]
        if "MetricStat" in each
    }


def expression(alarm: dict[str, Any]) -> str:
    """The one that the alarm compares with its threshold."""
    (found,) = [each["Expression"] for each in alarm["Metrics"] if each.get("ReturnData", True)]
    return str(found["Fn::Sub"] if isinstance(found, dict) else found)


@pytest.mark.parametrize("name", ALARMS)
def test_it_watches_what_there_is(name: str) -> None:
    for metric in metrics(ALARMS[name]).values():
        dimensions = {each["Name"] for each in metric["Dimensions"]}
        assert dimensions in KNOWN[metric["Namespace"]][metric["MetricName"]]


@pytest.mark.parametrize("name", [name for name in ALARMS if "Metrics" in ALARMS[name]])
def test_expression_uses_each_metric_once(name: str) -> None:
    alarm = ALARMS[name]
    text = re.sub(r"\$\{\w+\}", "1", expression(alarm))
    assert set(re.findall(r"\b[a-z]\w*\b", text)) == set(metrics(alarm))
    periods = {each["MetricStat"]["Period"] for each in alarm["Metrics"] if "MetricStat" in each}
    assert len(periods) == 1
    # Without this condition the local cloud, which has no expressions, would refuse the stack.
    assert RESOURCES[name]["Condition"] == "Math"


@pytest.mark.parametrize("name", sorted(set(ALARMS) - WINDOWS) + sorted(COMPOSITES))
def test_its_beginning_and_its_end_are_told(name: str) -> None:
    alarm = RESOURCES[name]["Properties"]
    assert (alarm["AlarmActions"], alarm["OKActions"]) == (TOPIC, TOPIC)


@pytest.mark.parametrize("name", sorted(WINDOWS))
def test_window_alarm_is_silent_with_composite(name: str) -> None:
    alarm = on_aws(ALARMS[name], Composite=True)
    assert alarm.keys().isdisjoint({"AlarmActions", "OKActions"})
    alone = on_aws(ALARMS[name], Composite=False)
    told = (TOPIC, TOPIC) if name.endswith("Long") else (None, None)
    assert (alone.get("AlarmActions"), alone.get("OKActions")) == told


@pytest.mark.parametrize("name", ALARMS)
def test_silence_is_not_a_failure(name: str) -> None:
    alarm = ALARMS[name]
    assert alarm["TreatMissingData"] == "notBreaching"
    # But alarms on these metrics ignore the setting for missing data.
    for id, metric in metrics(alarm).items():
        if metric["Namespace"] == "AWS/DynamoDB":
            assert f"FILL({id}, 0)" in expression(alarm)


def test_index_and_operations_are_watched() -> None:
    def values(name: str, dimension: str) -> list[Any]:
        return [
            each["Value"]
            for metric in metrics(ALARMS[name]).values()
            for each in metric["Dimensions"]
            if each["Name"] == dimension
        ]

    assert values("TableThrottles", "GlobalSecondaryIndexName") == [{"Ref": "IndexName"}] * 2
    assert TEMPLATE["Parameters"]["IndexName"]["Default"] == table.INDEX
    assert values("TableErrors", "Operation") == ["GetItem", "UpdateItem", "DeleteItem", "Query"]


def test_alarm_metrics_are_written_by_the_app(capsys: pytest.CaptureFixture[str]) -> None:
    function = SimpleNamespace(function_name="items-prod", function_version="7")
    request = SimpleNamespace(
        method="GET", path="/items", headers={}, context={"requestId": "1"}, lambda_context=function
    )
    failure = Response("", status_code=503)
    observability.observe(cast(Request, request), lambda _: failure)
    observability.log_circuit_change("reads", State.OPEN)
    observability.log_exhausted_budget()
    observability.log_refused_event("refused", "1")
    observability.log_sdk_takeover(DynamoDBError("wrong signature"))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    written = {
        (directive["Namespace"], metric["Name"], frozenset(dimensions))
        for line in lines
        for directive in line["_aws"]["CloudWatchMetrics"]
        for metric in directive["Metrics"]
        for dimensions in directive["Dimensions"]
    }
    assert written
    watched = {
        (metric["Namespace"], metric["MetricName"], frozenset(d["Name"] for d in dimensions))
        for alarm in ALARMS.values()
        for metric in metrics(alarm).values()
        if metric["Namespace"] == observability.SERVICE
        for dimensions in [metric["Dimensions"]]
    }
    filters = [
        transformation
        for resource in named(load("api.yaml"))["Resources"].values()
        if resource.get("Type") == "AWS::Logs::MetricFilter"
        for transformation in resource["Properties"]["MetricTransformations"]
    ]
    counted = {
        (
            each["MetricNamespace"],
            each["MetricName"],
            frozenset(dimension["Key"] for dimension in each["Dimensions"]),
        )
        for each in filters
    }
    assert counted
    assert watched <= written | counted
    # Otherwise the metrics of an account's stages would add up.
    assert all("function" in dimensions for *_, dimensions in written | counted)


def test_a_web_acl_is_watched_where_there_is_one() -> None:
    assert RESOURCES["FirewallBlocks"]["Condition"] == "Firewall"
    dimensions = {each["Name"]: each["Value"] for each in ALARMS["FirewallBlocks"]["Dimensions"]}
    assert dimensions["Rule"] == "ALL"
    # Needed for services other than CloudFront.
    assert dimensions["Region"] == {"Ref": "AWS::Region"}


def test_alarms_may_be_sent_and_only_over_tls() -> None:
    allow, deny = RESOURCES["TopicPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert (allow["Effect"], allow["Action"]) == ("Allow", "sns:Publish")
    assert allow["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    account = {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert allow["Condition"] == {"StringEquals": account}
    assert (deny["Effect"], deny["Principal"]) == ("Deny", "*")
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_budget_warns_of_actual_and_forecast() -> None:
    budget = RESOURCES["Budget"]["Properties"]
    assert RESOURCES["Budget"]["Condition"] == "Budgeted"
    assert budget["Budget"]["TimeUnit"] == "MONTHLY"
    assert budget["Budget"]["BudgetLimit"] == {"Amount": {"Ref": "MonthlyBudgetUsd"}, "Unit": "USD"}
    warnings = budget["NotificationsWithSubscribers"]
    kinds = {each["Notification"]["NotificationType"]: each for each in warnings}
    assert set(kinds) == {"ACTUAL", "FORECASTED"}
    for each in warnings:
        assert each["Subscribers"][0]["Address"] == {"Ref": "BudgetEmail"}
    (rule,) = TEMPLATE["Rules"].values()
    assert rule["RuleCondition"] == TEMPLATE["Conditions"]["Budgeted"]
    (assertion,) = rule["Assertions"]
    missing = [{"Fn::Not": [{"Fn::Equals": [{"Ref": "BudgetEmail"}, no]}]} for no in ("", "none")]
    assert assertion["Assert"] == {"Fn::And": missing}


def test_required_parameters_follow_the_stage() -> None:
    parameters = TEMPLATE["Parameters"]
    needed = {name for name, parameter in parameters.items() if "Default" not in parameter}
    assert needed == {"AppName", "FunctionName", "ApiName", "TableName"}
    assert all(parameter["Description"].endswith(".") for parameter in parameters.values())


def test_paid_and_mail_options_are_off() -> None:
    defaults = {name: each.get("Default") for name, each in TEMPLATE["Parameters"].items()}
    assert defaults["MonthlyBudgetUsd"] == 0
    assert (defaults["AlarmEmail"], defaults["BudgetEmail"], defaults["WebAclName"]) == ("", "", "")
    assert (defaults["CompositeAlarms"], defaults["MetricMath"]) == ("true", "true")


def test_template_size_is_within_the_limit() -> None:
    assert len(template("monitoring").encode()) <= 51_200
