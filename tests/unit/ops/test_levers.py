"""Levers calculated by hand: the saving of each, and the cases without a saving."""

from dataclasses import replace
from typing import Any

import pytest

from ops import break_even, levers
from ops.levers import Facts, Lever
from ops.limits import UNITS
from ops.simulation import Scaling
from tools.estimate import MONTH_SECONDS, typical
from tools.prices import prices

FORTNIGHT = 14 * 24 * 60
#: README's thousand users: two million requests in ten hours of twenty days.
USE = typical(2e6)
QUIET = {id: [0.0] * FORTNIGHT for id in UNITS}


def facts(**changes: Any) -> Facts:
    return replace(Facts("prod", USE, prices(), QUIET, [0.0] * 720), **changes)


def flat(writes: float) -> dict[str, list[float]]:
    """Return constant writes a second of table and index."""
    return {id: [writes if id.endswith("writes") else 0.0] * FORTNIGHT for id in UNITS}


def scaling(least: int = 1, most: int = 40_000) -> dict[str, Scaling]:
    return dict.fromkeys(UNITS, Scaling(least, most))


@pytest.mark.parametrize(
    ("millions", "edge", "plan", "saving"),
    [
        # Ten million requests and 1,000 GB are free without a plan, too.
        (0.9, 8.54, "Free", 8.54),
        (0.9, 0, "Free", None),
        (2, 9.2, "Pro", None),
        (10, 14, "Pro", None),
        (100, 68, "Business", None),
        (120, 200, "Business", 110.0),
    ],
)
def test_flat_rate_plan_replaces_edge_costs(
    millions: float, edge: float, plan: str, saving: float | None
) -> None:
    lever = levers.flat_rate(facts(use=typical(millions * 1e6), edge=edge))
    assert f"plan {plan} " in lever.why
    assert lever.saving == (None if saving is None else pytest.approx(saving))


def test_requests_beyond_plans_have_no_saving() -> None:
    lever = levers.flat_rate(facts(use=typical(501e6)))
    assert (lever.saving, lever.why) == (None, "501 M requests fit no plan")


def test_flat_writes_pay_for_provisioned_capacity() -> None:
    """50/s of table and index need 72 units each, and one each of reads.

    On demand they cost 82.13 USD each.
    """
    lever = levers.provisioned_capacity(facts(minutes=flat(50), scaling=scaling()))
    units = 730 * (72 * 0.00065 + 1 * 0.00013)
    on_demand = 50 * MONTH_SECONDS * 0.625 / 1e6
    assert lever.saving == pytest.approx(2 * (on_demand - units))
    assert "BillingMode=PROVISIONED" in lever.do
    assert "0.00% throttled" in lever.why


def test_index_counts_for_provisioned_capacity() -> None:
    """The table alone would save, but spikes of the index are throttled."""
    spikes = [200.0 if minute % 180 < 5 else 1.0 for minute in range(FORTNIGHT)]
    minutes = {**flat(50), "index_writes": spikes}
    lever = levers.provisioned_capacity(facts(minutes=minutes, scaling=scaling()))
    assert lever.saving is None
    assert "82.66% throttled" in lever.why


def test_little_use_stays_on_demand() -> None:
    """The minimum of 5 units each costs 5.69 USD without any request."""
    lever = levers.provisioned_capacity(facts(minutes=flat(0.1), scaling=scaling(5)))
    assert lever.saving is None
    assert "5.69 USD provisioned, 0.33 on demand" in lever.why
    assert "pays from 28.9% use on" in lever.why


def test_little_use_moves_table_to_on_demand() -> None:
    changes = {"minutes": flat(0.1), "scaling": scaling(5), "on_demand": False}
    lever = levers.provisioned_capacity(facts(**changes))
    assert lever.name == "capacity on demand"
    assert lever.saving == pytest.approx(5.694 - 0.3285)
    assert "BillingMode=PAY_PER_REQUEST" in lever.do


def test_maximum_that_throttles_is_no_saving() -> None:
    lever = levers.provisioned_capacity(facts(minutes=flat(50), scaling=scaling(most=40)))
    assert lever.saving is None
    assert "20.00% throttled" in lever.why


def test_table_without_figures_has_no_saving() -> None:
    lever = levers.provisioned_capacity(facts(minutes={id: [] for id in UNITS}))
    assert (lever.saving, lever.why) == (None, "CloudWatch has no figures by the minute")


def test_idle_hours_need_no_concurrency() -> None:
    lever = levers.provisioned_concurrency(facts())
    assert lever.saving is None
    assert "pays from 60% use on" in lever.why


def test_steady_use_pays_for_concurrency() -> None:
    """Two of the 2.5 environments that are busy in each hour cost a sixth less."""
    lever = levers.provisioned_concurrency(facts(hourly_gb_seconds=[2.5 * 3600.0] * 720))
    saved = 0.0000133334 - 0.0000033334 - 0.0000077778
    assert lever.saving == pytest.approx(2 * MONTH_SECONDS * saved)
    assert '"provisioned_concurrency": 2' in lever.do


def test_savings_plan_needs_a_least_spend() -> None:
    lever = levers.savings_plans(facts())
    assert lever.saving is None
    assert "the least commitment is 0.001 USD" in lever.why


def test_savings_plan_covers_nine_hours_of_ten() -> None:
    """10,000 GB-seconds in 90 % of the hours, 0 in the others: the plan covers all ten."""
    hours = [0.0 if hour % 10 == 0 else 10_000.0 for hour in range(720)]
    assert levers.savings_plans(facts(hourly_gb_seconds=hours)).saving == pytest.approx(
        10_000 * 0.0000133334 * 0.12 * 730
    )


def test_savings_plan_covers_requests_on_demand() -> None:
    """50 writes a second of table and index are 0.225 USD an hour, with 12 % off."""
    lever = levers.savings_plans(facts(minutes=flat(50)))
    assert lever.saving == pytest.approx(100 * 3600 * 0.625e-6 * 0.12 * 730)
    assert levers.savings_plans(facts(minutes=flat(50), on_demand=False)).saving is None


@pytest.mark.parametrize(
    ("people", "saving"),
    [(10_000, None), (20_000, 10_000 * (0.015 - 0.0055)), (1000, None)],
)
def test_plan_lite_saves_beyond_the_free_people(people: float, saving: float | None) -> None:
    lever = levers.users(facts(use=replace(USE, users=people)))
    assert lever.saving == (None if saving is None else pytest.approx(saving))


def test_http_api_saves_by_million_requests() -> None:
    assert levers.http_api(facts()).saving == pytest.approx(2 * 2.5)


@pytest.mark.parametrize(("millions", "pays"), [(11, False), (12, True), (100, True)])
def test_containers_pay_from_12_million(millions: int, pays: bool) -> None:
    """0.25 vCPU and 0.5 GB twice 14.42, a load balancer 16.43, four addresses 14.60."""
    assert break_even.containers(prices(), 0) == pytest.approx(14.42 + 16.43 + 14.60, abs=0.02)
    lever = levers.container(facts(use=typical(millions * 1e6)))
    assert (lever.saving is not None) is pays
    assert "pays from some 12 M requests" in lever.why


def test_containers_grow_with_the_requests() -> None:
    """A thousand a second take 5 s of CPU time: 40 tasks, half of whose vCPU is in use."""
    hour = 40 * (0.25 * 0.03238 + 0.5 * 0.00356) + 42 * 0.005 + 0.0225 + 1000 * 0.2 / 25 * 0.008
    requests = 1000 * MONTH_SECONDS
    with_more = break_even.containers(prices(), requests)
    # A gigabyte an hour is the larger of the two: 9 units, not 8.
    assert with_more == pytest.approx(730 * (hour + (9 - 8) * 0.008))


def test_accelerator_is_never_recommended() -> None:
    lever = levers.accelerator(facts())
    assert (lever.saving, "88 USD" in lever.why) == (None, True)


def test_largest_saving_comes_first() -> None:
    ranked = levers.levers(facts(minutes=flat(50), scaling=scaling(), edge=9.2))
    savings = [lever.saving or 0 for lever in ranked]
    assert savings == sorted(savings, reverse=True)
    assert ranked[0].name == "provisioned capacity"
    assert len({lever.name for lever in ranked}) == len(ranked) == 9


def test_every_lever_has_a_reason() -> None:
    for lever in levers.levers(facts()):
        assert isinstance(lever, Lever)
        assert lever.why
        assert lever.saving is None or lever.do or lever.name in ("an HTTP API", "containers")
