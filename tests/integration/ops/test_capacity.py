"""`ops capacity` on responses in AWS's form: the limits, and the quotas that it cannot read."""

import json
from pathlib import Path
from typing import Any

import pytest

from ops.limits import ROUTES
from ops.quotas import throttles_of
from tests.integration.ops import money
from tests.integration.ops.money import BUSY, TABLE, assert_documented, blocks, responses, run
from tests.integration.ops.remedies import assert_usable
from tests.integration.ops.responses import denied, failure


def test_small_stage_is_healthy(project: Path) -> None:
    status, lines = run(project, responses(BUSY), "capacity")
    assert status == 0
    assert lines[0] == "account 123456789012, us-east-1, stage dev"
    assert lines[1:4] == [
        "ok       requests: 2.0/s in the busiest minute of 14 days, 30 ms each",
        "ok       our throttle of GET /items/{id}: 200/s, reached at 333 requests/s",
        "ok       our throttle of PUT /items: 100/s, reached at 667 requests/s",
    ]
    assert list(blocks(lines, "bad")) == list(blocks(lines, "UNKNOWN")) == []


def test_rate_lists_exceeded_limits_in_order(project: Path) -> None:
    status, lines = run(project, responses(BUSY), "capacity", "--rps", "1200")
    assert status == 1
    assert list(blocks(lines, "BAD")) == [
        "our throttle of GET /items/{id}",
        "our throttle of PUT /items",
        "our throttle of GET /items",
    ]
    assert "200/s, reached at 333 requests/s, below 1,200" in lines[1]
    assert_documented("scaling.md", "capacity", lines)
    assert lines[2] == (
        "         do: .venv/bin/python -m infra api --stage dev --parameter ReadsPerSecond=720"
    )


def test_new_account_breaks_at_its_ten_executions(project: Path) -> None:
    limit = {"UnreservedConcurrentExecutions": 10}
    new = responses(BUSY, GetAccountSettings={"AccountLimit": limit})
    _, lines = run(project, new, "capacity", "--rps", "150")
    assert list(blocks(lines, "BAD")) == ["Lambda's requests"]
    assert "10 x 10/s, reached at 100 requests/s" in lines[1]
    assert lines[2].endswith("--quota-code L-B99A9384 --desired-value 15")


def test_functions_own_concurrency_counts(project: Path) -> None:
    own = responses(BUSY, GetFunctionConcurrency={"ReservedConcurrentExecutions": 5})
    _, lines = run(project, own, "capacity")
    assert any("10 x 5/s, reached at 50" in line for line in lines)


def test_load_of_more_than_half_a_limit_is_bad(project: Path) -> None:
    """The busiest minute has 200 requests a second. GET /items/{id} is throttled at 333."""
    busy = {name: value * 100 for name, value in BUSY.items()}
    status, lines = run(project, responses(busy), "capacity")
    assert status == 1
    assert list(blocks(lines, "BAD")) == ["our throttle of GET /items/{id}"]


def test_stage_without_requests_has_a_note(project: Path) -> None:
    status, lines = run(project, responses({}), "capacity")
    assert status == 0
    assert lines[1] == ("note     requests: no request in 14 days: the mix is that of docs/load.md")
    assert list(blocks(lines, "ok")) == []


DENIED = {
    "GetMetricData": "requests",
    "GetStage": "our throttles",
    "GetAccountSettings": "Lambda",
    "GetAccount": "API Gateway",
    "DescribeTable": "the table",
    "DescribeLimits": "the quota of a table",
    "GetServiceQuota": "Cognito's tokens",
}


@pytest.mark.parametrize("operation", DENIED)
def test_denied_right_is_unknown(project: Path, operation: str) -> None:
    refused = responses(BUSY, False, **{operation: denied(f"x:{operation}")})
    status, lines = run(project, refused, "capacity")
    # Without the metrics, no figure is known.
    assert status == (operation == "GetMetricData")
    unknown = list(blocks(lines, "UNKNOWN"))
    assert DENIED[operation] in unknown
    # The limits that follow from it are assumed, so they are unknown too.
    assert len(unknown) > 1
    assert run(project, refused, "capacity", "--strict")[0] == 1


@pytest.mark.parametrize("options", [[], ["--rps=20000"]])
def test_assumed_limit_is_unknown(options: list[str], project: Path) -> None:
    refused = responses(BUSY, GetAccount=denied("apigateway:GET"))
    _, lines = run(project, refused, "capacity", *options)
    assert (
        "UNKNOWN  API Gateway: 10,000/s in the account, reached at 10,000 requests/s, "
        "assuming AWS's default"
    ) in lines


def test_table_without_warm_throughput_is_unknown(project: Path) -> None:
    table = {**TABLE, "WarmThroughput": {}}
    _, lines = run(project, responses(BUSY, DescribeTable={"Table": table}), "capacity")
    assert "UNKNOWN  the table: DynamoDB does not report its warm throughput" in lines


def test_own_maximum_of_the_table_counts(project: Path) -> None:
    most = {"MaxReadRequestUnits": 60, "MaxWriteRequestUnits": -1}
    table = {**TABLE, "OnDemandThroughput": most}
    _, lines = run(project, responses(BUSY, DescribeTable={"Table": table}), "capacity")
    assert (
        "ok       reads that the table is warm for: 60 units/s, reached at 100 requests/s" in lines
    )


def test_provisioned_table_goes_up_to_its_maximum(project: Path) -> None:
    """The stack has MaxWrites=300, and MaxReads by the template's default."""
    table = {**TABLE, "BillingModeSummary": {"BillingMode": "PROVISIONED"}}
    _, lines = run(project, responses(BUSY, DescribeTable={"Table": table}), "capacity")
    assert any("writes that the table is warm for: 300 units/s" in line for line in lines)
    assert any("reads that the table is warm for: 500 units/s" in line for line in lines)


def test_unchanged_quota_is_the_default(project: Path) -> None:
    missing = failure("GetServiceQuota", "NoSuchResourceException")
    unchanged = responses(BUSY, GetServiceQuota=missing)
    unchanged["service-quotas:GetAWSDefaultServiceQuota"] = {"Quota": {"Value": 60.0}}
    _, lines = run(project, unchanged, "capacity")
    assert any("60/s, each renewed after 15 minutes, reached at 5,400" in line for line in lines)


def test_stage_without_api_has_no_throttles(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(money.OUTPUTS, "items-dev-api")
    _, lines = run(project, responses({}), "capacity")
    assert "note     our throttles: none, as after `chalice deploy`" in lines


@pytest.mark.parametrize(
    ("settings", "throttles"),
    [
        ({}, {}),
        ({"*/*": {"throttlingRateLimit": 50.0}}, dict.fromkeys(ROUTES, 50.0)),
        # Without a throttle of its own, a method has -1.
        ({"*/*": {"throttlingRateLimit": -1.0}}, {}),
        (
            {"~1items/GET": {"throttlingRateLimit": 9.0}, "*/*": {"throttlingRateLimit": 50.0}},
            {**dict.fromkeys(ROUTES, 50.0), "GET /items": 9.0},
        ),
        ({"items/{id}/GET": {"throttlingRateLimit": 8.0}}, {"GET /items/{id}": 8.0}),
        ({"~1items/POST": {"throttlingRateLimit": 8.0}}, {}),
    ],
)
def test_throttles_are_by_route(settings: dict[str, Any], throttles: dict[str, float]) -> None:
    assert throttles_of(settings) == throttles


def test_remedies_can_be_used(project: Path) -> None:
    """At this rate each limit is reached."""
    _, lines = run(project, responses(BUSY), "capacity", "--rps=1000000")
    remedies = [line.partition("do: ")[2] for line in lines if "  do: " in line]
    assert len(remedies) == len(list(blocks(lines, "BAD"))) > 15
    for remedy in remedies:
        assert_usable(remedy)


def test_json_has_the_findings(project: Path) -> None:
    _, (text,) = run(project, responses(BUSY), "capacity", "--json")
    content = json.loads(text)
    assert content["region"] == "us-east-1"
    names = {finding["name"] for finding in content["findings"]}
    assert {f"our throttle of {route}" for route in ROUTES} <= names


@pytest.mark.parametrize("rate", ["0", "-1", "many"])
def test_rate_is_a_positive_number(project: Path, rate: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(project, responses(BUSY), "capacity", f"--rps={rate}")
    assert stopped.value.code == 2
