"""A kind with a field of every type, through the table's record and back."""

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import UNSET, Meta, UnsetType

from chalicelib import record
from chalicelib.body import encode
from chalicelib.errors import InvalidRequest
from chalicelib.kind import Fields, Kind, Resource
from chalicelib.record import Stored, UnreadableRecord
from tests.records import record_of


class Size(msgspec.Struct, frozen=True):
    width: Decimal
    height: int


class ThingInput(Resource, frozen=True):
    text: str
    count: Annotated[int, Meta(ge=-5, description="a whole number from -5")] | UnsetType = UNSET
    exact: (
        Annotated[
            Decimal, Meta(description="a number of 1 or more", extra_json_schema={"minimum": 1})
        ]
        | UnsetType
    ) = UNSET
    rough: float | UnsetType = UNSET
    done: bool = False
    nothing: str | UnsetType | None = UNSET
    color: Literal["red", "blue"] | UnsetType = UNSET
    day: date | UnsetType = UNSET
    moment: datetime | UnsetType = UNSET
    labels: set[str] | UnsetType = UNSET
    sizes: list[Size] | UnsetType = UNSET
    more: dict[str, Decimal] | UnsetType = UNSET
    raw: bytes | UnsetType = UNSET
    tree: list[str] = msgspec.field(default_factory=list)


THINGS = Kind("things", "thing", ThingInput, details=["sizes", "more", "raw"])

VALUES: dict[str, Any] = {
    "text": "é \U0001f600",
    "count": -3,
    "exact": Decimal("12345678901234567890.12"),
    "rough": Decimal("0.1"),
    "done": True,
    "nothing": None,
    "color": "red",
    "day": "2026-01-31",
    "moment": "2026-01-31T09:30:00Z",
    "labels": ["one"],
    "sizes": [{"width": Decimal("1.5"), "height": 2}],
    "more": {"a": Decimal("0.25")},
    "raw": "YWJj",
    "tree": ["x"],
}


def stored(body: str) -> dict[str, Any]:
    """Return the record that the body of a PUT makes."""
    thing = THINGS.parse(body)
    fields = {name: getattr(thing, name) for name in thing.__struct_fields__ if name != "id"}
    return record_of("alice", thing.id, kind=THINGS, **fields)


def written(fields: dict[str, Any]) -> str:
    return msgspec.json.Encoder(decimal_format="number").encode(fields).decode()


def read(text: str) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(text, parse_float=Decimal)
    return fields


def shown(view: Any) -> dict[str, Any]:
    return read(encode(view))


@pytest.mark.parametrize("name", VALUES)
def test_field_of_every_type_comes_back(name: str) -> None:
    body = written({"id": "1", "text": "x", name: VALUES[name]})
    view = Stored.of(THINGS, stored(body)).view
    assert shown(view)[name] == VALUES[name]


def test_fields_are_in_the_map_that_the_kind_says() -> None:
    made = stored(written({"id": "1", **VALUES}))
    assert set(made["details"]["M"]) == {"sizes", "more", "raw"}
    assert set(made["summary"]["M"]) == set(VALUES) - {"sizes", "more", "raw"}
    assert made["summary"]["M"]["exact"] == {"N": "12345678901234567890.12"}
    assert made["summary"]["M"]["done"] == {"BOOL": True}
    summary = shown(record.summary(THINGS, {**made, "details": {"S": "not projected"}}))
    assert summary["done"] is True
    assert not {"sizes", "more", "raw"} & summary.keys()


def test_optional_field_left_out_is_not_stored() -> None:
    assert set(stored('{"id": "1", "text": "x"}')["summary"]["M"]) == {"text", "done", "tree"}


@pytest.mark.parametrize(
    ("field", "written", "message"),
    [
        ("count", "-6", "must be a whole number from -5"),
        ("count", "1.5", "must be a whole number from -5"),
        ("count", "1" * 39, "must be a whole number from -5"),
        ("exact", "0.5", "must be a number of 1 or more"),
        ("exact", '"2"', "must be a number of 1 or more"),
        ("exact", "1" * 39, "must be a number of 1 or more"),
        ("exact", "1e126", "must be a number of 1 or more"),
        ("sizes", '[{"width": 1}]', "must be of the documented type"),
        ("sizes", '[{"width": %s, "height": 1}]' % ("1" * 39), "must be of the documented type"),
        ("more", '{"a": 1e-131}', "must be of the documented type"),
        ("rough", "1e-200", "must be of the documented type"),
        ("color", '"green"', "must be of the documented type"),
        ("other", "1", "is not a field of a thing"),
    ],
)
def test_field_that_breaks_its_rule_is_named(field: str, written: str, message: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        THINGS.parse(f'{{"id": "1", "text": "x", "{field}": {written}}}')
    assert (refused.value.field, refused.value.message) == (field, message)


def test_number_that_no_decimal_holds_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        THINGS.parse('{"id": "1", "text": "x", "rough": 1e-99999999999999999999}')


def test_details_name_fields_of_the_schema() -> None:
    with pytest.raises(ValueError, match="thing has no field colour"):
        Kind("things", "thing", ThingInput, details=["colour"])


BROKEN: dict[str, dict[str, Any]] = {
    "a required field is gone": {"summary": {"M": {}}},
    "another type": {"summary": {"M": {"text": {"N": "1"}}}},
    "a set": {"summary": {"M": {"text": {"S": "x"}, "labels": {"SS": ["a"]}}}},
    "no map": {"summary": {"S": "text"}},
    "no version": {"version": None},
    "a version as text": {"version": {"S": "1"}},
    "no entity tag": {"etag": None},
    "a time as a number": {"created_at": {"N": "1"}},
    "a foreign key": {"id": {"S": "bob#things#1"}},
    "a key without an owner": {"id": {"S": "1"}},
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_record_that_cannot_be_read_names_its_key(change: dict[str, Any]) -> None:
    broken = stored('{"id": "1", "text": "x"}') | change
    broken = {name: value for name, value in broken.items() if value is not None}
    with pytest.raises(UnreadableRecord) as error:
        Stored.of(THINGS, broken)
    assert error.value.key == broken["id"]["S"]
    with pytest.raises(UnreadableRecord):
        record.summary(THINGS, broken)


def test_new_limit_does_not_hide_old_records() -> None:
    class Strict(Resource, frozen=True):
        text: Annotated[str, Meta(max_length=2)]

    strict = Kind("things", "thing", Strict)
    view = Stored.of(strict, stored('{"id": "1", "text": "longer"}')).view
    assert view.text == "longer"


class RenamedInput(Resource, frozen=True):
    title: str
    owner_name: str
    rank: int = 7


def renamed(fields: Fields) -> Fields:
    return {"owner_name": "nobody", "title": fields.pop("text", ""), **fields}


def test_upgrade_reads_older_records() -> None:
    kind = Kind("things", "thing", RenamedInput, upgrade=renamed)
    made = stored('{"id": "1", "text": "old", "count": 3}')
    view = shown(Stored.of(kind, made).view)
    assert (view["title"], view["owner_name"], view["rank"]) == ("old", "nobody", 7)
    assert "count" not in view
    assert shown(record.summary(kind, made))["title"] == "old"
