import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.breaker import CircuitBreaker, State
from chalicelib.dynamodb.failures import (
    RENEWABLE_CODES,
    DynamoDBError,
    NotSent,
    NotTrusted,
    NotUnderstood,
    Refused,
    ResponseLost,
)
from chalicelib.errors import CircuitOpen, OutcomeUnknown, Unavailable
from chalicelib.retry import THROTTLING_CODES, Deadline, Outcome, Retry, RetryBudget, outcome_of


def refusal(code: str, status: int) -> Refused:
    return Refused(code, "", status, {})


THROTTLED = refusal("ThrottlingException", 400)
BROKEN = refusal("InternalServerError", 500)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        *[(refusal(code, 400), Outcome.NOT_APPLIED) for code in sorted(THROTTLING_CODES)],
        *[(refusal(code, 400), Outcome.NOT_APPLIED) for code in sorted(RENEWABLE_CODES)],
        (NotSent("refused"), Outcome.NOT_APPLIED),
        (NotTrusted("self-signed"), Outcome.NOT_APPLIED),
        (BROKEN, Outcome.UNKNOWN),
        (refusal("", 400), Outcome.UNKNOWN),  # cut off before the code
        (refusal("ServiceUnavailable", 503), Outcome.UNKNOWN),
        (ResponseLost("timed out"), Outcome.UNKNOWN),
        (NotUnderstood("no JSON"), Outcome.UNKNOWN),
        (refusal("ConditionalCheckFailedException", 400), None),
        (refusal("ValidationException", 400), None),
        (refusal("AccessDeniedException", 400), None),
        (DynamoDBError("no credentials"), None),
        (ValueError(), None),
    ],
    ids=lambda value: type(value).__name__,
)
def test_failures_are_classed(error: Exception, outcome: Outcome | None) -> None:
    assert outcome_of(error) is outcome


class Time:
    """A clock that moves only when somebody sleeps or works."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def deadline(self, seconds: float) -> Deadline:
        return Deadline.after(seconds, lambda: self.now)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def breaker() -> CircuitBreaker:
    """Return a breaker that stays closed. test_breaker.py tests it."""
    return CircuitBreaker("calls", threshold=1000)


def longest(_low: float, high: float) -> float:
    return high


def failing(*errors: Exception | None) -> tuple[Callable[[bool], str], list[bool]]:
    """Return a request with these failures in turn (None: success), and its arguments."""
    told: list[bool] = []

    def send(outcome_unknown: bool) -> str:
        error = errors[len(told)]
        told.append(outcome_unknown)
        if error:
            raise error
        return "answer"

    return send, told


def test_a_success_is_not_repeated(time: Time, breaker: CircuitBreaker) -> None:
    send, told = failing(None)
    assert Retry(sleep=time.sleep).call(send, time.deadline(10), breaker) == "answer"
    assert (told, time.pauses) == ([False], [])


def test_doubt_once_raised_stays(time: Time, breaker: CircuitBreaker) -> None:
    send, told = failing(THROTTLED, BROKEN, THROTTLED, None)
    assert Retry(sleep=time.sleep).call(send, time.deadline(60), breaker) == "answer"
    assert told == [False, False, True, True]


def test_pauses_double_up_to_the_cap(time: Time, breaker: CircuitBreaker) -> None:
    retry = Retry(attempts=7, base=0.1, cap=1.0, sleep=time.sleep, uniform=longest)
    send, told = failing(*[THROTTLED] * 7)
    with pytest.raises(Unavailable) as failure:
        retry.call(send, time.deadline(60), breaker)
    assert type(failure.value) is Unavailable
    assert failure.value.__cause__ is THROTTLED
    assert len(told) == 7
    assert time.pauses == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.0, 1.0])


@given(base=st.floats(0.001, 1), cap=st.floats(0.001, 10), attempt=st.integers(0, 40))
def test_jitter_is_full(base: float, cap: float, attempt: int) -> None:
    bounds: list[tuple[float, float]] = []

    def record(low: float, high: float) -> float:
        bounds.append((low, high))
        return low

    assert Retry(base=base, cap=cap, uniform=record).delay(attempt) == 0
    assert bounds == [(0, min(cap, base * 2**attempt))]


def test_jitter_is_really_random() -> None:
    delays = {Retry(base=1.0).delay(0) for _ in range(20)}
    assert len(delays) == 20
    assert all(0 <= delay <= 1 for delay in delays)


def test_in_doubt_at_the_end_says_so(time: Time, breaker: CircuitBreaker) -> None:
    send, _ = failing(BROKEN, THROTTLED)
    with pytest.raises(OutcomeUnknown):
        Retry(attempts=2, sleep=time.sleep).call(send, time.deadline(60), breaker)


def test_a_read_is_never_in_doubt(time: Time, breaker: CircuitBreaker) -> None:
    def send() -> str:
        raise BROKEN

    with pytest.raises(Unavailable) as failure:
        Retry(attempts=2, sleep=time.sleep).read(send, time.deadline(60), breaker)
    assert type(failure.value) is Unavailable
    assert failure.value.__cause__ is BROKEN


@pytest.mark.parametrize("seconds", [-1.0, 0.0, 2.9])
def test_attempt_that_could_end_late_is_not_made(
    time: Time, seconds: float, breaker: CircuitBreaker
) -> None:
    send, told = failing(None)
    with pytest.raises(Unavailable):
        Retry(attempt_timeout=3, sleep=time.sleep).call(send, time.deadline(seconds), breaker)
    assert told == []


def test_the_pause_counts_against_the_deadline(time: Time, breaker: CircuitBreaker) -> None:
    retry = Retry(base=1, cap=1, attempt_timeout=3, sleep=time.sleep, uniform=longest)
    send, told = failing(THROTTLED, None)
    with pytest.raises(Unavailable):
        retry.call(send, time.deadline(3.9), breaker)
    assert (told, time.pauses) == ([False], [])


def test_non_retryable_error_propagates(time: Time, breaker: CircuitBreaker) -> None:
    denied = refusal("AccessDeniedException", 400)
    send, told = failing(denied)
    with pytest.raises(Refused) as failure:
        Retry(sleep=time.sleep).call(send, time.deadline(60), breaker)
    assert failure.value is denied
    assert told == [False]


def test_error_after_lost_response_is_unknown(time: Time, breaker: CircuitBreaker) -> None:
    denied = refusal("AccessDeniedException", 400)
    send, told = failing(BROKEN, denied)
    with pytest.raises(OutcomeUnknown) as failure:
        Retry(sleep=time.sleep).call(send, time.deadline(60), breaker)
    assert failure.value.__cause__ is denied
    assert told == [False, True]


def test_the_deadline_is_lambdas_less_a_reserve() -> None:
    class Context:
        def get_remaining_time_in_millis(self) -> int:
            return 10_000

    assert 9.4 < Deadline.of(Context(), reserve=0.5).remaining() <= 9.5


def test_the_breaker_ends_it(time: Time) -> None:
    send, told = failing(*[THROTTLED] * 4)
    breaker = CircuitBreaker("calls", threshold=2)
    with pytest.raises(CircuitOpen) as failure:
        Retry(sleep=time.sleep).call(send, time.deadline(60), breaker)
    assert told == [False, False]
    assert failure.value.__cause__ is THROTTLED


def test_outcome_unknown_precedes_the_breaker(time: Time) -> None:
    send, told = failing(*[BROKEN] * 4)
    with pytest.raises(OutcomeUnknown) as failure:
        Retry(sleep=time.sleep).call(send, time.deadline(60), CircuitBreaker("calls", threshold=1))
    assert told == [False]
    assert failure.value.__cause__ is BROKEN


def test_only_dependency_failures_open_breaker(time: Time) -> None:
    breaker = CircuitBreaker("calls", threshold=1)
    for refused in (refusal("ConditionalCheckFailedException", 400), ValueError()):
        send, _ = failing(refused)
        with pytest.raises(type(refused)):
            Retry(sleep=time.sleep).call(send, time.deadline(60), breaker)
    assert breaker.state is State.CLOSED


def test_each_retry_costs_a_token(time: Time, breaker: CircuitBreaker) -> None:
    refused: list[str] = []
    budget = RetryBudget(capacity=2, on_exhausted=lambda: refused.append("retry"))
    send, told = failing(*[THROTTLED] * 4)
    with pytest.raises(Unavailable):
        Retry(sleep=time.sleep, budget=budget).call(send, time.deadline(60), breaker)
    assert (len(told), refused) == (3, ["retry"])


def test_first_attempt_needs_no_budget(time: Time, breaker: CircuitBreaker) -> None:
    send, told = failing(None)
    retry = Retry(sleep=time.sleep, budget=RetryBudget(capacity=0))
    assert retry.call(send, time.deadline(60), breaker) == "answer"
    assert told == [False]


def test_successes_earn_retries() -> None:
    budget = RetryBudget(capacity=1, refund=0.2)
    assert budget.take()
    for _ in range(4):
        budget.earn()
        assert not budget.take()
    budget.earn()
    assert budget.take()


@given(
    capacity=st.integers(0, 5),
    refund=st.sampled_from([0.1, 0.2, 0.5, 1.0]),
    steps=st.lists(st.sampled_from(["take", "earn", "reset"]), max_size=60),
)
def test_the_budget_is_a_token_bucket(capacity: int, refund: float, steps: list[str]) -> None:
    budget = RetryBudget(capacity=capacity, refund=refund)
    tenths = capacity * 10
    for step in steps:
        if step == "take":
            assert budget.take() is (tenths >= 10)
            tenths -= 10 if tenths >= 10 else 0
        elif step == "earn":
            budget.earn()
            tenths = min(capacity * 10, tenths + round(refund * 10))
        else:
            budget.reset()
            tenths = capacity * 10


def test_a_success_of_a_retry_earns_too(time: Time, breaker: CircuitBreaker) -> None:
    budget = RetryBudget(capacity=1, refund=1)
    retry = Retry(sleep=time.sleep, budget=budget)
    for _ in range(3):
        send, _ = failing(THROTTLED, None)
        assert retry.call(send, time.deadline(60), breaker) == "answer"


def test_threads_share_the_budget() -> None:
    budget = RetryBudget(capacity=1000)
    taken: list[int] = []

    def take() -> None:
        taken.append(sum(budget.take() for _ in range(400)))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(taken) == 1000


def test_two_policies_have_a_budget_each() -> None:
    assert Retry().budget is not Retry().budget
