"""`ops cost` on responses in AWS's form: bill, metrics, levers, and missing data."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.integration.ops import money
from tests.integration.ops.conftest import NOW, write_config
from tests.integration.ops.money import (
    BILL,
    THOUSAND_USERS,
    assert_documented,
    billed,
    blocks,
    figures,
    responses,
    run,
)
from tests.integration.ops.remedies import assert_usable
from tests.integration.ops.responses import Responses, denied, failure
from tools import prices
from tools.project import PROJECT


def month(**changes: Any) -> Responses:
    return responses(THOUSAND_USERS, hourly=True, **changes)


def line(lines: list[str], name: str) -> str:
    """Return the finding's line, from its value on."""
    (matching,) = [text for text in lines if text[9:].startswith(f"{name}: ")]
    return matching.partition(": ")[2]


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the lines for a stage with README's thousand users."""
    project = tmp_path_factory.mktemp("project")
    write_config(project)
    all_minutes = figures(THOUSAND_USERS, minutes=14 * 24 * 60, hourly=True)
    status, lines = run(project, month(GetMetricData=all_minutes), "cost")
    assert status == 0
    return lines


def test_stage_as_in_the_readme_is_healthy(healthy: list[str]) -> None:
    lines = healthy
    assert list(blocks(lines, "BAD")) == list(blocks(lines, "UNKNOWN")) == []
    assert line(lines, "prices") == "list prices of us-east-1 as of 2026-11"
    assert line(lines, "the bill").startswith(
        "36.52 USD for 30 days until 2026-01-30, of the whole"
    )
    assert line(lines, "forecast") == "4.70 USD more until the month's end"


def test_metrics_cost_as_in_the_readme(healthy: list[str]) -> None:
    """README's column has 7.00 for the gateway, too, and 10.20 for the firewall."""
    metrics = line(healthy, "the stage's metrics")
    assert "last 30 days, 2.00 M requests; 3.76 USD a million for gateway and function" in metrics
    for part in ("API Gateway 7.00", "Cognito 15.00", "the API's firewall 10.20", "logs 1.40"):
        assert part in metrics
    # The stage has Chalice's defaults: x86_64 and 128 MB.
    assert "Lambda 0.53" in metrics


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("AmazonCloudWatch", "billed 5.65 USD, 5.62 from the stage's metrics"),
        ("Amazon API Gateway", "billed 6.90 USD, 6.90 from the stage's metrics"),
        # A million requests and 400,000 GB-seconds are free.
        ("AWS Lambda", "billed 0.21 USD, 0.20 from the stage's metrics"),
        ("Amazon Cognito", "billed 0.00 USD, 0.00 from the stage's metrics"),
        ("AWS WAF", "billed 10.06 USD, 10.06 from the stage's metrics"),
    ],
)
def test_bill_is_beside_the_estimate(service: str, expected: str, healthy: list[str]) -> None:
    assert line(healthy, service) == expected


def test_service_that_costs_far_more_is_bad(project: Path) -> None:
    bill = billed({**BILL, "AmazonCloudWatch": 40.0})
    status, lines = run(project, month(GetCostAndUsage=bill), "cost")
    assert status == 1
    assert list(blocks(lines, "BAD")) == ["AmazonCloudWatch"]
    assert "billed 40.00 USD" in lines[1]
    assert "--group-by Type=DIMENSION,Key=USAGE_TYPE" in lines[2]
    assert '"Values":["AmazonCloudWatch"]' in lines[2]


def test_levers_are_sorted_by_their_saving(healthy: list[str]) -> None:
    lines = healthy
    assert list(blocks(lines, "note")) == ["an HTTP API"]
    assert line(lines, "an HTTP API").startswith("saves 5.00 USD a month")
    assert line(lines, "containers").startswith("not now: 45.")
    assert line(lines, "DAX").startswith("not now: it does not cache")


def test_flat_writes_are_simulated_per_second(project: Path) -> None:
    """50 writes a second for 14 days: 3,000 in a minute are 72 units, of table and of index."""
    flat = {"Count": 180_000, "ConsumedWriteCapacityUnits": 180_000}
    minutes = figures(flat, minutes=14 * 24 * 60, hourly=True)
    _, lines = run(project, responses({}, GetMetricData=minutes), "cost")
    provisioned = 730 * 2 * (72 * 0.00065 + 5 * 0.00013)
    on_demand = 2 * 50 * 3600 * 730 * 0.625 / 1e6
    assert line(lines, "provisioned capacity") == (
        f"saves {on_demand - provisioned:.2f} USD a month: simulated over 14 days: "
        f"{provisioned:.2f} USD provisioned, {on_demand:.2f} on demand, 0.00% throttled"
    )


def test_cloudfront_firewall_counts_if_deployed(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(money.OUTPUTS, "items-dev-edge", {"WebAclArn": "arn"})
    _, lines = run(project, month(), "cost")
    assert "CloudFront's firewall 9.20" in line(lines, "the stage's metrics")
    assert line(lines, "CloudFront's flat-rate plan").startswith(
        "not now: 2.00 M requests fit plan Pro (15 USD); CloudFront costs 9.20 USD"
    )


def test_stage_of_two_days_is_a_month_at_its_pace(project: Path) -> None:
    recent = figures(THOUSAND_USERS, periods=48, hourly=True)
    _, lines = run(project, month(GetMetricData=recent), "cost")
    assert "at the pace of the last 2 days, 2.00 M requests" in line(lines, "the stage's metrics")
    # The bill has 30 days, and the stage existed for two of them.
    assert line(lines, "AWS WAF").endswith(
        "0.67 from the stage's metrics: find its other users in the account"
    )


def test_new_stage_and_account_have_no_figures(project: Path) -> None:
    missing = failure("GetCostAndUsage", "DataUnavailableException")
    new = responses({}, GetCostAndUsage=missing, GetCostForecast=missing)
    status, lines = run(project, new, "cost")
    assert status == 0
    assert lines[1:] == [
        "note     the bill: Cost Explorer has no data: it needs a day",
        "note     forecast: Cost Explorer has too little data",
        "note     the stage's metrics: no request in 30 days",
        "note     bill and metrics: no figures to compare",
        "note     levers: no figures to calculate from",
        "ok       prices: list prices of us-east-1 as of 2026-11",
    ]


DENIED = {
    "GetCostAndUsage": ["the bill", "bill and metrics"],
    "GetCostForecast": ["forecast"],
    "GetMetricData": ["the stage's metrics", "bill and metrics", "levers"],
    "DescribeTable": ["the stage's metrics", "bill and metrics", "levers"],
    "DescribeUserPool": ["the stage's metrics", "bill and metrics", "levers"],
}


@pytest.mark.parametrize("operation", DENIED)
def test_denied_right_is_unknown(operation: str, project: Path) -> None:
    status, lines = run(project, month(**{operation: denied(f"x:{operation}")}), "cost")
    assert status == 0
    assert list(blocks(lines, "UNKNOWN")) == DENIED[operation]
    assert lines[1].endswith(f"AWS denies x:{operation}")


def test_other_region_has_prices_of_home(project: Path) -> None:
    elsewhere = responses({})
    elsewhere.region = "eu-west-1"
    _, lines = run(project, elsewhere, "cost")
    assert lines[0] == "account 123456789012, eu-west-1, stage dev"
    assert line(lines, "prices") == "those of us-east-1 as of 2026-11, not those of eu-west-1"
    assert "         do: .venv/bin/python -m ops cost --stage dev --refresh-prices" in lines


def test_other_region_with_its_prices_uses_them(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = json.loads(prices.FILE.read_text())
    usd = {**content["regions"]["us-east-1"]["usd"], "api_gateway_million_requests": "4.25"}
    content["regions"]["eu-west-1"] = {"as_of": "2026-01", "source": "x", "usd": usd}
    file = tmp_path / "prices.json"
    file.write_text(json.dumps(content))
    monkeypatch.setattr(prices, "FILE", file)
    elsewhere = month()
    elsewhere.region = "eu-west-1"
    prices.forget()
    try:
        _, lines = run(project, elsewhere, "cost")
    finally:
        monkeypatch.undo()
        prices.forget()
    assert line(lines, "prices") == "list prices of eu-west-1 as of 2026-01"
    assert "API Gateway 8.50" in line(lines, "the stage's metrics")


@pytest.mark.parametrize(("days", "old"), [(0, False), (150, False), (700, True)])
def test_old_prices_are_a_note(
    days: int, old: bool, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(money, "NOW", NOW + timedelta(days=days))
    _, lines = run(project, responses({}), "cost")
    assert ("note     prices: as of 2026-11" in lines) is old


def test_refresh_reads_the_regional_price_list(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "prices.json"
    file.write_text(prices.FILE.read_text())
    monkeypatch.setattr(prices, "FILE", file)
    responses = month()
    responses["pricing:GetProducts"] = {"PriceList": []}
    status, lines = run(project, responses, "cost", "--refresh-prices")
    assert status == 1
    assert len([text for text in lines if text.startswith("warning: ")]) > 30


def test_json_has_the_findings(project: Path) -> None:
    _, (text,) = run(project, responses({}), "cost", "--json")
    names = [finding["name"] for finding in json.loads(text)["findings"]]
    assert {"the bill", "the stage's metrics", "forecast"} <= set(names)
    assert json.loads(text)["region"] == "us-east-1"


def test_remedies_can_be_used(healthy: list[str], project: Path) -> None:
    bad = run(project, month(GetCostAndUsage=billed(dict.fromkeys(BILL, 99.0))), "cost")[1]
    remedies = [text.partition("do: ")[2] for text in [*healthy, *bad] if "  do: " in text]
    assert len(remedies) > 8
    for remedy in remedies:
        assert_usable(remedy)


def test_documented_output_is_current(healthy: list[str]) -> None:
    assert_documented("costs.md", "cost", healthy)


def test_documented_policy_has_the_used_rights(project: Path) -> None:
    """It has the rights of all calls of both commands, and no other right."""
    responses = month(GetServiceQuota=failure("GetServiceQuota", "NoSuchResourceException"))
    responses["service-quotas:GetAWSDefaultServiceQuota"] = {"Quota": {"Value": 60.0}}
    responses["pricing:GetProducts"] = {"PriceList": []}
    for arguments in (["cost", "--refresh-prices"], ["cost"], ["capacity"]):
        run(project, responses, *arguments)
    text = (PROJECT / "docs" / "costs.md").read_text()
    (policy,) = re.findall(r"```json\n(.*?)```", text, re.S)
    called = {
        re.sub(r"^apigateway:.*", "apigateway:GET", name.replace("service-quotas", "servicequotas"))
        for name in responses.called
    }
    assert set(json.loads(policy)["Action"]) == called - {"sts:GetCallerIdentity"}
