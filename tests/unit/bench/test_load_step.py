"""A step's figures: abandoned requests count with their waiting time."""

import pytest

from bench.load.generator import NO_ANSWER, NOT_SENT, Answer
from bench.load.processes import Work
from bench.load.step import Step, percentile


def step(*answers: Answer, seconds: float = 10.0) -> Step:
    return Step(2.0, seconds, answers, Work(emulator=0.3, function=0.2, generator=0.1))


def answer(latency: float, status: str = "200", ended: float = 1.0) -> Answer:
    return Answer("get", ended, latency, status)


@pytest.mark.parametrize(
    ("percent", "found"), [(0, 1), (1, 1), (50, 50), (50.5, 51), (90, 90), (99, 99), (100, 100)]
)
def test_percentiles(percent: float, found: float) -> None:
    values = [float(each) for each in range(100, 0, -1)]
    assert percentile(values, percent) == found


def test_of_few_values_the_last_is_meant() -> None:
    assert percentile([3.0], 99) == 3.0
    assert percentile([1.0, 2.0], 50) == 1.0
    assert percentile([1.0, 2.0], 51) == 2.0


def test_latencies_are_of_all_that_were_wanted() -> None:
    found = step(answer(0.1), answer(0.2), answer(10.0, NOT_SENT), answer(30.0, NO_ANSWER))
    assert found.latency(50) == pytest.approx(200)
    assert found.latency(75) == pytest.approx(10_000)
    assert found.latency(100) == pytest.approx(30_000)


def test_throughput_counts_successful_responses() -> None:
    good, created, gone = answer(0.1), answer(0.1, "201"), answer(0.1, "204")
    assert step(good, created, gone).throughput == pytest.approx(0.3)
    late = answer(12.0, "503", ended=15.0)
    assert step(good, created, gone, late).throughput == pytest.approx(0.2)


def test_errors_are_counted_by_status() -> None:
    found = step(answer(1), answer(1, "429"), answer(1, "503"), answer(1, "503"))
    assert found.errors == {"429": 1, "503": 2}


def test_work_is_for_each_that_was_answered() -> None:
    found = step(answer(1), answer(1, "503"), answer(1, NOT_SENT), answer(1, NO_ANSWER))
    assert found.cost == pytest.approx((150.0, 100.0, 50.0))
    assert step(answer(1, NOT_SENT)).cost == pytest.approx((300.0, 200.0, 100.0))
