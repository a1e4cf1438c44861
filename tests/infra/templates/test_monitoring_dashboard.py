"""The dashboard of infra/templates/monitoring.yaml: it parses, and shows existing metrics."""

import json
import re
from typing import Any

import pytest

from infra.stacks import monitoring
from infra.stage import Stage
from tests.infra.conftest import configured
from tests.infra.templates.test_monitoring import ALARMS, KNOWN, RESOURCES, TEMPLATE
from tools.prices import usd
from tools.templates import on_aws

QUESTIONS = ["up", "fast", "cost", "run out"]
NUMBERS = {"LatencyTargetMs", "ConcurrencyLimit", "DurationAlarmMs", "MemoryMb", "GbSecondUsd"}
ALL = {"Math": True, "Site": True, "Firewall": True}


def body(**chosen: bool) -> dict[str, Any]:
    """The dashboard as CloudWatch gets it."""
    template, variables = RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    for name, value in on_aws(variables, **chosen).items():
        text = value["Fn::Sub"] if isinstance(value, dict) else value
        template = template.replace(f"${{{name}}}", text)
    known = {*TEMPLATE["Parameters"], "AWS::Region"}
    for name in re.findall(r"\$\{([\w:.]+)\}", template):
        alarm = name.removesuffix(".Arn")
        assert name in known or alarm in ALARMS, name
        template = template.replace(f"${{{name}}}", "5" if name in NUMBERS else name)
    found: dict[str, Any] = json.loads(template)
    return found


def graphs(**chosen: bool) -> list[dict[str, Any]]:
    widgets = body(**chosen)["widgets"]
    return [each["properties"] for each in widgets if each["type"] == "metric"]


def shown(graph: dict[str, Any]) -> list[tuple[str, str, frozenset[str], dict[str, Any]]]:
    """A graph's metrics: namespace, name, dimensions, options. "." is the one above's."""
    found = []
    above: list[str] = []
    for row in graph["metrics"]:
        options = row[-1] if isinstance(row[-1], dict) else {}
        if "expression" in options:
            continue
        parts = [part for part in row if isinstance(part, str)]
        if parts[:1] == ["..."]:
            parts = above[: len(above) - len(parts[1:])] + parts[1:]
        parts = [above[at] if part == "." else part for at, part in enumerate(parts)]
        above = parts
        found.append((parts[0], parts[1], frozenset(parts[2::2]), options))
    return found


CHOICES = [{}, ALL, {"Site": True}, {"Firewall": True}, {"Provisioned": True}]


@pytest.mark.parametrize("chosen", CHOICES, ids=str)
def test_it_shows_what_there_is(chosen: dict[str, bool]) -> None:
    metrics = [metric for graph in graphs(**chosen) for metric in shown(graph)]
    assert len(metrics) > 40
    for namespace, name, dimensions, _ in metrics:
        assert dimensions in KNOWN[namespace][name], (namespace, name)
    namespaces = {namespace for namespace, *_ in metrics}
    assert ("AWS/CloudFront" in namespaces) is chosen.get("Site", False)
    assert ("AWS/WAFV2" in namespaces) is chosen.get("Firewall", False)


BOTH = [*graphs(**ALL), *graphs(Provisioned=True)]


@pytest.mark.parametrize("graph", BOTH, ids=lambda graph: graph["title"])
def test_its_expressions_use_what_is_fetched(graph: dict[str, Any]) -> None:
    options = [row[-1] for row in graph["metrics"] if isinstance(row[-1], dict)]
    expressions = " ".join(each.get("expression", "") for each in options)
    fetched = {each["id"] for each in options if "id" in each}
    assert set(re.findall(r"\b[a-z]\w*\b", expressions)) == fetched
    assert graph["region"]


def test_it_answers_the_questions_in_this_order() -> None:
    widgets = body()["widgets"]
    titles = [each["properties"]["markdown"] for each in widgets if each["type"] == "text"]
    assert len(titles) == len(QUESTIONS)
    for title, question in zip(titles, QUESTIONS, strict=True):
        assert title.startswith("## ")
        assert question in title
    assert "estimate" in titles[2]


def test_its_rows_are_full() -> None:
    # CloudWatch puts widgets without a place beside each other until a row of 24 is full.
    width = 0
    for widget in body()["widgets"]:
        width = (width + widget["width"]) % 24
        if widget["type"] == "text":
            assert width == 0
    assert width == 0


def test_it_lists_every_alarm_that_tells_somebody() -> None:
    def listed(**chosen: bool) -> set[str]:
        (widget,) = [each for each in body(**chosen)["widgets"] if each["type"] == "alarm"]
        return {arn.removesuffix(".Arn") for arn in widget["properties"]["alarms"]}

    telling = {
        name
        for name, alarm in ALARMS.items()
        if "AlarmActions" in on_aws(alarm) and RESOURCES[name].get("Condition") != "Firewall"
    }
    assert listed(Math=True) == telling
    assert listed() == {name for name in telling if "Condition" not in RESOURCES[name]}


def test_dashboard_has_percentiles_and_limits() -> None:
    by_title = {graph["title"]: graph for graph in graphs()}
    latency = shown(by_title["At the gateway"])
    assert [options["stat"] for *_, options in latency] == ["p50", "p95", "p99"]
    lines = {
        line["value"]
        for graph in by_title.values()
        for line in graph.get("annotations", {}).get("horizontal", [])
    }
    assert {14.4, 6} <= lines
    for title in ("At the gateway", "Concurrency", "Time: the longest request (ms)"):
        assert by_title[title]["annotations"]["horizontal"][0]["value"] == 5


def estimate(units: dict[str, float], **chosen: bool) -> dict[str, float]:
    """Return the dashboard's estimate for a day in USD by its label, with 5 MB and a price of 5."""
    (graph,) = [each for each in graphs(**chosen) if each["title"] == "Estimated"]
    found = {}
    for row, *_ in graph["metrics"]:
        if isinstance(row, dict):
            names = dict.fromkeys(re.findall(r"\b[a-z]+\b", row["expression"]), 0.0) | units
            functions = {"FILL": lambda value, _: value}
            globals_ = {"__builtins__": {}, **functions}
            found[row["label"]] = eval(row["expression"], globals_, names)  # noqa: S307 - our own
    return found


def is_current(is_provisioned: bool) -> bool:
    """Return whether the estimate has the prices of the file."""
    units = dict.fromkeys(("n", "i", "rt", "ri", "wt", "wi", "l"), 1e6) | {"d": 0.0}
    found = estimate(units, Provisioned=is_provisioned)
    reads, writes = (
        ("dynamodb_read_unit_hour", "dynamodb_write_unit_hour")
        if is_provisioned
        else ("dynamodb_million_reads", "dynamodb_million_writes")
    )
    # Of the table and of its index: a million of each, or a million units for a day.
    times = 2 * (24e6 if is_provisioned else 1)
    expected = {
        "API Gateway": usd("api_gateway_million_requests"),
        "Lambda": usd("lambda_million_requests"),
        "DynamoDB": times * (usd(reads) + usd(writes)),
        "Logs": usd("logs_gb") / 1000,
    }
    return found == pytest.approx(expected)


@pytest.mark.parametrize("is_provisioned", [False, True])
def test_estimate_has_the_prices_of_the_file(is_provisioned: bool) -> None:
    assert is_current(is_provisioned)


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_estimate_uses_the_architecture(architecture: str, stage: Stage) -> None:
    chosen = configured(stage, {"lambda_architecture": architecture})
    given = monitoring.parameters(chosen, {"TableName": "t", "TableBilling": "x"}, {"a": "b"}, {})
    assert float(given["GbSecondUsd"]) == usd(f"lambda_gb_second_{architecture}")
    assert given["TableBilling"] == "x"
    assert "${GbSecondUsd}" in RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"][0]
