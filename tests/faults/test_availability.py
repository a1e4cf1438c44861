"""If one DynamoDB request in ten fails, almost all of the API's requests succeed.

The table is as shipped, budget and breakers included, on a clock that moves only with pauses and by
a tenth of a second from one request to the next.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import Any

import pytest

from chalicelib.breaker import CircuitBreaker
from chalicelib.errors import Unavailable
from chalicelib.items import ITEMS
from chalicelib.listing import ListQuery
from chalicelib.retry import Deadline, Retry
from chalicelib.table import RecordTable
from tests.faults.below import FAULTS, PlannedNetwork
from tests.faults.conftest import NewClient
from tests.faults.plan import Plan, Rule
from tests.integration.conftest import at
from tests.integration.examples import ANYWAY, OWNER, item, soon, when
from tests.integration.network import Fault

REQUESTS = 4_000
#: The frequency of operations. A PUT with If-None-Match is excluded: with an unknown outcome, it is
#: not sent again but reported, which is no success.
MIX = {"get": 60, "list": 20, "change": 10, "put": 5, "delete": 5}


class Traffic:
    """Requests of one owner to a table with the plan's faults. They should succeed."""

    def __init__(self, client: Any, table_name: str, plan: Plan[Fault]) -> None:
        self.now = 0.0
        PlannedNetwork(client, plan)
        breaker = partial(CircuitBreaker, clock=lambda: self.now)
        self.table = RecordTable(client, table_name, Retry(sleep=self._sleep), new_breaker=breaker)

    def send(self, kind: str, tag: str) -> None:
        """`tag` is that of the item named "changing"."""
        deadline, table = Deadline.after(9.5, lambda: self.now), self.table
        sends: dict[str, Callable[[], object]] = {
            "get": lambda: table.get(ITEMS, OWNER, "kept", deadline),
            "list": lambda: table.list(ITEMS, OWNER, ListQuery(25), deadline),
            "put": lambda: table.put(ITEMS, OWNER, item("put"), ANYWAY, deadline),
            "change": lambda: table.put(
                ITEMS, OWNER, item("changing"), when(if_match=f'"{tag}"'), deadline
            ),
            "delete": lambda: table.delete(ITEMS, OWNER, "put", ANYWAY, deadline),
        }
        sends[kind]()

    def _sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def plan() -> Plan[Fault]:
    return Plan(Rule(FAULTS, 0.1))


@pytest.fixture
def traffic(
    new_client: NewClient, dynamodb_local_url: str, table_name: str, plan: Plan[Fault]
) -> Iterator[Traffic]:
    with closing(new_client(dynamodb_local_url)) as client:
        yield Traffic(client, table_name, plan)


@pytest.mark.long
def test_one_request_in_a_thousand_fails_at_most(
    dynamodb_local_url: str,
    table_name: str,
    traffic: Traffic,
    plan: Plan[Fault],
    record_property: Callable[[str, object], None],
) -> None:
    chosen = random.Random(1).choices(list(MIX), list(MIX.values()), k=REQUESTS)  # noqa: S311 - no secret
    failed: Counter[str] = Counter()
    with closing(at(dynamodb_local_url)) as client:
        calm = RecordTable(client, table_name)
        calm.put(ITEMS, OWNER, item("kept"), ANYWAY, soon())
        tag = calm.put(ITEMS, OWNER, item("changing"), ANYWAY, soon()).tag
        for kind in chosen:
            traffic.now += 0.1
            try:
                traffic.send(kind, tag)
            except Unavailable as error:
                failed[f"{kind}: {type(error).__name__}"] += 1
            if kind == "change":
                tag = calm.get(ITEMS, OWNER, "changing", soon()).tag
    attempts = sum(plan.seen.values()) / REQUESTS
    record_property(
        "availability", {"requests": REQUESTS, "failed": failed.total(), **plan.injected}
    )
    assert plan.injected.keys() == {fault.name for fault in FAULTS}
    assert sum(plan.injected.values()) > 0.08 * sum(plan.seen.values())
    assert failed.total() <= 0.001 * REQUESTS, failed
    assert attempts < 1.3
