"""DynamoDB throttles everything for ten seconds, and then works again. No time really passes.

Requests keep coming, and are given to instances of the function as Lambda gives them: one at a
time, to a new instance where all are busy. Each instance has a breaker and a budget of its own.
"""

import math
import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.breaker import CircuitBreaker, State
from chalicelib.dynamodb.failures import Refused
from chalicelib.errors import CircuitOpen, ResourceNotFound, Unavailable
from chalicelib.items import ITEMS
from chalicelib.retry import Deadline, Retry, RetryBudget
from chalicelib.table import RecordTable
from tests.integration.examples import ANYWAY, OWNER, item

OUTAGE = 10.0  # seconds
GAP = 0.05  # between two requests
CALL = 0.004  # DynamoDB's response time
ALLOWED = 9.5  # the time for a request within Lambda's timeout

Request = Callable[[RecordTable, Deadline], object]


class Instance:
    """A table on a clock of its own, and a DynamoDB that throttles until `OUTAGE`."""

    def __init__(self, protected: bool = True) -> None:
        self.now = 0.0
        self.calls = 0  # during the outage
        self.longest = 0.0
        self.states: list[tuple[str, State]] = []
        self.refusals: list[Unavailable] = []
        # Random, but the same each time.
        uniform = random.Random(1).uniform  # noqa: S311 - no secret
        budget = RetryBudget(clock=self._clock)
        retry = Retry(sleep=self._sleep, uniform=uniform, budget=budget)
        breaker = partial(CircuitBreaker, clock=self._clock, on_change=self._note)
        if not protected:
            retry = replace(retry, budget=RetryBudget(capacity=math.inf))
            breaker = partial(breaker, threshold=10**9)
        self.table = RecordTable(self, "items", retry, new_breaker=breaker)

    def deadline(self) -> Deadline:
        return Deadline.after(ALLOWED, self._clock)

    def serve(self, request: Request) -> bool:
        """Whether it succeeded."""
        started = self.now
        try:
            request(self.table, self.deadline())
        except Unavailable as error:
            self.refusals.append(error)
            return False
        finally:
            self.longest = max(self.longest, self.now - started)
        return True

    def _clock(self) -> float:
        return self.now

    def _sleep(self, seconds: float) -> None:
        self.now += seconds

    def _note(self, name: str, state: State) -> None:
        self.states.append((name, state))

    def _answer(self, operation: str) -> dict[str, Any]:
        self.now += CALL
        if self.now < OUTAGE:
            self.calls += 1
            raise Refused("ThrottlingException", "Rate exceeded", 400, {})
        return {"ConsumedCapacity": {"CapacityUnits": 1.0}, "Items": []}

    def get_item(self, **_: Any) -> dict[str, Any]:
        return self._answer("GetItem")

    def query(self, **_: Any) -> dict[str, Any]:
        return self._answer("Query")

    def delete_item(self, **_: Any) -> dict[str, Any]:
        return self._answer("DeleteItem")

    def update_item(self, **_: Any) -> dict[str, Any]:
        raise NotImplementedError  # other tests check responses on a real engine

    def close(self) -> None:
        raise NotImplementedError


def serve_all(request: Request, protected: bool = True) -> tuple[list[Instance], float]:
    """Run until two seconds after the outage. Return the instances and the first success."""
    instances: list[Instance] = []
    for number in range(round((OUTAGE + 2) / GAP)):
        arrival = number * GAP
        idle = [each for each in instances if each.now <= arrival]
        if not idle:
            idle = [Instance(protected)]
            instances += idle
        # The one that was last at work, as Lambda does it.
        instance = max(idle, key=lambda each: each.now)
        instance.now = arrival
        if instance.serve(request):
            return instances, instance.now
    raise AssertionError("nothing succeeded")


def get(table: RecordTable, deadline: Deadline) -> None:
    with pytest.raises(ResourceNotFound):
        table.get(ITEMS, OWNER, "1", deadline)


def delete(table: RecordTable, deadline: Deadline) -> None:
    table.delete(ITEMS, OWNER, "1", ANYWAY, deadline)


@pytest.mark.parametrize(("request_", "kind"), [(get, "reads"), (delete, "writes")])
def test_it_is_left_alone_and_found_again(request_: Request, kind: str) -> None:
    alone, _ = serve_all(request_, protected=False)
    guarded, first_success = serve_all(request_)
    assert sum(each.calls for each in guarded) < 0.05 * sum(each.calls for each in alone)
    assert OUTAGE <= first_success <= OUTAGE + 2
    refusals = [error for each in guarded for error in each.refusals]
    assert {error.status for error in refusals} == {503}
    assert {error.headers["Retry-After"] for error in refusals} == {"1", "2"}
    assert max(each.longest for each in guarded) <= ALLOWED
    assert {state for each in guarded for state in each.states[:1]} == {(kind, State.OPEN)}
    assert (kind, State.CLOSED) in {state for each in guarded for state in each.states[-1:]}


def test_failing_writes_do_not_stop_reads() -> None:
    instance = Instance()
    for _ in range(2):
        assert not instance.serve(delete)
    with pytest.raises(CircuitOpen):
        instance.table.put(ITEMS, OWNER, item("1", "x"), ANYWAY, instance.deadline())
    assert instance.calls == 5
    assert not instance.serve(get)
    assert instance.calls > 5
