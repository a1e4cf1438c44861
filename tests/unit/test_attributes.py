"""Attribute values, compared with boto3's own conversion."""

from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.attributes import Unsupported, decode, encode

numbers = st.integers(-(10**37), 10**37) | st.decimals(
    allow_nan=False, allow_infinity=False, places=8, min_value=-(10**20), max_value=10**20
)
plain = st.recursive(
    st.none() | st.booleans() | st.text() | numbers,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(min_size=1), inner),
    max_leaves=20,
)


@settings(max_examples=40)
@given(plain)
def test_encoded_value_is_read_by_boto3(value: Any) -> None:
    read: Any = TypeDeserializer().deserialize
    assert read(encode(value)) == value


@settings(max_examples=40)
@given(plain)
def test_value_of_boto3_is_decoded(value: Any) -> None:
    written: Any = TypeSerializer().serialize(value)
    assert decode(written) == value


@settings(max_examples=40)
@given(plain)
def test_value_comes_back_with_its_type(value: Any) -> None:
    again = decode(encode(value))
    assert again == value
    assert isinstance(value, Decimal) or type(again) is type(value)


@pytest.mark.parametrize("text", ["0.1", "-12.50", "1" * 38, "1E-130", "123456789.000000001"])
def test_number_stays_exact(text: str) -> None:
    (digits,) = encode(Decimal(text)).values()
    assert Decimal(digits) == Decimal(text)
    assert decode({"N": text}) == Decimal(text)


@pytest.mark.parametrize("number", [0.1, -2.5, 1e21])
def test_float_has_its_shortest_digits(number: float) -> None:
    (digits,) = encode(number).values()
    assert Decimal(digits) == Decimal(repr(number))


@pytest.mark.parametrize("value", [b"x", {1, 2}, object(), {"nested": [b"x"]}])
def test_other_types_have_no_attribute_value(value: Any) -> None:
    with pytest.raises(Unsupported):
        encode(value)


@pytest.mark.parametrize(
    "value",
    [
        {"SS": ["a"]},
        {"NS": ["1"]},
        {"B": "YQ=="},
        {"N": "one"},
        {"M": {"x": {"B": b"a"}}},
        {"L": 1},
        "text",
        None,
    ],
)
def test_other_attribute_values_are_refused(value: Any) -> None:
    with pytest.raises(Unsupported):
        decode(value)
