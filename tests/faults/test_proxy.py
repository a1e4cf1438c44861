"""The proxy's faults from the client's view: each has the effect of its name."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from chalicelib.dynamodb.failures import DynamoDBError, NotSent
from chalicelib.retry import Outcome, outcome_of
from tests.faults.fault import (
    ALL,
    DELIVERED,
    HANG_BEFORE,
    LATE,
    LISTENER_CLOSED,
    REFUSED,
    TRICKLE,
    UNDELIVERED,
    Fault,
    closing_the_listener,
)
from tests.faults.plan import Plan, Rule
from tests.faults.proxy import Proxy
from tests.integration.conftest import CLIENTS

KEY = {"id": {"S": "proxy"}}
#: The faults after which DynamoDB still responds.
ANSWERED = {LISTENER_CLOSED.name, TRICKLE.name}
#: The faults that the SDK accepts as a response. Our own client detects them.
TAKEN_FOR_EMPTY = {"not JSON before", "not JSON after", "cut short", "without a body"}

Write = Callable[[], dict[str, Any]]


@pytest.fixture(params=CLIENTS)
def kind(request: pytest.FixtureRequest) -> str:
    """Which of the application's clients sends."""
    return str(request.param)


@pytest.fixture
def write(proxy: Proxy, table_name: str, kind: str) -> Iterator[Write]:
    """Counts to one more each time that it is carried out."""
    proxy.plan = Plan()
    with closing(CLIENTS[kind](proxy.url)) as client:

        def write() -> dict[str, Any]:
            answer: dict[str, Any] = client.update_item(
                TableName=table_name,
                Key=KEY,
                UpdateExpression="ADD #count :one",
                ExpressionAttributeNames={"#count": "count"},
                ExpressionAttributeValues={":one": {"N": "1"}},
                ReturnValues="ALL_NEW",
                ReturnConsumedCapacity="TOTAL",
            )
            return answer

        yield write
    proxy.plan = Plan()


def count(write: Write) -> int:
    return int(write()["Attributes"]["count"]["N"])


def outcome(write: Write) -> Outcome | str | None:
    """Return the table's classification of the result."""
    try:
        answer = write()
    except DynamoDBError as error:
        return outcome_of(error)
    return "answered" if "Attributes" in answer else "empty"


#: Both clients have each fault that they read differently, and the SDK every fourth other.
CASES = [
    pytest.param(
        kind,
        fault,
        id=f"{kind}-{fault}",
        marks=()
        if kind == "own" or n % 4 == 0 or fault.name in TAKEN_FOR_EMPTY
        else pytest.mark.long,
    )
    for kind in CLIENTS
    for n, fault in enumerate(fault for fault in ALL if fault is not LATE)
]


@pytest.mark.parametrize(("kind", "fault"), CASES, indirect=["kind"])
def test_a_fault_is_what_it_is_called(fault: Fault, write: Write, proxy: Proxy, kind: str) -> None:
    before = count(write)
    proxy.plan, forwarded = Plan(Rule([fault])), proxy.forwarded["UpdateItem"]
    found = outcome(write)
    assert proxy.plan.injected == {fault.name: 1}
    proxy.plan = Plan()

    delivered = fault in DELIVERED or fault.name in ANSWERED
    assert proxy.forwarded["UpdateItem"] == forwarded + delivered
    if fault.name in ANSWERED:
        assert found == "answered"
    elif fault.name in TAKEN_FOR_EMPTY and kind == "sdk":
        assert found == "empty"
    else:
        assert found is (Outcome.NOT_APPLIED if fault in REFUSED else Outcome.UNKNOWN)
    until_listening(proxy)
    assert count(write) == before + delivered + 1


def test_late_request_is_applied_after_disconnect(write: Write, proxy: Proxy) -> None:
    before = count(write)
    proxy.plan, forwarded = Plan(Rule([LATE])), proxy.forwarded["UpdateItem"]
    assert outcome(write) is Outcome.UNKNOWN
    assert proxy.forwarded["UpdateItem"] == forwarded
    proxy.plan = Plan()
    assert count(write) == before + 1
    proxy.settle()
    assert count(write) == before + 3


def test_closed_listener_refuses_connections(proxy: Proxy, write: Write) -> None:
    proxy.plan = Plan(Rule([Fault("closed for longer", closing_the_listener(1.0))]))
    write()
    proxy.plan = Plan()
    with pytest.raises(NotSent) as caught:
        write()
    assert outcome_of(caught.value) is Outcome.NOT_APPLIED
    until_listening(proxy)
    write()


def test_every_fault_is_of_one_sort() -> None:
    assert sorted(map(str, ALL)) == sorted(
        map(str, (*REFUSED, *UNDELIVERED, *DELIVERED, TRICKLE, LATE))
    )
    assert len({fault.name for fault in ALL}) == len(ALL)


def test_a_proxy_that_stops_lets_nobody_wait() -> None:
    request = b"POST / HTTP/1.1\r\nX-Amz-Target: x.GetItem\r\nContent-Length: 0\r\n\r\n"
    with Proxy("http://127.0.0.1:9") as proxy:
        proxy.plan = Plan(Rule([HANG_BEFORE]))
        idle, waiting = (socket.create_connection(address(proxy)) for _ in range(2))
        waiting.sendall(request)
        until(lambda: proxy.plan.injected.total() == 1)
    with idle, waiting:
        assert idle.recv(1) == b""
        assert waiting.recv(1) == b""


def address(proxy: Proxy) -> tuple[str, int]:
    return "127.0.0.1", int(proxy.url.rpartition(":")[2])


def until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.01)


def until_listening(proxy: Proxy) -> None:
    def is_listening() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(address(proxy)) == 0

    until(is_listening)
