"""put, get and delete, with their preconditions."""

import re
from typing import Any, cast

import msgspec
import pytest
from msgspec import UNSET

from chalicelib.body import encode
from chalicelib.errors import PreconditionFailed, ResourceNotFound
from chalicelib.items import ITEMS
from chalicelib.table import RecordTable
from chalicelib.table import records as table_of_the_stage
from tests.integration.conftest import at, new_table
from tests.integration.examples import (
    ANYWAY,
    OTHER_OWNER,
    OWNER,
    item,
    soon,
    ticking,
    time_at,
    when,
)

# If-Match, If-None-Match, whether a PUT with them replaces an item whose tag is "current" and was
# "stale" before, and whether it creates a deleted item.
PUTS = [
    (None, None, True, True),
    ('"current"', None, True, False),
    ('"stale"', None, False, False),
    ('"other"', None, False, False),
    ('""', None, False, False),
    ('"stale", "current"', None, True, False),
    ('"stale", "other"', None, False, False),
    ('W/"current"', None, False, False),
    ('W/"current", W/"stale"', None, False, False),
    ('W/"stale", "current"', None, True, False),
    ("*", None, True, False),
    (None, "*", False, True),
    (None, '"current"', False, True),
    (None, '"stale"', True, True),
    (None, '""', True, True),
    (None, '"stale", "current"', False, True),
    (None, '"stale", "other"', True, True),
    (None, 'W/"current"', False, True),
    (None, 'W/"stale"', True, True),
    ('"current"', "*", False, False),
    ('"current"', '"current"', False, False),
    ('"current"', '"stale"', True, False),
    ('"stale"', '"other"', False, False),
    ('W/"current"', '"other"', False, False),
    ("*", "*", False, False),
    ("*", '"current"', False, False),
    ("*", '"stale"', True, False),
]

# If-Match, and whether a DELETE with it deletes an item whose tag is "current".
DELETES = [
    (None, True),
    ("*", True),
    ('"current"', True),
    ('"stale", "current"', True),
    ('W/"stale", "current"', True),
    ('"stale"', False),
    ('""', False),
    ('W/"current"', False),
]


class Tags:
    """The two tags that an item has had, for headers that speak of "stale" and "current"."""

    def __init__(self, table: RecordTable) -> None:
        self.stale, self.current = (
            table.put(ITEMS, OWNER, item(name=name), ANYWAY, soon()).tag
            for name in ("first", "second")
        )

    def __call__(self, header: str | None) -> str | None:
        tags = {'"current"': f'"{self.current}"', '"stale"': f'"{self.stale}"'}
        return header and re.sub(r'"(current|stale)"', lambda match: tags[match[0]], header)


@pytest.fixture
def timed_table(client: Any, table_name: str) -> RecordTable:
    """A table that reads the clock once for each PUT: 0, 1, 2 ... milliseconds."""
    return RecordTable(client, table_name, now=ticking())


def test_an_item_is_created(timed_table: RecordTable) -> None:
    given = ITEMS.parse(b'{"id": "123", "price": 12345, "name": "myitem", "description": "d"}')
    stored = timed_table.put(ITEMS, OWNER, given, ANYWAY, soon())
    assert stored.view == ITEMS.whole(
        id="123",
        name="myitem",
        price=given.price,
        description="d",
        version=1,
        created_at=time_at(0),
        updated_at=time_at(0),
    )
    assert stored.tag
    assert timed_table.get(ITEMS, OWNER, "123", soon()) == stored


def test_replaced_item_keeps_only_created_at(timed_table: RecordTable) -> None:
    given = ITEMS.parse(b'{"id": "1", "name": "first", "price": 1, "description": "d"}')
    first = timed_table.put(ITEMS, OWNER, given, ANYWAY, soon())
    second = timed_table.put(ITEMS, OWNER, item("1", "second"), ANYWAY, soon())
    assert second.view == ITEMS.whole(
        id="1", name="second", version=2, created_at=time_at(0), updated_at=time_at(1)
    )
    assert second.tag != first.tag
    assert timed_table.get(ITEMS, OWNER, "1", soon()) == second


@pytest.mark.parametrize("field", ["price", "description"])
def test_omitted_optional_field_is_removed(records: RecordTable, field: str) -> None:
    given = ITEMS.parse(b'{"id": "1", "name": "n", "price": 0, "description": ""}')
    before = records.put(ITEMS, OWNER, given, ANYWAY, soon()).view
    assert encode(before).startswith('{"id":"1","name":"n","price":0,"description":"","version":1,')
    changed = msgspec.structs.replace(given, **{field: UNSET})
    records.put(ITEMS, OWNER, changed, ANYWAY, soon())
    after = records.get(ITEMS, OWNER, "1", soon()).view
    assert (after.price is UNSET, after.description is UNSET) == (
        field == "price",
        field == "description",
    )


def test_the_largest_item_is_stored_whole(records: RecordTable) -> None:
    given = item("~" * 128, "\N{SPARKLES}" * 200, "\N{SPARKLES}" * 4000)
    records.put(ITEMS, OWNER, given, ANYWAY, soon())
    stored = records.get(ITEMS, OWNER, given.id, soon()).view
    assert (stored.id, stored.name, stored.description) == (given.id, given.name, given.description)


def test_the_clock_is_utc_with_milliseconds(records: RecordTable) -> None:
    stored = records.put(ITEMS, OWNER, item(), ANYWAY, soon()).view
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", stored.created_at)


def test_an_absent_item_is_not_found(records: RecordTable) -> None:
    records.put(ITEMS, OWNER, item("1"), ANYWAY, soon())
    with pytest.raises(ResourceNotFound):
        records.get(ITEMS, OWNER, "2", soon())


@pytest.mark.pairs
@pytest.mark.parametrize(("if_match", "if_none_match", "replaces", "_"), PUTS)
def test_put_on_an_item(
    records: RecordTable, if_match: str, if_none_match: str, replaces: bool, _: bool
) -> None:
    tags = Tags(records)
    asked = when(if_match=tags(if_match), if_none_match=tags(if_none_match))
    if replaces:
        assert records.put(ITEMS, OWNER, item(name="third"), asked, soon()).version == 3
    else:
        with pytest.raises(PreconditionFailed):
            records.put(ITEMS, OWNER, item(name="third"), asked, soon())
    stored = records.get(ITEMS, OWNER, "1", soon())
    assert (stored.view.name, stored.version) == (("third", 3) if replaces else ("second", 2))
    assert (stored.tag == tags.current) is not replaces


@pytest.mark.pairs
@pytest.mark.parametrize(("if_match", "if_none_match", "_", "creates"), PUTS)
def test_put_where_there_is_no_item(
    records: RecordTable, if_match: str, if_none_match: str, _: bool, creates: bool
) -> None:
    tags = Tags(records)
    records.delete(ITEMS, OWNER, "1", ANYWAY, soon())
    asked = when(if_match=tags(if_match), if_none_match=tags(if_none_match))
    if creates:
        stored = records.put(ITEMS, OWNER, item(name="third"), asked, soon())
        assert (stored.view.name, stored.version) == ("third", 1)
        assert records.get(ITEMS, OWNER, "1", soon()) == stored
    else:
        with pytest.raises(PreconditionFailed):
            records.put(ITEMS, OWNER, item(name="third"), asked, soon())
        with pytest.raises(ResourceNotFound):
            records.get(ITEMS, OWNER, "1", soon())


@pytest.mark.pairs
@pytest.mark.parametrize(("if_match", "deletes"), DELETES)
def test_delete_of_an_item(records: RecordTable, if_match: str, deletes: bool) -> None:
    tags = Tags(records)
    asked = when(if_match=tags(if_match))
    if deletes:
        records.delete(ITEMS, OWNER, "1", asked, soon())
        with pytest.raises(ResourceNotFound):
            records.get(ITEMS, OWNER, "1", soon())
    else:
        with pytest.raises(PreconditionFailed):
            records.delete(ITEMS, OWNER, "1", asked, soon())
        assert records.get(ITEMS, OWNER, "1", soon()).tag == tags.current


@pytest.mark.parametrize(("if_match", "_"), DELETES)
def test_delete_of_what_is_gone(records: RecordTable, if_match: str, _: bool) -> None:
    tags = Tags(records)
    records.delete(ITEMS, OWNER, "1", ANYWAY, soon())
    records.delete(ITEMS, OWNER, "1", when(if_match=tags(if_match)), soon())
    with pytest.raises(ResourceNotFound):
        records.get(ITEMS, OWNER, "1", soon())


def test_a_tag_never_comes_back(records: RecordTable) -> None:
    tags = []
    for _ in range(3):
        tags += [records.put(ITEMS, OWNER, item(), ANYWAY, soon()).tag for _ in range(2)]
        records.delete(ITEMS, OWNER, "1", ANYWAY, soon())
    assert len(set(tags)) == len(tags) == 6
    assert records.put(ITEMS, OWNER, item(), ANYWAY, soon()).version == 1
    for tag in tags:
        with pytest.raises(PreconditionFailed):
            records.put(ITEMS, OWNER, item(), when(if_match=f'"{tag}"'), soon())


def test_as_many_tags_as_may_be_listed(records: RecordTable) -> None:
    tag = records.put(ITEMS, OWNER, item(), ANYWAY, soon()).tag
    others = [f'"other{n}"' for n in range(50)]
    asked = when(if_match=", ".join([*others[:49], f'"{tag}"']), if_none_match=", ".join(others))
    assert records.put(ITEMS, OWNER, item(), asked, soon()).version == 2


@pytest.mark.parametrize("stranger", [OTHER_OWNER, "alic", "alice-2", "ALICE"])
def test_owners_have_nothing_in_common(records: RecordTable, stranger: str) -> None:
    mine = records.put(ITEMS, OWNER, item(), ANYWAY, soon())
    with pytest.raises(ResourceNotFound):
        records.get(ITEMS, stranger, "1", soon())
    records.delete(ITEMS, stranger, "1", ANYWAY, soon())
    with pytest.raises(PreconditionFailed):
        records.put(ITEMS, stranger, item(), when(if_match=f'"{mine.tag}"'), soon())
    theirs = records.put(ITEMS, stranger, item(name="theirs"), when(if_none_match="*"), soon())
    assert theirs.version == 1
    assert records.get(ITEMS, OWNER, "1", soon()) == mine


def test_the_stage_says_which_table(
    dynamodb_local_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = at(dynamodb_local_url)
    name = new_table(client)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamodb_local_url)
    monkeypatch.setenv("TABLE_NAME", name)
    table = table_of_the_stage()
    stored = table.put(ITEMS, OWNER, item(), ANYWAY, soon())
    assert RecordTable(client, name).get(ITEMS, OWNER, "1", soon()) == stored
    for used in (client, cast(Any, table._client)):
        used.close()
