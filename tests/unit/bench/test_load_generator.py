"""Requests are sent on schedule, and their latency counts from it. The clock is simulated."""

import asyncio
import itertools
import random
import selectors
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from bench.load.generator import MIX, NOT_SENT, Answer, Arrival, arrivals, offer


class Jumping(selectors.DefaultSelector):
    """Advances the clock at once instead of waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.now += timeout or 0.0
        return super().select(0)


class Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def played(work: Coroutine[Any, Any, list[Answer]]) -> list[Answer]:
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(work)


def slow(seconds: float) -> Callable[[str], Coroutine[Any, Any, str]]:
    """A server that takes so long for a request."""

    async def send(kind: str) -> str:
        await asyncio.sleep(seconds)
        return "200"

    return send


def chance() -> random.Random:
    return random.Random(1)  # noqa: S311 - no secret


def every(seconds: float, count: int) -> list[Arrival]:
    return [Arrival(number * seconds, "get") for number in range(count)]


def test_connection_wait_counts_as_latency() -> None:
    """A closed loop would have found that each of these takes a second."""
    found = played(offer(every(0.5, 4), slow(1.0), connections=1))
    assert [each.latency for each in found] == pytest.approx([1.0, 1.5, 2.0, 2.5])
    assert [each.ended for each in found] == pytest.approx([1.0, 2.0, 3.0, 4.0])


def test_a_slow_answer_holds_nobody_up() -> None:
    found = played(offer(every(0.5, 4), slow(10.0), connections=4))
    assert [each.latency for each in found] == pytest.approx([10.0] * 4)
    assert [each.ended for each in found] == pytest.approx([10.0, 10.5, 11.0, 11.5])


def test_a_stall_of_the_program_itself_counts() -> None:
    async def stalls(kind: str) -> str:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Loop)
        loop._jumping.now += 3.0  # as if it had computed for so long
        return "200"

    found = played(offer(every(1.0, 3), stalls))
    assert [each.latency for each in found] == pytest.approx([3.0, 5.0, 7.0])


def test_request_not_sent_in_time_is_an_error() -> None:
    found = played(offer(every(0.1, 4), slow(4.0), connections=1, patience=5.0))
    assert [each.status for each in found] == ["200", "200", NOT_SENT, NOT_SENT]
    assert [each.latency for each in found] == pytest.approx([4.0, 7.9, 5.0, 5.0])


def test_a_connection_is_free_again_after_each() -> None:
    found = played(offer(every(0.1, 200), slow(0.1), connections=2))
    assert {each.status for each in found} == {"200"}
    assert max(each.latency for each in found) == pytest.approx(0.1)


def test_unexpected_error_propagates() -> None:
    async def broken(kind: str) -> str:
        raise KeyError(kind)

    with pytest.raises(ExceptionGroup) as error:
        played(offer(every(0.1, 2), broken))
    assert error.group_contains(KeyError)


def test_arrivals_match_the_rate_and_vary() -> None:
    found = arrivals(50, 12, chance())
    assert len(found) == 600
    assert found == sorted(found, key=lambda each: each.at)
    assert found[0].at >= 0
    assert found[-1].at <= 12
    gaps = [b.at - a.at for a, b in itertools.pairwise(found)]
    # As the gaps of a Poisson process: those shorter than the mean are 63 % and not half.
    assert 0.58 < sum(gap < 1 / 50 for gap in gaps) / len(gaps) < 0.68


def test_mix_and_schedule_are_repeatable() -> None:
    found = arrivals(1000, 10, chance())
    assert found == arrivals(1000, 10, chance())
    counted = Counter(each.kind for each in found)
    assert counted.keys() == MIX.keys()
    assert sum(MIX.values()) == 100
    for kind, share in MIX.items():
        assert counted[kind] / 100 == pytest.approx(share, abs=2)
