"""The circuit breaker against its definition, on a clock that moves only when it is told."""

import contextlib
import threading
from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chalicelib.breaker import CircuitBreaker, State
from chalicelib.errors import CircuitOpen


class Down(Exception):
    """The dependency's failure."""


class Refused(Exception):
    """An answer that the dependency gives when it works."""


def is_failure(error: Exception) -> bool:
    return isinstance(error, Down)


def failing() -> None:
    raise Down


def refusing() -> None:
    raise Refused


def working() -> str:
    return "answer"


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def changes() -> list[tuple[str, State]]:
    return []


@pytest.fixture
def breaker(clock: Clock, changes: list[tuple[str, State]]) -> CircuitBreaker:
    def note(name: str, state: State) -> None:
        changes.append((name, state))

    return CircuitBreaker(
        "reads", threshold=3, open_for=2.0, probe_for=5.0, clock=clock, on_change=note
    )


def fail(breaker: CircuitBreaker, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(Down):
            breaker.call(failing, is_failure)


def must_not_be_called() -> None:
    raise AssertionError("it was called")


def assert_refuses(breaker: CircuitBreaker) -> CircuitOpen:
    with pytest.raises(CircuitOpen) as refusal:
        breaker.call(must_not_be_called, is_failure)
    return refusal.value


def test_failures_in_a_row_open_it(
    breaker: CircuitBreaker, changes: list[tuple[str, State]]
) -> None:
    fail(breaker, 2)
    assert breaker.state is State.CLOSED
    fail(breaker)
    assert_refuses(breaker)
    assert changes == [("reads", State.OPEN)]


@pytest.mark.parametrize("answer", [working, refusing])
def test_an_answer_of_any_kind_breaks_the_row(
    breaker: CircuitBreaker, answer: Callable[[], object]
) -> None:
    fail(breaker, 2)
    with contextlib.suppress(Refused):
        breaker.call(answer, is_failure)
    fail(breaker, 2)
    assert breaker.state is State.CLOSED


def test_result_and_exception_are_unchanged(breaker: CircuitBreaker) -> None:
    assert breaker.call(working, is_failure) == "answer"
    with pytest.raises(Refused):
        breaker.call(refusing, is_failure)


@pytest.mark.parametrize(("passed", "seconds"), [(0.0, "2"), (0.5, "2"), (1.5, "1"), (1.99, "1")])
def test_it_says_when_to_try_again(
    breaker: CircuitBreaker, clock: Clock, passed: float, seconds: str
) -> None:
    fail(breaker, 3)
    clock.now += passed
    assert assert_refuses(breaker).headers == {"Retry-After": seconds}


def test_one_probe_at_a_time(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 2

    def probe() -> str:
        assert breaker.state is State.HALF_OPEN
        assert_refuses(breaker)  # the others, meanwhile
        return "answer"

    assert breaker.call(probe, is_failure) == "answer"
    assert breaker.state is State.CLOSED


def test_failed_probe_opens_breaker_again(
    breaker: CircuitBreaker, clock: Clock, changes: list[tuple[str, State]]
) -> None:
    fail(breaker, 3)
    clock.now += 2
    fail(breaker)
    clock.now += 1.9
    assert_refuses(breaker)
    clock.now += 0.1
    assert breaker.call(working, is_failure) == "answer"
    states = [State.OPEN, State.HALF_OPEN, State.OPEN, State.HALF_OPEN, State.CLOSED]
    assert changes == [("reads", state) for state in states]


def test_a_refused_probe_closes_it(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 2
    with pytest.raises(Refused):
        breaker.call(refusing, is_failure)
    assert breaker.state is State.CLOSED


def test_after_closing_the_count_begins_again(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 2
    breaker.call(working, is_failure)
    fail(breaker, 2)
    assert breaker.state is State.CLOSED


def test_lost_probe_is_replaced(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 2
    with pytest.raises(KeyboardInterrupt):
        breaker.call(interrupted, is_failure)
    clock.now += 4.9
    assert_refuses(breaker)
    clock.now += 0.1
    assert breaker.call(working, is_failure) == "answer"


def interrupted() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("late", [working, failing])
def test_result_from_before_opening_is_ignored(
    breaker: CircuitBreaker, clock: Clock, late: Callable[[], object]
) -> None:
    def slow() -> object:
        fail(breaker, 3)
        clock.now += 1
        return late()

    with contextlib.suppress(Down):
        breaker.call(slow, is_failure)
    assert breaker.state is State.OPEN
    clock.now += 1  # had the late failure counted, it would now be open for another second
    assert breaker.call(working, is_failure) == "answer"


@pytest.mark.parametrize("late", [working, failing])
def test_late_result_during_probe_is_ignored(
    breaker: CircuitBreaker, clock: Clock, late: Callable[[], object]
) -> None:
    """The probe alone decides, although a call from before the failures ends while it runs."""

    def slow() -> object:
        fail(breaker, 3)
        clock.now += 2
        with pytest.raises(KeyboardInterrupt):  # a probe without a result, so that it still runs
            breaker.call(interrupted, is_failure)
        return late()

    with contextlib.suppress(Down):
        breaker.call(slow, is_failure)
    assert breaker.state is State.HALF_OPEN


def test_reset_forgets_everything(breaker: CircuitBreaker) -> None:
    fail(breaker, 3)
    breaker.reset()
    fail(breaker, 2)
    assert breaker.call(working, is_failure) == "answer"


class Definition(RuleBasedStateMachine):
    """Every sequence of calls and waiting, against a model that has only the rules."""

    @initialize(threshold=st.integers(1, 4), open_for=st.sampled_from([1.0, 2.5]))
    def begin(self, threshold: int, open_for: float) -> None:
        self.clock = Clock()
        self.threshold, self.open_for = threshold, open_for
        self.breaker = CircuitBreaker("x", threshold, open_for, probe_for=4.0, clock=self.clock)
        self.row = 0
        self.opened_at: float | None = None

    def expected(self) -> State:
        return State.CLOSED if self.opened_at is None else State.OPEN

    @rule(seconds=st.sampled_from([0.1, 0.5, 1.0, 3.0]))
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    @rule(operation=st.sampled_from([working, failing, refusing]))
    def call(self, operation: Callable[[], object]) -> None:
        refused = self.opened_at is not None and self.clock.now < self.opened_at + self.open_for
        try:
            self.breaker.call(operation, is_failure)
            outcome: str = "answer"
        except Refused:
            outcome = "answer"
        except Down:
            outcome = "failure"
        except CircuitOpen:
            outcome = "refused"
        if refused:
            assert outcome == "refused"
        elif operation is failing:
            assert outcome == "failure"
            self.row += 1
            if self.opened_at is not None or self.row >= self.threshold:
                self.opened_at, self.row = self.clock.now, 0
        else:
            assert outcome == "answer"
            self.opened_at, self.row = None, 0

    @invariant()
    def state(self) -> None:
        if hasattr(self, "breaker"):
            assert self.breaker.state is self.expected()


TestDefinition = Definition.TestCase
TestDefinition.settings = settings(max_examples=60, stateful_step_count=30)


def test_no_lock_is_held_during_a_call(breaker: CircuitBreaker) -> None:
    answers: list[str] = []

    def inside() -> str:
        other = threading.Thread(
            target=lambda: answers.append(breaker.call(working, is_failure)), daemon=True
        )
        other.start()
        other.join(10)
        return "outer"

    assert breaker.call(inside, is_failure) == "outer"
    assert answers == ["answer"]


def test_nor_while_it_is_told_of_a_change() -> None:
    seen: list[State] = []

    def note(name: str, state: State) -> None:
        asking = threading.Thread(target=lambda: seen.append(asked()), daemon=True)
        asking.start()
        asking.join(10)

    def asked() -> State:
        assert_refuses(breaker)
        return breaker.state

    breaker = CircuitBreaker("x", threshold=1, on_change=note)
    fail(breaker)
    assert seen == [State.OPEN]


def in_parallel(threads: int, work: Callable[[], None]) -> None:
    barrier = threading.Barrier(threads)

    def run() -> None:
        barrier.wait()
        work()

    running = [threading.Thread(target=run) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


def test_threads_lose_no_count() -> None:
    """So many failures open it and not one less, however the threads take turns."""
    threads, each = 8, 2_000
    opened: list[State] = []
    breaker = CircuitBreaker(
        "x", threshold=threads * each, on_change=lambda _, state: opened.append(state)
    )
    in_parallel(threads, lambda: fail(breaker, each - 1))
    assert opened == []
    fail(breaker, threads - 1)
    assert opened == []
    fail(breaker)
    assert opened == [State.OPEN]


def test_of_many_threads_one_probes(clock: Clock) -> None:
    probes: list[int] = []
    done = threading.Event()
    refusals = threading.Semaphore(0)
    breaker = CircuitBreaker("x", threshold=1, open_for=1.0, clock=clock)
    fail(breaker)
    clock.now += 1

    def probe() -> None:
        probes.append(1)
        for _ in range(7):
            assert refusals.acquire(timeout=30)
        done.set()

    def work() -> None:
        try:
            breaker.call(probe, is_failure)
        except CircuitOpen:
            refusals.release()

    in_parallel(8, work)
    assert (len(probes), done.is_set(), breaker.state) == (1, True, State.CLOSED)
