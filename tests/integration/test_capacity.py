"""The capacity of requests depends on the returned data, not on the size of the table."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from app import app
from chalicelib.dynamodb.operations import Operation
from chalicelib.errors import PreconditionFailed
from chalicelib.items import ITEMS
from chalicelib.listing import ListQuery
from chalicelib.preconditions import Preconditions
from chalicelib.record import partition
from chalicelib.table import INDEX, RecordTable
from tests.integration.examples import (
    ANYWAY,
    OTHER_OWNER,
    OWNER,
    item,
    real_engine,
    soon,
    time_at,
    when,
)
from tests.records import record_of

pytestmark = real_engine

LONG = "x" * 4000

ASKED = [
    ANYWAY,
    when(if_match="*"),
    when(if_match='"x"'),
    when(if_none_match="*"),
    when(if_none_match='"x"'),
]

Costs = list[tuple[str, float]]

#: Each method that a client has, and DynamoDB's name of the operation.
OPERATIONS = {
    "get_item": "GetItem",
    "update_item": "UpdateItem",
    "delete_item": "DeleteItem",
    "query": "Query",
}


class Meter:
    """Notes each operation of a client and the capacity units it consumed."""

    def __init__(self) -> None:
        self._noted: Costs = []

    def metered(self, name: str, operation: Operation) -> Operation:
        """Return the client's method, noting each call."""

        def call(**parameters: Any) -> dict[str, Any]:
            units = 0.0
            try:
                response = operation(**parameters)
                units = response["ConsumedCapacity"]["CapacityUnits"]
            finally:
                self._noted.append((name, units))
            return response

        return call

    def costs(self, *calls: Callable[[], object]) -> Costs:
        """Return the consumed capacity of these calls, including failed preconditions."""
        self._noted.clear()
        for call in calls:
            with suppress(PreconditionFailed):
                call()
        return list(self._noted)

    def operations(self, *calls: Callable[[], object]) -> list[str]:
        return [name for name, _ in self.costs(*calls)]


@pytest.fixture
def meter(client: Any) -> Iterator[Meter]:
    meter = Meter()
    with pytest.MonkeyPatch.context() as patch:
        for method, name in OPERATIONS.items():
            patch.setattr(client, method, meter.metered(name, getattr(client, method)))
        yield meter


def fill(table: RecordTable, owner: str, count: int, description: str) -> None:
    for n in range(count):
        table.put(ITEMS, owner, item(f"item-{n}", description=description), ANYWAY, soon())


def test_a_list_costs_the_summaries_it_returns(records: RecordTable, meter: Meter) -> None:
    def costs() -> Costs:
        return meter.costs(lambda: records.list(ITEMS, OWNER, ListQuery(), soon()))

    fill(records, OWNER, 5, "")
    # An eventually consistent read of up to 4 KB costs half a unit.
    assert costs() == [("Query", 0.5)]
    fill(records, OWNER, 5, LONG)
    assert costs() == [("Query", 0.5)]
    fill(records, OTHER_OWNER, 200, LONG)
    assert costs() == [("Query", 0.5)]


def test_a_page_costs_what_is_on_it(records: RecordTable, meter: Meter) -> None:
    for n in range(60):
        records.put(ITEMS, OWNER, item(f"item-{n}", "n" * 200, LONG), ANYWAY, soon())
    [(_, whole)] = meter.costs(lambda: records.list(ITEMS, OWNER, ListQuery(limit=60), soon()))
    [(_, page)] = meter.costs(lambda: records.list(ITEMS, OWNER, ListQuery(limit=5), soon()))
    # With a name so long, a summary is between 300 and 400 bytes: 60 of them are 18 to 24 KB.
    assert whole in (2.5, 3.0)
    assert page == 0.5


def test_an_item_costs_the_same_in_any_table(records: RecordTable, meter: Meter) -> None:
    large, small = item("x", description=LONG), item("x")

    def costs() -> Costs:
        return meter.costs(
            lambda: records.put(ITEMS, OWNER, large, when(if_none_match="*"), soon()),
            lambda: records.get(ITEMS, OWNER, "x", soon()),
            lambda: records.put(ITEMS, OWNER, small, when(if_match="*"), soon()),
            lambda: records.get(ITEMS, OWNER, "x", soon()),
            lambda: records.delete(ITEMS, OWNER, "x", ANYWAY, soon()),
        )

    alone = costs()
    # The read is strongly consistent: a unit for each 4 KB that the item begins.
    assert (alone[1], alone[3]) == (("GetItem", 2.0), ("GetItem", 1.0))
    fill(records, OWNER, 5, LONG)
    fill(records, OTHER_OWNER, 100, LONG)
    assert costs() == alone


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_each_request_is_one_operation(
    records: RecordTable, meter: Meter, asked: Preconditions
) -> None:
    fill(records, OWNER, 2, "")
    cursor = records.list(ITEMS, OWNER, ListQuery(limit=1), soon()).cursor
    assert cursor is not None
    assert meter.operations(
        lambda: records.put(ITEMS, OWNER, item("item-0"), asked, soon()),
        lambda: records.put(ITEMS, OWNER, item("new"), asked, soon()),
        lambda: records.get(ITEMS, OWNER, "item-0", soon()),
        lambda: records.list(ITEMS, OWNER, ListQuery(order="asc"), soon()),
        lambda: records.list(ITEMS, OWNER, ListQuery(1, cursor=cursor), soon()),
        lambda: records.delete(ITEMS, OWNER, "item-0", asked, soon()),
        lambda: records.delete(ITEMS, OWNER, "gone", asked, soon()),
    ) == ["UpdateItem", "UpdateItem", "GetItem", "Query", "Query", "DeleteItem", "DeleteItem"]


def fill_fast(client: Any, table_name: str, numbers: range) -> None:
    """Items of one owner, a millisecond apart, as `RecordTable` would have written them."""
    requests = (
        {
            "PutRequest": {
                "Item": record_of(
                    OWNER,
                    f"item-{number}",
                    f"{number:016}",
                    time_at(number),
                    name="myitem",
                    description="x" * 100,
                )
            }
        }
        for number in numbers
    )
    while batch := list(itertools.islice(requests, 25)):
        answer = client.sdk.batch_write_item(RequestItems={table_name: batch})
        assert answer["UnprocessedItems"] == {}


def costs_of_routes(table: RecordTable, meter: Meter) -> dict[tuple[str, str], Costs]:
    """Return the cost of each route's requests, in a table with `item-0` to `item-9`."""
    whole = item("item-5", description="y" * 100)
    limited = [ListQuery(limit=3), ListQuery(limit=3, order="asc")]
    cursors = [table.list(ITEMS, OWNER, query, soon()).cursor for query in limited]
    following = [
        ListQuery(query.limit, query.order, cursor)
        for query, cursor in zip(limited, cursors, strict=True)
    ]
    calls: dict[tuple[str, str], list[Callable[[], object]]] = {
        ("GET", "/items"): [
            partial(table.list, ITEMS, OWNER, query, soon()) for query in [*limited, *following]
        ],
        ("PUT", "/items"): [
            lambda: table.put(ITEMS, OWNER, whole, ANYWAY, soon()),
            lambda: table.put(ITEMS, OWNER, whole, when(if_match="*"), soon()),
            lambda: table.put(ITEMS, OWNER, item("new"), when(if_none_match="*"), soon()),
        ],
        ("GET", "/items/{id}"): [
            lambda: table.get(ITEMS, OWNER, "item-0", soon()),
            lambda: table.get(ITEMS, OWNER, "item-9", soon()),
        ],
        ("DELETE", "/items/{id}"): [
            lambda: table.delete(ITEMS, OWNER, "new", ANYWAY, soon()),
            lambda: table.delete(ITEMS, OWNER, "gone", ANYWAY, soon()),
        ],
    }
    found = {route: meter.costs(*each) for route, each in calls.items()}
    for route, costs in found.items():
        assert len(costs) == len(calls[route]), f"{route}: more than one operation for a request"
    return found


@pytest.mark.parametrize("count", [1_000, pytest.param(10_000, marks=pytest.mark.long)])
def test_many_items_cost_no_more_than_ten(
    count: int, client: Any, table_name: str, records: RecordTable, meter: Meter
) -> None:
    fill_fast(client, table_name, range(10))
    with_ten = costs_of_routes(records, meter)
    fill_fast(client, table_name, range(10, count))
    assert costs_of_routes(records, meter) == with_ten
    assert with_ten.keys() == {
        (method, path)
        for path, methods in app.routes.items()
        for method in methods
        if path.split("/")[1] == ITEMS.name  # another kind goes through the same code
    }
    assert all(units > 0 for costs in with_ten.values() for _, units in costs)
    pages = client.sdk.get_paginator("query").paginate(
        TableName=table_name,
        IndexName=INDEX,
        Select="COUNT",
        KeyConditionExpression="#owner = :owner",
        ExpressionAttributeNames={"#owner": "owner"},
        ExpressionAttributeValues={":owner": {"S": partition(ITEMS, OWNER)}},
    )
    assert sum(page["Count"] for page in pages) == count
