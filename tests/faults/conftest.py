"""DynamoDB Local behind the proxy, and clients of it that do not wait long."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import partial
from typing import Any

import pytest

from chalicelib.breaker import CircuitBreaker
from chalicelib.retry import Retry, RetryBudget
from chalicelib.table import RecordTable
from tests.faults.below import PlannedNetwork
from tests.faults.doors import TableDoor
from tests.faults.plan import Plan
from tests.faults.proxy import Proxy
from tests.faults.workload import Run
from tests.integration.conftest import CLIENTS, at, dynamodb_local_url, new_table

__all__ = ["dynamodb_local_url"]  # a fixture, which is found here

AT_ONCE = 4  # clients
READ_TIMEOUT = 0.6  # seconds, more than a busy computer needs for a response

NewTable = Callable[..., RecordTable]
NewClient = Callable[[str], Any]
#: Makes a run whose clients meet the faults of a plan.
RunOf = Callable[..., Run]


def stubborn() -> dict[str, Any]:
    """Return a retry and breakers that always try again, at a pace for tests.

    With the default breaker and budget, most requests under so many faults would fail at once, so
    the tests would not reach the tested situations.
    """
    budget = RetryBudget(capacity=float("inf"))
    return {
        "retry": Retry(base=0.01, cap=0.05, attempt_timeout=READ_TIMEOUT, budget=budget),
        "new_breaker": partial(CircuitBreaker, threshold=10**9),
    }


def as_shipped() -> dict[str, Any]:
    """Return the function's own breaker and budget."""
    return {"retry": Retry(base=0.01, cap=0.05, attempt_timeout=READ_TIMEOUT)}


@pytest.fixture(params=CLIENTS)
def new_client(request: pytest.FixtureRequest) -> NewClient:
    """Return a factory of each of the application's clients in turn, with other timeouts."""
    return partial(CLIENTS[request.param], read_timeout=READ_TIMEOUT)


@pytest.fixture(scope="session")
def table_name(dynamodb_local_url: str) -> str:
    """Create one table for all runs. Each run has its own items."""
    with closing(at(dynamodb_local_url)) as client:
        return new_table(client)


@pytest.fixture(scope="session")
def proxy(dynamodb_local_url: str) -> Iterator[Proxy]:
    with Proxy(dynamodb_local_url) as proxy:
        yield proxy


@pytest.fixture
def clients() -> Iterator[ExitStack]:
    """Close the resources of one test."""
    with ExitStack() as clients:
        yield clients


@pytest.fixture
def run_of(
    proxy: Proxy,
    table_name: str,
    last_door: TableDoor,
    clients: ExitStack,
    new_client: NewClient,
) -> Iterator[RunOf]:
    """Return `run_of(plan)`, a run of clients whose requests go through the proxy."""

    def run_of(
        plan: Plan[Any],
        new_table: NewTable = RecordTable,
        settings: Callable[[], dict[str, Any]] = stubborn,
        new_client: NewClient = new_client,
        late: bool = False,
    ) -> Run:
        proxy.plan = plan
        doors = []
        for _ in range(AT_ONCE):
            client = clients.enter_context(closing(new_client(proxy.url)))
            doors.append(_door(client, new_table(client, table_name, **settings())))
        return Run(doors, last_door, late)

    yield run_of
    proxy.plan = Plan()


@pytest.fixture
def quick_run_of(
    dynamodb_local_url: str,
    table_name: str,
    last_door: TableDoor,
    clients: ExitStack,
    new_client: NewClient,
) -> RunOf:
    """Return `run_of(plan)` for clients with faults below them, without real waiting."""

    def quick_run_of(plan: Plan[Any], new_table: NewTable = RecordTable) -> Run:
        doors = []
        for _ in range(AT_ONCE):
            client = clients.enter_context(closing(new_client(dynamodb_local_url)))
            PlannedNetwork(client, plan)
            doors.append(_door(client, new_table(client, table_name, **stubborn())))
        return Run(doors, last_door)

    return quick_run_of


@pytest.fixture
def last_door(dynamodb_local_url: str, table_name: str, clients: ExitStack) -> TableDoor:
    """Return a client without faults."""
    client = clients.enter_context(closing(at(dynamodb_local_url)))
    return TableDoor(RecordTable(client, table_name))


def _door(client: Any, table: RecordTable) -> TableDoor:
    door = TableDoor(table)
    client.update_item = door.counted(client.update_item)
    client.delete_item = door.counted(client.delete_item)
    return door
