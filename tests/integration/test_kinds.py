"""Two kinds of resources in one table."""

import pytest

from chalicelib.errors import InvalidRequest, ResourceNotFound
from chalicelib.items import ITEMS
from chalicelib.kind import Kind, Resource
from chalicelib.listing import ListQuery
from chalicelib.table import RecordTable
from tests.integration.examples import ANYWAY, OWNER, item, real_engine, soon

pytestmark = real_engine


class NoteInput(Resource, frozen=True):
    text: str
    done: bool = False


NOTES = Kind("notes", "note", NoteInput)


def test_kinds_share_ids_and_nothing_else(records: RecordTable) -> None:
    records.put(ITEMS, OWNER, item("1", "the item"), ANYWAY, soon())
    note = records.put(NOTES, OWNER, NoteInput("1", "the note", done=True), ANYWAY, soon())
    assert note.version == 1
    assert records.get(ITEMS, OWNER, "1", soon()).view.name == "the item"
    assert records.get(NOTES, OWNER, "1", soon()).view.done is True
    records.delete(ITEMS, OWNER, "1", ANYWAY, soon())
    with pytest.raises(ResourceNotFound, match="There is no such item"):
        records.get(ITEMS, OWNER, "1", soon())
    assert records.get(NOTES, OWNER, "1", soon()).view.text == "the note"


def test_list_has_one_kind(records: RecordTable) -> None:
    for number in ("1", "2", "3"):
        records.put(ITEMS, OWNER, item(number), ANYWAY, soon())
        records.put(NOTES, OWNER, NoteInput(number, "text"), ANYWAY, soon())
    for kind in (ITEMS, NOTES):
        page = records.list(kind, OWNER, ListQuery(limit=2), soon())
        assert [each.id for each in page.items] == ["3", "2"]
        assert page.cursor
        rest = records.list(kind, OWNER, ListQuery(limit=2, cursor=page.cursor), soon())
        assert [each.id for each in rest.items] == ["1"]
    with pytest.raises(InvalidRequest):
        records.list(ITEMS, OWNER, ListQuery(limit=2, cursor=page.cursor), soon())
