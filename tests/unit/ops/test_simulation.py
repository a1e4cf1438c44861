"""Autoscaling by hand-worked cases: units, unit-hours and throttled requests."""

import math

import pytest

from ops.simulation import Scaling, simulate

DAY = 24 * 60
ONE = Scaling(least=1)


def test_flat_use_needs_its_share_of_the_target() -> None:
    """50 writes a second at 70 % are 71.4 units, rounded up to 72. Another tool has 7,143."""
    outcome = simulate([50.0] * DAY, ONE)
    assert 71 < 50 / ONE.target < outcome.capacity == 72
    assert outcome.unit_hours == pytest.approx(72 * 24)
    assert outcome.throttled == 0
    assert outcome.used == 50 * 86_400


def test_no_use_keeps_the_minimum() -> None:
    outcome = simulate([0.0] * DAY, Scaling(least=5))
    assert outcome == pytest.approx((5 * 24, 0, 0, 5))
    assert outcome.throttled_share == 0


@pytest.mark.parametrize(("use", "units"), [(0.7, 1), (0.71, 2), (70, 100), (1e9, 40_000)])
def test_capacity_is_within_the_limits(use: float, units: int) -> None:
    assert ONE.capacity(use) == units


def test_rise_adds_capacity_after_five_minutes() -> None:
    """10 units serve 7/s. At 14/s from minute 10 on, minutes 10 and 11 decide, and 15 has 20.

    The burst is full: 300 s of 10 units. Minutes 10 to 14 lack 4 a second: 1,200 of the 3,000.
    """
    outcome = simulate([7.0] * 10 + [14.0] * 10, ONE)
    assert outcome.capacity == 20
    assert outcome.unit_hours == pytest.approx((15 * 10 + 5 * 20) / 60)
    assert outcome.throttled == 0


def test_rise_beyond_the_burst_is_throttled() -> None:
    """10 units, 100/s from minute 10 on: 90 a second for five minutes, less the burst.

    The ten minutes before left 3 units a second: 1,800 of at most 3,000.
    """
    outcome = simulate([7.0] * 10 + [100.0] * 5, ONE)
    assert outcome.throttled == pytest.approx(90 * 60 * 5 - 1800)
    assert outcome.throttled_share == pytest.approx((27_000 - 1800) / (70 * 60 + 500 * 60))


def test_single_high_minute_changes_no_capacity() -> None:
    assert simulate([7.0] * 20 + [9.0] + [7.0] * 20, ONE).capacity == 10


def test_fall_removes_units_after_15_minutes() -> None:
    """100 units at first. 7/s is below 50 %: minutes 1 to 15 decide, and minute 16 has 10."""
    outcome = simulate([70.0] + [7.0] * 29, ONE)
    assert outcome.capacity == 10
    assert outcome.unit_hours == pytest.approx((16 * 100 + 14 * 10) / 60)


def test_use_above_lower_threshold_keeps_units() -> None:
    assert simulate([70.0] + [51.0] * 60, ONE).capacity == 100


def falls(times: int, minutes: int) -> list[float]:
    """Return use that falls to two thirds, so many times, after so many minutes each."""
    return [300 * (2 / 3) ** (n // minutes) for n in range(times * minutes)]


def test_fifth_decrease_in_a_day_waits_an_hour() -> None:
    """Nine steps in 180 minutes: four decreases at once, then one an hour after the one before."""
    first = simulate(falls(9, 20), ONE).capacity
    all_at_once = math.ceil(300 * (2 / 3) ** 8 / 0.7)
    assert first > all_at_once
    later = simulate(falls(9, 20) + [300 * (2 / 3) ** 8] * 120, ONE).capacity
    assert later == all_at_once


def test_use_beyond_the_limit_is_throttled() -> None:
    outcome = simulate([20.0] * 60, Scaling(least=1, most=10))
    assert outcome.capacity == 10
    assert outcome.throttled_share == pytest.approx(0.5)


WEEK = {
    "flat": ([50.0] * 14 * DAY, 34.16, 0.0),
    "day and night": (
        [27.5 + 22.5 * math.sin(m / DAY * 2 * math.pi) for m in range(14 * DAY)],
        20.35,
        0.0,
    ),
    "office hours": (
        [30.0 * (480 <= m % DAY < 1080 and (m // DAY) % 7 < 5) for m in range(14 * DAY)],
        6.50,
        0.008,
    ),
    "spikes": ([200.0 if m % 180 < 5 else 1.0 for m in range(14 * DAY)], 12.21, 0.83),
}


@pytest.mark.parametrize("shape", WEEK)
def test_fortnight_costs_by_its_shape(shape: str) -> None:
    """A write unit costs 0.00065 USD an hour. A month has 730 hours, a fortnight 336."""
    use, usd, throttled = WEEK[shape]
    outcome = simulate(use, ONE)
    assert outcome.unit_hours * 0.00065 * 730 / 336 == pytest.approx(usd, abs=0.01)
    assert outcome.throttled_share == pytest.approx(throttled, abs=0.005)
