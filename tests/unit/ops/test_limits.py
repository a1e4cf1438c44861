"""The order of the limits, by rates calculated by hand."""

from dataclasses import replace

import pytest

from app import app
from bench.load.generator import MIX as MIX_OF_LOAD
from chalicelib.items import ITEMS
from ops.limits import ROUTES, Mix, Quotas, defaults, limits, step
from tools.estimate import WRITES

QUOTAS = Quotas(dict.fromkeys(("GET /items", "GET /items/{id}"), 200) | {"PUT /items": 100})
MIX = Mix()


def rates(quotas: Quotas, mix: Mix = MIX) -> dict[str, float]:
    return {limit.name: limit.rate for limit in limits(quotas, mix)}


@pytest.mark.parametrize(
    ("name", "rate"),
    [
        ("our throttle of GET /items/{id}", 200 / 0.6),
        ("our throttle of GET /items", 200 / 0.2),
        ("our throttle of PUT /items", 100 / 0.15),
        ("Lambda's requests", 10 * 1000),
        ("Lambda's concurrency", 1000 / 0.03),
        ("API Gateway", 10_000),
        ("Cognito's tokens", 120 * 900 / 10),
        ("the firewall", 100_000),
        ("one owner's partition of the index, if one owner sends all", 1000 / 0.2),
        ("reads that the table is warm for", 12_000 / 0.6),
        ("writes that the table is warm for", 4_000 / 0.2),
        ("reads that the index is warm for", 12_000 / 0.2),
        ("writes that the index is warm for", 4_000 / 0.2),
        ("the quota of reads of the table", 40_000 / 0.6),
        ("the quota of writes of the table", 40_000 / 0.2),
        ("the quota of writes of the index", 40_000 / 0.2),
    ],
)
def test_limit_is_reached_at_its_rate(name: str, rate: float) -> None:
    assert rates(QUOTAS)[name] == pytest.approx(rate)


def test_limits_come_in_their_order() -> None:
    ordered = [limit.rate for limit in limits(QUOTAS, MIX)]
    assert ordered == sorted(ordered)
    assert limits(QUOTAS, MIX)[0].name == "our throttle of GET /items/{id}"


def test_new_account_breaks_at_lambda_requests() -> None:
    first = limits(replace(QUOTAS, concurrency=10), MIX)[0]
    assert (first.name, first.rate) == ("Lambda's requests", 100)
    assert "L-B99A9384" in first.do


def test_slow_requests_reach_concurrency_first() -> None:
    slow = rates(QUOTAS, replace(MIX, seconds=0.2))
    assert slow["Lambda's concurrency"] == 5_000 < slow["Lambda's requests"]


@pytest.mark.parametrize(
    ("name", "end"),
    [
        # Both methods that read take the parameter of the busier one.
        ("our throttle of GET /items/{id}", "ReadsPerSecond=60000"),
        ("our throttle of GET /items", "ReadsPerSecond=60000"),
        ("our throttle of PUT /items", "WritesPerSecond=15000"),
        # A unit of concurrency takes ten requests a second. A request takes 0.03 units.
        ("Lambda's requests", "--desired-value 10000"),
        ("Lambda's concurrency", "--desired-value 10000"),
        ("API Gateway", "--desired-value 100000"),
        ("Cognito's tokens", "--desired-value 1112"),
        ("the quota of reads of the table", "--desired-value 60000"),
        ("the firewall", "#changes-at-each-order-of-magnitude"),
    ],
)
def test_remedy_has_the_value_for_the_rate(name: str, end: str) -> None:
    (limit,) = [limit for limit in limits(QUOTAS, MIX) if limit.name == name]
    assert limit.remedy(100_000).endswith(end)


def test_raised_limits_suffice() -> None:
    """After all remedies for a rate, no quota breaks below it."""
    rate = 50_000
    raised = {limit.name: limit.need * rate for limit in limits(QUOTAS, MIX)}
    quotas = Quotas(
        {route: raised[f"our throttle of {route}"] for route in QUOTAS.throttles},
        raised["Lambda's concurrency"],
        raised["API Gateway"],
        most=dict.fromkeys(("reads", "writes"), raised["the quota of reads of the table"]),
        tokens=raised["Cognito's tokens"],
    )
    ordered = limits(quotas, MIX)
    below = [limit.name for limit in ordered if limit.need and limit.rate < rate * 0.999]
    assert below == []


def test_absent_route_never_reaches_its_throttle() -> None:
    mix = Mix({"GET /items": 1.0}, units={**Mix().units, "table_writes": 0})
    reading = rates(QUOTAS, mix)
    assert reading["our throttle of PUT /items"] == float("inf")
    assert reading["writes that the table is warm for"] == float("inf")
    assert reading["our throttle of GET /items"] == 200


def test_defaults_have_the_template_throttles() -> None:
    throttles = defaults().throttles
    assert throttles.keys() == {
        f"{method} {path}"
        for path in app.routes
        for method in app.routes[path]
        if path.split("/")[1] == ITEMS.name
    }
    assert set(throttles.values()) == {200, 100}


def test_routes_are_those_of_the_load_test() -> None:
    assert list(ROUTES.values()) == [share / 100 for share in MIX_OF_LOAD.values()]
    assert sum(share for route, share in ROUTES.items() if not route.startswith("GET")) == WRITES


@pytest.mark.parametrize(
    ("rate", "seconds", "refused", "minutes"),
    [
        # A function takes 10,000 a second more each 10 seconds. The table is warm for 20,000.
        (10_000, 0, 0, 0),
        (20_000, 10, 100_000, 0),
        (50_000, 40, (40 + 30 + 20 + 10) * 10_000, 60),
        (100_000, 90, 45 * 100_000, 90),
    ],
)
def test_step_refuses_until_lambda_has_grown(
    rate: float, seconds: int, refused: float, minutes: int
) -> None:
    assert step(rate, QUOTAS, MIX) == (seconds, refused, minutes)
