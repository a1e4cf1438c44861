"""The checker finds the errors of broken tables, under the same faults as for the real table."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.dynamodb import sdk
from chalicelib.dynamodb.client import Client
from chalicelib.dynamodb.response import Response
from tests.faults import below
from tests.faults.broken import BROKEN
from tests.faults.conftest import NewClient, RunOf
from tests.faults.fault import ALTERED
from tests.faults.plan import WRITES, Plan, Rule
from tests.faults.workload import Run


def found_within(run: Run, rounds: int) -> bool:
    """Whether there is a violation in so many rounds, which is looked for now and then."""
    return any(not run.go(rounds=10, items=1) or run.violations() for _ in range(rounds // 10))


def without_checksum(exchange: Callable[[bytes], Response]) -> Callable[[bytes], Response]:
    def exchange_without(request: bytes) -> Response:
        response = exchange(request)
        response.headers.pop(b"x-amz-crc32", None)
        return response

    return exchange_without


@pytest.mark.parametrize("new_client", ["own"], indirect=True)  # it is the table that is broken
@pytest.mark.parametrize(
    "promise",
    [
        pytest.param(each, marks=() if each == "one more is the next version" else pytest.mark.long)
        for each in BROKEN
    ],
)
def test_a_broken_promise_is_noticed(promise: str, quick_run_of: RunOf) -> None:
    run = quick_run_of(Plan(Rule(below.FAULTS, 0.4, WRITES)), BROKEN[promise])
    assert found_within(run, rounds=200)


def test_ignored_checksum_is_noticed(run_of: RunOf, new_client: NewClient) -> None:
    def trusting_client(url: str) -> Any:
        client = new_client(url)
        if isinstance(client, Client):
            connection: Any = client._connection
            connection.exchange = without_checksum(connection.exchange)
        else:
            client.sdk.meta.events.unregister("before-parse.dynamodb", sdk._check_sum)
        return client

    run = run_of(Plan(Rule([ALTERED], 0.3)), new_client=trusting_client)
    assert found_within(run, rounds=20)
