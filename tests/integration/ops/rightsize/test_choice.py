"""The recommended size on curves with a known knee, and its cost."""

from collections.abc import Callable, Mapping

import pytest

from ops.reports import Report
from ops.sizing import ENOUGH, GB_SECOND, Choice, Size, choose, percentile, sizes

PRICE = GB_SECOND["arm64"]
SIZES = (256, 512, 1024, 2048)


def reports(
    memory: int, duration: float, number: int = 50, used: int = 100, failed: int = 0
) -> list[Report]:
    """Return equal reports of warm invocations."""
    return [
        Report(duration, duration, memory, used, failed=index < failed) for index in range(number)
    ]


def curve(durations: Mapping[int, float]) -> list[Size]:
    return sizes(
        [report for memory, took in durations.items() for report in reports(memory, took)], PRICE
    )


def chosen(durations: Mapping[int, float]) -> tuple[int, int, int]:
    """Return the memory of the recommended, the cheapest and the fastest size."""
    choice = choose(curve(durations))
    assert isinstance(choice, Choice)
    return choice.recommended.memory, choice.cheapest.memory, choice.fastest.memory


# Long durations, so that requests' own price weighs little: cost is then memory * duration.
@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        # Twice the memory, half the time, the same cost: the fastest is the cheapest.
        (lambda mb: 4e6 / mb, (2048, 2048, 2048)),
        # Only the cost grows.
        (lambda mb: 1000.0, (256, 256, 256)),
        # As the first up to the knee, as the second beyond it.
        (lambda mb: 4e6 / min(mb, 512), (512, 512, 512)),
        (lambda mb: 4e6 / min(mb, 1024), (1024, 1024, 1024)),
        # duration² * memory is least where the processor's part is as long as the rest.
        (lambda mb: 2000 + 2000 * 1024 / mb, (1024, 256, 2048)),
        (lambda mb: 2000 + 2000 * 512 / mb, (512, 256, 2048)),
        # More memory even saves money.
        (lambda mb: 1e9 / mb**2, (2048, 2048, 2048)),
    ],
    ids=["processor", "flat", "knee 512", "knee 1024", "bend 1024", "bend 512", "cheaper"],
)
def test_knee_is_chosen(duration: Callable[[int], float], expected: tuple[int, int, int]) -> None:
    assert chosen({memory: duration(memory) for memory in SIZES}) == expected


def test_third_size_keeps_the_order_of_two() -> None:
    two = {512: 20.0, 1024: 12.0}
    best = chosen(two)[0]
    for tried in ({10_240: 11.9}, {128: 900.0}, {10_240: 11.9, 128: 900.0}):
        assert chosen({**two, **tried})[0] == best


def test_smallest_of_equal_sizes_is_chosen() -> None:
    assert chosen({512: 4000.0, 1024: 2000 * 1.414 * 1.02})[0] == 512
    assert chosen({512: 4000.0, 1024: 2000 * 1.414 * 0.90})[0] == 1024


def test_request_price_changes_the_choice() -> None:
    """The price per request is most of a short request's bill, so that speed decides."""
    short = {256: 8.0, 1024: 4.0}
    assert chosen(short)[0] == 1024
    assert chosen({memory: took * 1000 for memory, took in short.items()})[0] == 256


def test_million_requests_have_their_cost() -> None:
    """1 GB for 100 ms is a tenth of a GB-second. A million requests cost 0.20 by themselves."""
    (size,) = sizes(reports(1024, 100.0), PRICE)
    assert size.cost == pytest.approx(0.20 + 1e6 * 0.1 * 0.0000133334)
    (intel,) = sizes(reports(1024, 100.0), GB_SECOND["x86_64"])
    assert intel.cost == pytest.approx(0.20 + 1.66667)
    (half,) = sizes(reports(512, 100.0), PRICE)
    assert half.cost == pytest.approx(0.20 + 0.666670)


def test_cold_starts_and_failures_are_separate() -> None:
    slow = Report(900, 1300, 512, 90, start=400.0)
    dead = Report(10_000, 10_000, 512, 512, failed=True)
    (size,) = sizes([*reports(512, 10.0, 30), slow, dead], PRICE)
    assert (len(size.warm), size.cold, size.failed, size.invocations) == (30, (1300,), 1, 32)
    assert (size.typical, size.used) == (10.0, 512)
    assert size.cost == sizes(reports(512, 10.0), PRICE)[0].cost


def test_typical_is_the_mean_of_the_middle() -> None:
    """It ignores outliers, and with two kinds of routes it is not in the gap between them."""
    took = [1.0] * 2 + [10.0] * 3 + [20.0] * 3 + [5000.0] * 2
    (size,) = sizes([Report(duration, duration, 512, 90) for duration in took], PRICE)
    assert size.typical == pytest.approx(15.0)


@pytest.mark.parametrize(
    ("share", "value"), [(0.0, 1), (0.01, 1), (0.5, 50), (0.9, 90), (0.99, 99), (1.0, 100)]
)
def test_percentiles_are_by_nearest_rank(share: float, value: int) -> None:
    assert percentile(range(1, 101), share) == value


@pytest.mark.parametrize(
    ("measured", "objection"),
    [
        (reports(512, 10.0, ENOUGH), None),
        (reports(512, 10.0, ENOUGH - 1), "19 warm invocations are too few to judge (of 20)"),
        (reports(500, 10.0, used=400), None),
        (reports(500, 10.0, used=401), "401 MB were in use, 80% of the memory"),
        (reports(512, 10.0, 200, failed=2), None),
        (reports(512, 10.0, 200, failed=3), "3 of 200 invocations failed"),
    ],
)
def test_unfit_size_has_an_objection(measured: list[Report], objection: str | None) -> None:
    (size,) = sizes(measured, PRICE)
    assert size.objections() == ([objection] if objection else [])
    assert (choose([size]) is None) == bool(objection)


def test_size_with_an_objection_is_skipped() -> None:
    """128 MB would be the cheapest and 1024 MB the fastest, if they could be judged."""
    every = [*reports(128, 8.0, used=120), *reports(512, 10.0), *reports(1024, 1.0, 5)]
    choice = choose(sizes(every, PRICE))
    assert choice is not None
    assert (choice.recommended.memory, choice.cheapest.memory, choice.fastest.memory) == (512,) * 3
