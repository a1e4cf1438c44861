"""Retries: one layer, with full jitter, within a deadline, a budget, and a circuit breaker.

The clients send each request once, so attempts never multiply. The pause after attempt n, counted
from 0, is `random(0, min(cap, base * 2**n))`: "full jitter", which spreads clients that failed
together better than any fixed or partly random pause (source: AWS Architecture Blog, "Exponential
Backoff And Jitter").
"""

import random
import threading
import time
from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Any, TypeVar

from msgspec import Struct, field

from chalicelib.breaker import CircuitBreaker
from chalicelib.dynamodb.failures import (
    RENEWABLE_CODES,
    DynamoDBError,
    NotSent,
    Refused,
    ResponseLost,
)
from chalicelib.errors import CircuitOpen, OutcomeUnknown, Unavailable

T = TypeVar("T")

# The system's generator. Every copy of a snapshot would repeat the state of another generator.
_RANDOM = random.SystemRandom()


class Outcome(Enum):
    """The outcome of a failed attempt. Both outcomes allow a retry."""

    NOT_APPLIED = "not applied"
    UNKNOWN = "unknown"


#: DynamoDB's errors that a retry may resolve. All come before a change is applied.
#: Source: "OK to retry?" in the DynamoDB developer guide, "Error handling with DynamoDB"
#: (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html), and
#: the other names of throttling in botocore's `retries.standard`.
THROTTLING_CODES = frozenset(
    {
        "ItemCollectionSizeLimitExceededException",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "ReplicatedWriteConflictException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
# For the next attempt the client renews its credentials and its clock.
_NOT_APPLIED = THROTTLING_CODES | RENEWABLE_CODES


def outcome_of(error: Exception) -> Outcome | None:
    """Return the outcome of a failed attempt, or None if a retry cannot help (a 4xx, or a bug)."""
    if isinstance(error, Refused):
        if error.code in _NOT_APPLIED:
            return Outcome.NOT_APPLIED
        # Without a code, the body was cut off.
        return Outcome.UNKNOWN if not error.code or error.status >= 500 else None
    if isinstance(error, ResponseLost):
        return Outcome.UNKNOWN
    return Outcome.NOT_APPLIED if isinstance(error, NotSent) else None


class Deadline(Struct, frozen=True):
    """A moment on a monotonic clock, in seconds, after which no caller waits for the response."""

    at: float
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def after(cls, seconds: float, clock: Callable[[], float] = time.monotonic) -> "Deadline":
        return cls(clock() + seconds, clock)

    @classmethod
    def of(cls, lambda_context: Any, reserve: float = 0.5) -> "Deadline":
        """Return the invocation's deadline, less the `reserve` (seconds) for an error response."""
        return cls.after(lambda_context.get_remaining_time_in_millis() / 1000 - reserve)

    def remaining(self) -> float:
        return self.at - self.clock()


class RetryBudget:
    """A retry budget: a token bucket that keeps retries from overloading a failing dependency.

    A retry costs a token, and a success earns `refund`. So in the long run retries are at most that
    share of the successes. `capacity` allows some failures in a row to be retried all the same.
    `per_second` tokens come back with time, because a function with little traffic has too few
    successes to refill the bucket. `on_exhausted` is called for each retry that was refused. Safe
    under threads.

    Source: Finagle's RetryBudget. The SDKs' "standard" retry quota is the same idea.
    """

    def __init__(
        self,
        capacity: float = 10.0,
        refund: float = 0.2,
        per_second: float = 0.1,
        on_exhausted: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._capacity = capacity
        self._refund = refund
        self._per_second = per_second
        self._on_exhausted = on_exhausted
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens = capacity
        self._refilled_at = clock()

    def take(self) -> bool:
        """Pay for one retry, and return whether there were enough tokens."""
        with self._lock:
            now = self._clock()
            self._add((now - self._refilled_at) * self._per_second)
            self._refilled_at = now
            # The sum of refunds such as 0.2 is not exact.
            enough = self._tokens > 1 - 1e-9
            if enough:
                self._tokens -= 1
        if not enough:
            self._on_exhausted()
        return enough

    def earn(self) -> None:
        """Add the refund of a success."""
        with self._lock:
            self._add(self._refund)

    def reset(self) -> None:
        """Fill the bucket."""
        with self._lock:
            self._tokens = self._capacity

    def _add(self, tokens: float) -> None:
        self._tokens = min(self._capacity, self._tokens + tokens)


class Retry(Struct, frozen=True):
    """A policy of how often and how fast to try again. All times are in seconds.

    `attempt_timeout`: the longest time of one attempt. No attempt begins that might end too late.
    `sleep` and `uniform` are the only parts with effects, so that tests can replace them. Only the
    `budget` has a state.

    Do not use it for operations that must not be sent twice. Make them idempotent first.
    """

    attempts: int = 4
    base: float = 0.05
    cap: float = 1.0
    attempt_timeout: float = 3.0
    sleep: Callable[[float], None] = time.sleep
    uniform: Callable[[float, float], float] = _RANDOM.uniform
    budget: RetryBudget = field(default_factory=RetryBudget)

    def delay(self, attempt: int) -> float:
        """Return the random pause (seconds) after the attempt of this number, counted from 0."""
        return self.uniform(0, min(self.cap, self.base * 2**attempt))

    def read(self, send: Callable[[], T], deadline: Deadline, breaker: CircuitBreaker) -> T:
        """Send a read as `call` does. A read has no effect, so its outcome is never unknown."""
        try:
            return self.call(lambda _: send(), deadline, breaker)
        except OutcomeUnknown as error:
            raise Unavailable() from error.__cause__

    def call(self, send: Callable[[bool], T], deadline: Deadline, breaker: CircuitBreaker) -> T:
        """Send until there is a response, or until attempts, budget or time are exhausted.

        `send(outcome_unknown)` makes one attempt. `outcome_unknown` means that an earlier attempt
        may have been applied. If it still holds at the end, raises `OutcomeUnknown`. Otherwise
        raises the error itself if it is not retryable, `CircuitOpen` if the breaker is open, and
        `Unavailable` after any other failure.
        """
        outcome_unknown = False
        last: Exception | None = None
        for attempt in range(self.attempts):
            # One broken idle connection is no sign of a failing dependency. A second one is.
            is_free = attempt == 1 and isinstance(last, ResponseLost) and last.stale
            pause = self.delay(attempt - 1) if attempt and not is_free else 0.0
            if deadline.remaining() < pause + self.attempt_timeout:
                break
            if attempt and not is_free and not self.budget.take():
                break
            if pause:
                self.sleep(pause)
            try:
                response = breaker.call(partial(send, outcome_unknown), _is_failure)
            except CircuitOpen as error:
                if outcome_unknown:
                    break
                raise error from last
            except DynamoDBError as error:
                outcome, last = outcome_of(error), error
                if outcome is None:
                    if outcome_unknown:
                        break
                    raise
                outcome_unknown = outcome_unknown or outcome is Outcome.UNKNOWN
            else:
                self.budget.earn()
                return response
        raise (OutcomeUnknown() if outcome_unknown else Unavailable()) from last


def _is_failure(error: Exception) -> bool:
    return outcome_of(error) is not None
