"""Prices: the number that a client sends is the number it gets back, to the last digit."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.body import encode
from chalicelib.errors import InvalidRequest
from chalicelib.items import ITEMS
from chalicelib.listing import MAX_LIMIT, ListQuery
from chalicelib.table import RecordTable
from tests.integration.examples import ANYWAY, soon

EXACT = {
    "0": 0,
    "0.0": 0,
    "-0": 0,
    "0e5": 0,
    "0.0e5": 0,
    "-0.0E+999999999999999999999": 0,
    "0e999999999999999999999": 0,
    "0e-999999999999999999999": 0,
    "12345": 12345,
    "0.10": Decimal("0.1"),
    "100": 100,
    "1E+2": 100,
    "1e-7": Decimal("0.0000001"),
    "0.1e1": 1,
    "9" * 38: int("9" * 38),
    "0." + "9" * 38: Decimal("0." + "9" * 38),
    "9" * 20 + "." + "9" * 18: Decimal("9" * 20 + "." + "9" * 18),
    "1e-130": Decimal("1e-130"),
    "1." + "0" * 60: 1,
    "9007199254740993": 9007199254740993,  # no double has this value
}

# moto, unlike DynamoDB, takes the zeros that end a whole number for significant digits.
LARGE = {
    "1" + "0" * 38: 10**38,
    "9" * 38 + "0" * 88: int("9" * 38 + "0" * 88),
    "9." + "9" * 37 + "e125": int("9" * 38 + "0" * 88),
    "1e125": 10**125,
}

REFUSED = [
    "1" * 39,
    "0." + "1" * 39,
    "1." + "0" * 37 + "1",
    "1e126",
    "1" + "0" * 126,
    "1e-131",
    "9.9e-131",
    "1e999999999999999999999",
    "1e-999999999999999999999",
    "-1",
    "-0.01",
    "-1e-130",
    '"1"',
    '"0.10"',
    '""',
    "null",
    "true",
    "[1]",
    '{"N": "1"}',
]


def body(price: str, id: str = "1") -> str:
    return f'{{"id": "{id}", "name": "n", "price": {price}}}'


def price_in(text: str) -> Any:
    """Return the exact price of the JSON text. A string stays a string."""
    fields = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    return fields["items"][0]["price"] if "items" in fields else fields["price"]


def prices_after(table: RecordTable, owner: str, price: str) -> list[Any]:
    """The price in the answers to the PUT, to a GET and to a list."""
    put = table.put(ITEMS, owner, ITEMS.parse(body(price)), ANYWAY, soon())
    got = table.get(ITEMS, owner, "1", soon())
    page = table.list(ITEMS, owner, ListQuery(limit=MAX_LIMIT), soon())
    return [price_in(text) for text in (encode(put.view), encode(got.view), encode(page))]


def assert_exact(table: RecordTable, sent: str, value: Decimal | int) -> None:
    answers = prices_after(table, "alice", sent)
    assert answers == [value] * 3
    assert all(isinstance(answer, Decimal) for answer in answers)


@pytest.mark.parametrize(("sent", "value"), EXACT.items(), ids=[text[:24] for text in EXACT])
def test_a_price_comes_back_exactly(records: RecordTable, sent: str, value: Decimal | int) -> None:
    assert_exact(records, sent, value)


@pytest.mark.parametrize(("sent", "value"), LARGE.items(), ids=[text[:24] for text in LARGE])
def test_a_large_price_comes_back_exactly(
    local_table: RecordTable, sent: str, value: Decimal | int
) -> None:
    assert_exact(local_table, sent, value)


@st.composite
def spellings(draw: st.DrawFn) -> str:
    """Any number that DynamoDB holds, in any of the ways that JSON has of writing it."""
    digits = draw(st.from_regex(r"[1-9][0-9]{0,37}", fullmatch=True))
    first = draw(st.integers(-130, 125))
    style = draw(st.sampled_from(["plain", "scientific", "shifted"]))
    last = first - len(digits) + 1
    if style == "plain":
        return format(Decimal((0, tuple(map(int, digits)), last)), "f")
    zeros = "0" * draw(st.integers(0, 5))
    letter = draw(st.sampled_from(["e", "E"]))
    if style == "scientific":
        plus = draw(st.sampled_from(["", "+"])) if first >= 0 else ""
        return f"{digits[0]}.{digits[1:]}{zeros}0{letter}{plus}{first}"
    return f"0.{zeros}{digits}{letter}{first + len(zeros) + 1}"


@settings(max_examples=40)
@example("1e-130")
@example("9." + "9" * 37 + "e125")
@example("9." + "9" * 37 + "e-93")
@example("9." + "9" * 37 + "e-130")
@given(sent=spellings())
def test_any_price_comes_back_exactly(local_table: RecordTable, sent: str) -> None:
    assert_exact(local_table, sent, Decimal(sent))


ZERO = "0e999999999999999999999"  # Decimal holds no such exponent


def test_zero_in_text_remains_text() -> None:
    quoted = f'{ZERO} \\" , {ZERO} ]'
    text = f'{{"id": "1", "price": {ZERO}, "name": "{quoted}", "description": "{ZERO}"}}'
    item = ITEMS.parse(text)
    assert item.price == Decimal(0)
    assert item.description == ZERO
    assert item.name == json.loads(f'"{quoted}"')


@pytest.mark.parametrize(
    ("price", "field"),
    [
        (f"1{ZERO}", "price"),
        (f"1.{ZERO}", "price"),
        (f"1e{ZERO}", "body"),
        (f"{ZERO}.5", "body"),
        (f"{ZERO}0e1", "body"),
        (f"0{ZERO}", "body"),
        (f"1 {ZERO}", "body"),
        (f"{ZERO} 1", "body"),
        (f'"{ZERO}"', "price"),
        (f'{ZERO}, "price": 1', "price"),
        (f'{ZERO}, "description": {"[" * 30_000}', "description"),
        ('true, "description": "' + '\\"' * 30_000, "price"),
    ],
    ids=lambda text: text[:30],
)
def test_zero_with_exponent_hides_no_other_error(price: str, field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        ITEMS.parse(body(price))
    assert refused.value.field == field


@pytest.mark.parametrize("price", REFUSED, ids=[text[:24] for text in REFUSED])
def test_inexact_price_is_rejected(price: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        ITEMS.parse(body(price))
    assert refused.value.field == "price"


@pytest.mark.parametrize("price", ["NaN", "Infinity", "-Infinity", "01", "1.", ".5", "+1", "0x1"])
def test_price_that_is_no_json_number_is_rejected(price: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        ITEMS.parse(body(price))
    assert refused.value.field == "body"


@pytest.mark.parametrize("second", ['"price": 2', '"price": 1', '"pr\\u0069ce": 2'])
def test_a_price_is_given_once(second: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        ITEMS.parse(f'{{"id": "1", "name": "n", "price": 1, {second}}}')
    assert refused.value.field == "price"
