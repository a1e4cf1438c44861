"""Records that did not come through PUT: imported, or changed in the console."""

import json
from typing import Any

import pytest

from chalicelib.items import ITEMS
from chalicelib.listing import ListQuery, Order
from chalicelib.record import UnreadableRecord
from chalicelib.table import RecordTable
from tests.integration.examples import ANYWAY, OWNER, item, real_engine, soon, time_at
from tests.records import record_of

pytestmark = real_engine

#: Attributes of an imported record, by fault. `None` removes the attribute.
BROKEN: dict[str, dict[str, Any]] = {
    "no version": {"version": None},
    "version as text": {"version": {"S": "1"}},
    "no entity tag": {"etag": None},
    "no time of change": {"updated_at": None},
    "summary is text": {"summary": {"S": "myitem"}},
    "no summary": {"summary": None},
    "no name": {"summary": {"M": {}}},
    "price is no number": {"summary": {"M": {"name": {"S": "x"}, "price": {"S": "12 EUR"}}}},
    "a set": {"summary": {"M": {"name": {"SS": ["x"]}}}},
    "binary": {"summary": {"M": {"name": {"B": b"x"}}}},
    "a key without the kind": {"id": {"S": f"{OWNER}#3"}},
    "a key that names another owner": {"id": {"S": "bob#items#3"}},
    "id that the API refuses": {"id": {"S": f"{OWNER}#items#a/b c#é"}},
    "a longer id": {"id": {"S": f"{OWNER}#items#{'x' * 1500}"}},
}
#: Readable records that the API would not write.
ODD: dict[str, dict[str, Any]] = {
    "time in seconds": {"created_at": {"S": "1767225600"}},
    "time that is no time": {"created_at": {"S": "now/then"}},
    "price as text": {"summary": {"M": {"name": {"S": "x"}, "price": {"S": "12"}}}},
    "no schema": {"schema": None},
    "another attribute": {"imported_by": {"SS": ["a"]}},
}


def put(client: Any, table_name: str, id: str, at: int, change: dict[str, Any]) -> str:
    made = record_of(OWNER, id, "t.0", time_at(at), name=id)
    whole = {name: value for name, value in {**made, **change}.items() if value is not None}
    client.sdk.put_item(TableName=table_name, Item=whole)
    return str(whole["id"]["S"])


def listed(table: RecordTable, limit: int, order: Order) -> list[str]:
    """Follow the cursors to the end of the list, and return the ids."""
    found, cursor = [], None
    while True:
        page = table.list(ITEMS, OWNER, ListQuery(limit, order, cursor), soon())
        found += [each.id for each in page.items]
        if page.cursor is None:
            return found
        cursor = page.cursor


@pytest.mark.pairs
@pytest.mark.parametrize("limit", [1, 2, 100])
@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_list_omits_only_unreadable_record(
    records: RecordTable,
    client: Any,
    table_name: str,
    change: dict[str, Any],
    limit: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    put(client, table_name, "1", 1, {})
    key = put(client, table_name, "3", 3, change)
    put(client, table_name, "5", 5, {})
    assert listed(records, limit, "asc") == ["1", "5"]
    assert listed(records, limit, "desc") == ["5", "1"]
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["exception_name"] for line in lines] == ["UnreadableRecord"] * 2
    assert all(f"the record {key} cannot be read" in line["exception"] for line in lines)


@pytest.mark.parametrize("change", ODD.values(), ids=ODD)
def test_cursor_at_an_odd_record_goes_on(
    records: RecordTable, client: Any, table_name: str, change: dict[str, Any]
) -> None:
    put(client, table_name, "1", 1, {})
    key = put(client, table_name, "3", 3, change)
    put(client, table_name, "5", 5, {})
    for order in ("asc", "desc"):
        assert sorted(listed(records, 1, order)) == sorted(
            ["1", "5", key.removeprefix(f"{OWNER}#items#")]
        )


@pytest.mark.parametrize(
    "reason", ["no entity tag", "no time of change", "summary is text", "no name", "a set"]
)
def test_put_replaces_unreadable_record(
    records: RecordTable, client: Any, table_name: str, reason: str
) -> None:
    put(client, table_name, "3", 3, BROKEN[reason])
    with pytest.raises(UnreadableRecord):
        records.get(ITEMS, OWNER, "3", soon())
    records.put(ITEMS, OWNER, item("3", "repaired"), ANYWAY, soon())
    assert records.get(ITEMS, OWNER, "3", soon()).view.name == "repaired"


@pytest.mark.parametrize("reason", ["no entity tag", "version as text", "summary is text"])
def test_record_that_cannot_be_read_is_deleted(
    records: RecordTable, client: Any, table_name: str, reason: str
) -> None:
    put(client, table_name, "3", 3, BROKEN[reason])
    records.delete(ITEMS, OWNER, "3", ANYWAY, soon())
    assert listed(records, 100, "desc") == []
