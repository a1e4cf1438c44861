"""Two versions of the function over one table: the older does not know a field of the newer."""

import itertools
from typing import Annotated, Any

import pytest
from msgspec import UNSET, Meta, UnsetType

from chalicelib.errors import PreconditionFailed
from chalicelib.kind import Fields, Kind, Resource
from chalicelib.listing import ListQuery
from chalicelib.preconditions import Preconditions
from chalicelib.record import Stored
from chalicelib.table import RecordTable
from tests.integration.examples import ANYWAY, OWNER, real_engine, soon, time_at, when

pytestmark = real_engine


class OlderInput(Resource, frozen=True):
    name: str
    note: str | UnsetType = UNSET


class NewerInput(Resource, frozen=True):
    name: str
    note: str | UnsetType = UNSET
    quantity: Annotated[int, Meta(ge=0)] | UnsetType = UNSET
    story: str | UnsetType = UNSET


def upgrade(fields: Fields) -> Fields:
    return {**fields, "title": fields.get("title", fields.get("name", ""))}


class RenamedInput(Resource, frozen=True):
    title: str


OLDER = Kind("items", "item", OlderInput, details=["note"])
NEWER = Kind("items", "item", NewerInput, details=["note", "story"])
RENAMED = Kind("items", "item", RenamedInput, upgrade=upgrade)


def raw(client: Any, table_name: str) -> dict[str, Any]:
    (record,) = client.sdk.scan(TableName=table_name, ConsistentRead=True)["Items"]
    return {**record["summary"]["M"], **record["details"]["M"]}


def newer(table: RecordTable, preconditions: Preconditions = ANYWAY, **fields: Any) -> Stored:
    given = NewerInput("1", **{"name": "new", "quantity": 3, "story": "long", **fields})
    return table.put(NEWER, OWNER, given, preconditions, soon())


def older(table: RecordTable, preconditions: Preconditions = ANYWAY, **fields: Any) -> Stored:
    return table.put(
        OLDER, OWNER, OlderInput("1", **{"name": "old", **fields}), preconditions, soon()
    )


def test_older_reads_what_the_newer_wrote(records: RecordTable) -> None:
    written = newer(records, note="n")
    read = records.get(OLDER, OWNER, "1", soon())
    assert (read.tag, read.view.name, read.view.note) == (written.tag, "new", "n")
    assert not hasattr(read.view, "quantity")
    (listed,) = records.list(OLDER, OWNER, ListQuery(), soon()).items
    assert listed.name == "new"


def test_newer_reads_what_the_older_wrote(records: RecordTable) -> None:
    older(records, note="n")
    read = records.get(NEWER, OWNER, "1", soon()).view
    assert (read.name, read.note, read.quantity, read.story) == ("old", "n", UNSET, UNSET)
    (listed,) = records.list(NEWER, OWNER, ListQuery(), soon()).items
    assert listed.quantity is UNSET


@pytest.mark.parametrize("precondition", ["none", "tag", "any"])
def test_older_keeps_the_fields_of_the_newer(records: RecordTable, precondition: str) -> None:
    tag = newer(records, note="n").tag
    asked = {"none": ANYWAY, "tag": when(if_match=f'"{tag}"'), "any": when(if_match="*")}
    assert older(records, asked[precondition]).version == 2
    read = records.get(NEWER, OWNER, "1", soon()).view
    assert (read.name, read.note, read.quantity, read.story) == ("old", UNSET, 3, "long")


def test_newer_removes_its_omitted_field(
    records: RecordTable, client: Any, table_name: str
) -> None:
    newer(records)
    older(records)
    newer(records, quantity=UNSET)
    assert raw(client, table_name) == {"name": {"S": "new"}, "story": {"S": "long"}}


def test_renamed_field_survives_a_rollback(records: RecordTable) -> None:
    older(records, note="n")
    assert records.get(RENAMED, OWNER, "1", soon()).view.title == "old"
    records.put(RENAMED, OWNER, RenamedInput("1", "renamed"), ANYWAY, soon())
    assert records.get(RENAMED, OWNER, "1", soon()).view.title == "renamed"
    (listed,) = records.list(RENAMED, OWNER, ListQuery(), soon()).items
    assert listed.title == "renamed"
    assert records.get(OLDER, OWNER, "1", soon()).view.name == "old"


def test_failed_precondition_does_not_write(records: RecordTable) -> None:
    kept = newer(records)
    for asked in (when(if_match='"another"'), when(if_none_match="*")):
        with pytest.raises(PreconditionFailed):
            older(records, asked)
    assert records.get(NEWER, OWNER, "1", soon()) == kept


def test_known_fields_cost_one_request(records: RecordTable, client: Any) -> None:
    sent = requests_of(client)
    newer(records)
    newer(records)
    assert sent == ["UpdateItem"] * 2
    older(records)  # learns the other fields, and keeps them
    assert sent == ["UpdateItem"] * 4
    older(records)
    assert sent == ["UpdateItem"] * 5


def requests_of(client: Any) -> list[str]:
    sent: list[str] = []
    update_item = client.update_item

    def counted(**parameters: Any) -> Any:
        sent.append("UpdateItem")
        return update_item(**parameters)

    client.update_item = counted
    return sent


def test_write_in_between_is_kept_too(client: Any, table_name: str) -> None:
    """The newer version writes between the two requests of the older one, in one millisecond."""
    records = RecordTable(client, table_name, now=lambda: time_at(0))
    newer(records)
    update_item, meanwhile = client.update_item, itertools.count()

    def interrupted(**parameters: Any) -> Any:
        attempt = next(meanwhile)
        if attempt == 1:
            client.update_item = update_item
            newer(records, quantity=4)
            client.update_item = interrupted
        return update_item(**parameters)

    client.update_item = interrupted
    assert older(records).version == 3
    client.update_item = update_item
    assert next(meanwhile) == 3
    assert raw(client, table_name)["quantity"] == {"N": "4"}


def test_older_version_keeps_unknown_fields(records: RecordTable, client: Any) -> None:
    """Somebody is quicker each time: the request is not applied, and says so."""
    newer(records)
    update_item = client.update_item

    def outrun(**parameters: Any) -> Any:
        client.update_item = update_item
        last = newer(records)
        client.update_item = outrun
        tags.append(last.tag)
        return update_item(**parameters)

    tags: list[str] = []
    client.update_item = outrun
    with pytest.raises(Exception, match="busy"):
        older(records)
    client.update_item = update_item
    assert records.get(NEWER, OWNER, "1", soon()).tag == tags[-1]
