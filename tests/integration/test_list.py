"""Lists: their content, order and cursors."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest

from chalicelib.body import encode
from chalicelib.errors import InvalidRequest
from chalicelib.items import ITEMS
from chalicelib.listing import ListQuery, Order
from chalicelib.record import quoted
from chalicelib.table import RecordTable
from tests.integration.examples import (
    ANYWAY,
    OTHER_OWNER,
    OWNER,
    item,
    soon,
    ticking,
    time_at,
)

ORDERS: list[Order] = ["asc", "desc"]
SEVEN = [f"item-{n}" for n in (3, 1, 4, 2, 7, 5, 6)]


@pytest.fixture
def timed_table(client: Any, table_name: str) -> RecordTable:
    return RecordTable(client, table_name, now=ticking())


@pytest.fixture
def seven(timed_table: RecordTable) -> RecordTable:
    """A table with seven items, created in the order of `SEVEN`, and two of another owner."""
    for item_id in SEVEN:
        timed_table.put(ITEMS, OWNER, item(item_id), ANYWAY, soon())
        if item_id in SEVEN[2:4]:
            timed_table.put(ITEMS, OTHER_OWNER, item(f"other-{item_id}"), ANYWAY, soon())
    return timed_table


def ids(page: list[Any]) -> list[str]:
    return [summary.id for summary in page]


def pages(table: RecordTable, limit: int, order: Order) -> list[list[Any]]:
    """All pages of the owner's list, from the first to the one without a cursor."""
    found, cursor = [], None
    for _ in range(20):
        page = table.list(ITEMS, OWNER, ListQuery(limit, order, cursor), soon())
        found.append(page.items)
        cursor = page.cursor
        if cursor is None:
            return found
    raise AssertionError("the list has no end")


def cursor_of(table: RecordTable, order: Order = "desc") -> str:
    cursor = table.list(ITEMS, OWNER, ListQuery(3, order), soon()).cursor
    assert cursor is not None
    return cursor


def test_a_list_may_be_empty(records: RecordTable) -> None:
    records.put(ITEMS, OTHER_OWNER, item(), ANYWAY, soon())
    page = records.list(ITEMS, OWNER, ListQuery(), soon())
    assert (page.items, page.cursor) == ([], None)


def test_a_list_holds_summaries(timed_table: RecordTable) -> None:
    given = ITEMS.parse(b'{"id": "1", "name": "n", "price": 0.10, "description": "long"}')
    timed_table.put(ITEMS, OWNER, given, ANYWAY, soon())
    replaced = timed_table.put(ITEMS, OWNER, given, ANYWAY, soon())
    bare = timed_table.put(ITEMS, OWNER, item("2", "bare"), ANYWAY, soon())
    page = timed_table.list(ITEMS, OWNER, ListQuery(order="asc"), soon())
    assert page.items == [
        ITEMS.summary(
            id="1",
            name="n",
            price=given.price,
            version=2,
            created_at=time_at(0),
            updated_at=time_at(1),
            etag=quoted(replaced.tag),
        ),
        ITEMS.summary(
            id="2",
            name="bare",
            version=1,
            created_at=time_at(2),
            updated_at=time_at(2),
            etag=quoted(bare.tag),
        ),
    ]
    assert "description" not in encode(page)
    assert OWNER not in encode(page)


@pytest.mark.parametrize(("order", "expected"), [("asc", SEVEN), ("desc", SEVEN[::-1])])
def test_a_list_is_in_order_of_creation(
    seven: RecordTable, order: Order, expected: list[str]
) -> None:
    seven.put(ITEMS, OWNER, item(SEVEN[2], "changed later"), ANYWAY, soon())
    assert ids(seven.list(ITEMS, OWNER, ListQuery(order=order), soon()).items) == expected


def test_newest_first_is_the_default(seven: RecordTable) -> None:
    assert ids(seven.list(ITEMS, OWNER, ListQuery(), soon()).items) == SEVEN[::-1]


@pytest.mark.pairs
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8, 100])
def test_pages_lead_to_the_end(seven: RecordTable, limit: int, order: Order) -> None:
    expected = SEVEN if order == "asc" else SEVEN[::-1]
    found = [ids(page) for page in pages(seven, limit, order)]
    assert [item_id for page in found for item_id in page] == expected
    assert all(len(page) == limit for page in found[:-1])
    assert found[0] == expected[:limit]


def test_a_cursor_outlives_the_item_it_names(seven: RecordTable) -> None:
    cursor = cursor_of(seven, "asc")
    for item_id in SEVEN[1:4]:
        seven.delete(ITEMS, OWNER, item_id, ANYWAY, soon())
    page = seven.list(ITEMS, OWNER, ListQuery(10, "asc", cursor), soon())
    assert ids(page.items) == SEVEN[4:]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_items_of_one_moment_are_listed_once(
    client: Any, table_name: str, limit: int, order: Order
) -> None:
    tied = RecordTable(client, table_name, now=lambda: time_at(5))
    for item_id in SEVEN:
        tied.put(ITEMS, OWNER, item(item_id), ANYWAY, soon())
    RecordTable(client, table_name, now=lambda: time_at(4)).put(
        ITEMS, OWNER, item("0"), ANYWAY, soon()
    )
    RecordTable(client, table_name, now=lambda: time_at(6)).put(
        ITEMS, OWNER, item("9"), ANYWAY, soon()
    )
    found = [item_id for page in pages(tied, limit, order) for item_id in ids(page)]
    assert sorted(found[1:-1]) == sorted(SEVEN)
    assert [found[0], found[-1]] == (["0", "9"] if order == "asc" else ["9", "0"])


def test_a_deleted_item_is_in_no_list(seven: RecordTable) -> None:
    seven.delete(ITEMS, OWNER, SEVEN[3], ANYWAY, soon())
    seven.delete(ITEMS, OTHER_OWNER, f"other-{SEVEN[2]}", ANYWAY, soon())
    left = [item_id for item_id in SEVEN if item_id != SEVEN[3]]
    assert ids(seven.list(ITEMS, OWNER, ListQuery(order="asc"), soon()).items) == left


def test_a_cursor_is_of_no_use_to_another_owner(seven: RecordTable) -> None:
    query = ListQuery(3, "desc", cursor_of(seven))
    assert ids(seven.list(ITEMS, OWNER, query, soon()).items) == SEVEN[3::-1][:3]
    with pytest.raises(InvalidRequest) as refused:
        seven.list(ITEMS, OTHER_OWNER, query, soon())
    assert refused.value.field == "cursor"


@pytest.mark.parametrize(("made_for", "used_for"), [("asc", "desc"), ("desc", "asc")])
def test_a_cursor_is_good_for_its_own_order_only(
    seven: RecordTable, made_for: Order, used_for: Order
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        seven.list(ITEMS, OWNER, ListQuery(3, used_for, cursor_of(seven, made_for)), soon())
    assert refused.value.field == "cursor"


def test_a_cursor_is_short_and_names_nobody(records: RecordTable) -> None:
    owner = "0f7e8a52-owner-0f7e8a52"
    for last in "12":
        records.put(ITEMS, owner, item("x" * 127 + last), ANYWAY, soon())
    first = records.list(ITEMS, owner, ListQuery(1), soon())
    assert first.cursor is not None
    assert len(first.cursor) < 1500
    assert owner.encode() not in urlsafe_b64decode(f"{first.cursor}==")
    rest = records.list(ITEMS, owner, ListQuery(1, cursor=first.cursor), soon())
    assert len({*ids(first.items), *ids(rest.items)}) == 2


GARBAGE = [
    "",
    "x",
    "xx",
    "not a cursor",
    "a/b+c=",
    "\N{SNOWMAN}",
    "\n",
    "A" * 299,
    "A" * 100_000,
    urlsafe_b64encode(b"\0" * 16 + b"2026-01-01T00:00:00.000Z/1").decode().rstrip("="),
    urlsafe_b64encode(b"\xff" * 40).decode().rstrip("="),
]


@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda garbage: repr(garbage[:20]))
def test_garbage_is_no_cursor(seven: RecordTable, garbage: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        seven.list(ITEMS, OWNER, ListQuery(cursor=garbage), soon())
    assert refused.value.field == "cursor"


def test_a_cursor_cannot_be_altered(seven: RecordTable) -> None:
    cursor = cursor_of(seven)
    changes = [cursor[:n] + ("A" if cursor[n] != "A" else "B") + cursor[n + 1 :] for n in (0, 30)]
    for altered in [*changes, cursor + "AAAA", cursor[:-4], cursor + "="]:
        with pytest.raises(InvalidRequest):
            seven.list(ITEMS, OWNER, ListQuery(3, cursor=altered), soon())
