"""`ops doctor`: load, limits and throttles."""

import pytest

from tests.integration.ops.case import Case, both, respond
from tests.integration.ops.doctor.change import metric, parameter
from tests.integration.ops.doctor.conftest import Ward, concurrency, throttles
from tests.integration.ops.remedies import assert_usable
from tests.integration.ops.responses import denied

HOUR = [(minute, 100.0) for minute in range(40, 60)]

ILL: dict[str, Case] = {
    "new account": Case(
        *(respond("lambda:GetAccountSettings", concurrency(10)), "bad", "Lambda"),
        "concurrency 10 is 100 requests/s, but the gateway lets 600 pass",
        "--service-code lambda --quota-code L-B99A9384",
    ),
    "less than all methods": Case(
        *(respond("lambda:GetAccountSettings", concurrency(50)), "bad", "Lambda"),
        "concurrency 50 is 500 requests/s, but the gateway lets 600 pass",
        "--service-code lambda --quota-code L-B99A9384",
    ),
    "wrong limit watched": Case(
        *(respond("lambda:GetAccountSettings", concurrency(900)), "bad", "Lambda"),
        "the function may run 900 times at once, but its alarms watch for 1000",
        "infra monitoring --stage dev --parameter ConcurrencyLimit=900",
    ),
    "reserved concurrency": Case(
        respond("lambda:GetFunctionConcurrency", {"ReservedConcurrentExecutions": 100}),
        *("bad", "Lambda", "the function may run 100 times at once", "ConcurrencyLimit=100"),
    ),
    "rate of the quota": Case(
        metric("Invocations", (60, 5001 * 60)),
        *("bad", "Lambda's requests", "10 x 1,000/s, reached at 10,000 requests/s, below 10,002"),
        "L-B99A9384",
    ),
    "rate of our throttle": Case(
        metric("Count", (60, 400 * 60)),
        *("bad", "our throttle of PUT /items", "100/s, reached at 667 requests/s, below 800"),
        "infra api --stage dev --parameter WritesPerSecond=120",
    ),
    "small account quota": Case(
        respond("apigateway:GetAccount", {"throttleSettings": {"rateLimit": 2500.0}}),
        *("note", "API Gateway", "the account's quota is 2500/s for all its APIs, not 10,000", ""),
    ),
    "no throttle of our own": Case(
        respond("apigateway:GetStage", {}),
        *("note", "our throttles", "none, as after `chalice deploy`", ""),
    ),
    "429s in an hour": Case(
        both(metric("Count", *HOUR), metric("Throttled", (45, 15.0), (41, 6.0))),
        *("bad", "429s", "21 in 14 days, of them 21 of 2000 requests in the hour from 2026-01-31T"),
        "docs/runbooks/gateway-throttles.md",
    ),
    "a few 429s": Case(
        both(metric("Count", (45, 12.0)), metric("Throttled", (45, 9.0))),
        *("ok", "429s", "9 in 14 days", ""),
    ),
    "429s not counted": Case(
        *(parameter("api", "AccessLogs", "false"), "unknown", "429s"),
        *("the gateway has no access log", "infra api --stage dev --parameter AccessLogs=true"),
    ),
}


@pytest.mark.parametrize("case", ILL)
def test_case_has_its_finding(case: str, ward: Ward) -> None:
    ILL[case].assert_found(ward)


@pytest.mark.parametrize(
    ("cause", "reason", "do"),
    [
        ("KeyRangeThroughput", "one partition was too busy", "docs/runbooks/table-throttles.md"),
        ("MaxOnDemandThroughput", "OnDemandLimit", "infra data --stage dev --parameter MaxReads=N"),
        ("ProvisionedThroughput", "too little is provisioned", "--parameter MinWrites=N"),
        ("AccountLimit", "the account's quota", "docs/runbooks/table-throttles.md"),
    ],
)
def test_throttle_has_its_cause(ward: Ward, cause: str, reason: str, do: str) -> None:
    ward.values[f"Write{cause}ThrottleEvents"] = [(120, 4.0), (60, 3.0)]
    table, index = [finding for finding in ward.findings() if finding["state"] == "bad"]
    assert table["found"].startswith(f"7 writes of the table in 14 days: {reason}")
    assert index["found"].startswith(f"7 writes of the index by_owner in 14 days: {reason}")
    assert do in table["do"]
    assert_usable(table["do"])


def test_deployed_throttles_are_compared(ward: Ward) -> None:
    """The parameter is 200, but the stage's throttle was lowered by hand."""
    ward.responses["apigateway:GetStage"] = throttles(3, 10)
    (finding,) = [finding for finding in ward.findings() if finding["state"] == "bad"]
    assert finding["name"] == "our throttle of GET /items"
    assert finding["found"] == "3/s, reached at 15 requests/s, below 20"


def test_other_limits_are_left_to_capacity(ward: Ward) -> None:
    """That command has more rights. AWS's default is no proof of a quota."""
    ward.values["Count"] = [(60, 9_000_000.0)]
    names = {finding["name"] for finding in ward.findings() if finding["state"] == "bad"}
    assert names == {
        *("our throttle of GET /items", "our throttle of PUT /items"),
        *("Lambda's requests", "Lambda's concurrency", "API Gateway"),
    }


def test_denied_metrics_hide_load_and_throttles(ward: Ward) -> None:
    right = "cloudwatch:GetMetricData"
    ward.responses[right] = denied(right)
    unknown = {finding["name"] for finding in ward.findings() if finding["state"] == "unknown"}
    assert unknown == {"requests", "429s", "table throttles"}
