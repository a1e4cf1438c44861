"""The objectives of infra/templates/monitoring.yaml: their thresholds, by hand, and when they page.

The tests evaluate the alarms' own periods, thresholds and expressions on made-up traffic, like
CloudWatch: each window slides, and missing data is not breaching.
"""

import re

import pytest

from tests.infra.templates.test_monitoring import ALARMS, COMPOSITES, TEMPLATE, expression, metrics

MINIMUM = TEMPLATE["Parameters"]["MinimumRequests"]
HOURS_IN_A_MONTH = 30 * 24

#: Minute by minute, how many requests came, and how many of them failed (or were slow).
Traffic = list[tuple[int, int]]


def period(name: str) -> int:
    """An alarm's window in minutes."""
    alarm = ALARMS[name]
    found = [each["MetricStat"]["Period"] for each in alarm.get("Metrics", [])[1:]]
    return int((found or [alarm["Period"]])[0]) // 60


def breaches(name: str, traffic: Traffic) -> bool:
    """Whether the alarm goes off at the end of the traffic."""
    alarm = ALARMS[name]
    window = traffic[-period(name) :]
    requests, bad = (sum(column) for column in zip(*window, strict=True))
    if not requests:
        return False  # no data, and that is not breaching
    rate = bad / requests
    quick = 100 - 100 * rate
    if "Metrics" in alarm:
        text = expression(alarm).replace("${MinimumRequests}", str(MINIMUM["Default"]))
        names = {"n": requests, "e": bad, "p": quick}
        known = {id: names[id] for id in metrics(alarm)}
        functions = {"IF": lambda condition, then, otherwise: then if condition else otherwise}
        value = eval(text, {"__builtins__": {}}, {**functions, **known})  # noqa: S307 - our own
    else:
        value = quick if "ExtendedStatistic" in alarm else rate
    compare = {
        "GreaterThanThreshold": value > alarm["Threshold"],
        "LessThanThreshold": value < alarm["Threshold"],
    }
    return bool(compare[alarm["ComparisonOperator"]])


def paging(objective: str, traffic: Traffic) -> set[str]:
    """Which of an objective's two composite alarms go off."""
    found = set()
    for name in (f"{objective}Fast", f"{objective}Slow"):
        rule = COMPOSITES[name]["AlarmRule"]["Fn::Sub"]
        match = re.fullmatch(r'ALARM\("\$\{(\w+)\}"\) AND ALARM\("\$\{(\w+)\}"\)', rule)
        assert match
        if all(breaches(window, traffic) for window in match.groups()):
            found.add(name.removeprefix(objective))
    return found


@pytest.mark.parametrize(
    ("speed", "share", "hours", "burn"), [("Fast", 0.02, 1, 14.4), ("Slow", 0.05, 6, 6)]
)
def test_thresholds_follow_from_objectives(
    speed: str, share: float, hours: int, burn: float
) -> None:
    # The burn rate that uses this share of a month's failures in these hours.
    assert share * HOURS_IN_A_MONTH / hours == pytest.approx(burn)
    for window in ("Long", "Short"):
        errors = ALARMS[f"Availability{speed}{window}"]
        assert errors["Threshold"] == pytest.approx(burn * (1 - 0.999))
        slow = ALARMS[f"Latency{speed}{window}"]
        assert slow["Threshold"] == pytest.approx(100 - burn * (100 - 99))
    for objective in ("Availability", "Latency"):
        assert period(f"{objective}{speed}Long") == 60 * hours
        # The workbook's: a twelfth of the long one.
        assert period(f"{objective}{speed}Short") == 60 * hours / 12


def test_a_single_failure_pages_nobody() -> None:
    least = MINIMUM["MinValue"]
    assert 1 / least < ALARMS["AvailabilitySlowLong"]["Threshold"] < 1 / (least - 1)
    assert MINIMUM["Default"] > least


def test_slow_requests_are_over_the_target() -> None:
    for speed in ("Fast", "Slow"):
        target = {"Fn::Sub": "PR(:${LatencyTargetMs})"}
        assert ALARMS[f"Latency{speed}Short"]["ExtendedStatistic"] == target
        (used,) = [
            each["MetricStat"]["Stat"]
            for each in ALARMS[f"Latency{speed}Long"]["Metrics"]
            if each["Id"] == "p"
        ]
        assert used == target


DAY = 24 * 60
# About 10,000 requests an hour.
BUSY = (166, 0)


def all_day(requests: int, bad: int, every: int = 1) -> Traffic:
    """Return the same traffic every few minutes, without traffic in between."""
    return [(requests, bad) if minute % every == 0 else (0, 0) for minute in range(DAY)]


@pytest.mark.parametrize(
    ("traffic", "expected"),
    [
        pytest.param([(0, 0)] * DAY, set(), id="nobody comes"),
        pytest.param([(0, 0)] * DAY + [(1, 1)], set(), id="one request, and it fails"),
        pytest.param(all_day(1, 1, every=60), set(), id="one an hour, all fail"),
        pytest.param(all_day(100, 0)[:-60] + [(0, 0)] * 60, set(), id="nobody any more"),
        pytest.param(all_day(100, 0), set(), id="all is well"),
        pytest.param([BUSY] * DAY + [(166, 1)], set(), id="one failure among many"),
        pytest.param(all_day(1000, 1), set(), id="just the objective"),
        pytest.param(all_day(1000, 5), set(), id="0.5 %"),
        pytest.param(all_day(10_000, 100), {"Slow"}, id="1 %"),
        pytest.param(all_day(1000, 14), {"Slow"}, id="1.4 %"),
        pytest.param(all_day(1000, 15), {"Fast", "Slow"}, id="1.5 %"),
        pytest.param([(0, 0)] * DAY + [(492, 0), (8, 7)], {"Slow"}, id="7 of the minimum"),
        pytest.param([(0, 0)] * DAY + [(492, 0), (8, 8)], {"Fast", "Slow"}, id="8 of the minimum"),
        pytest.param([(0, 0)] * DAY + [(491, 0), (8, 8)], set(), id="8 of fewer"),
        pytest.param([(0, 0)] * DAY + [(497, 0), (3, 3)], set(), id="3 of the minimum"),
    ],
)
def test_when_errors_page(traffic: Traffic, expected: set[str]) -> None:
    assert paging("Availability", traffic) == expected


def test_an_outage_pages_at_once_and_is_over_soon() -> None:
    outage = [BUSY] * DAY + [(166, 166)]
    assert paging("Availability", outage) == {"Fast"}
    assert paging("Availability", outage + [(166, 166)] * 2) == {"Fast", "Slow"}
    over = outage + [(166, 166)] * 9
    assert breaches("AvailabilityFastLong", over + [BUSY] * 5)
    assert "Fast" not in paging("Availability", over + [BUSY] * 5)
    assert paging("Availability", over + [BUSY] * 30) == set()


@pytest.mark.parametrize(
    ("slow", "expected"), [(5, set()), (7, {"Slow"}), (14, {"Slow"}), (15, {"Fast", "Slow"})]
)
def test_when_slowness_pages(slow: int, expected: set[str]) -> None:
    assert paging("Latency", all_day(100, slow)) == expected
    # But not of a few: most of those meet a cold start.
    assert paging("Latency", [(0, 0)] * DAY + [(100, slow)]) == set()
