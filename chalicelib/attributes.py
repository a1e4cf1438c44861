"""DynamoDB's attribute values: plain data in its typed JSON form, and back.

Plain data is JSON's: text, numbers, booleans, null, lists and maps. Numbers are int or Decimal and
stay exact. DynamoDB's sets and binary values have no form in JSON and are refused.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

#: One value, such as `{"S": "lamp"}` or `{"M": {"price": {"N": "12"}}}`.
AttributeValue = dict[str, Any]

#: The values of a record, or of a map, by name.
Attributes = dict[str, AttributeValue]


class Unsupported(ValueError):
    """The value has a type that plain data, or DynamoDB, does not have."""


def encode(value: Any) -> AttributeValue:
    """Return the attribute value of plain data. Raises `Unsupported`."""
    try:
        return _ENCODERS[type(value)](value)
    except KeyError as error:
        raise Unsupported(
            f"{type(value).__name__} cannot be stored as an attribute value"
        ) from error


def encode_map(fields: dict[str, Any]) -> Attributes:
    """Return the attribute values of a map's fields. Raises `Unsupported`."""
    return {name: encode(value) for name, value in fields.items()}


def decode(value: AttributeValue) -> Any:
    """Return the plain data of an attribute value. Raises `Unsupported`."""
    return decode_map({"": value})[""]


def decode_map(attributes: Attributes) -> dict[str, Any]:
    """Return the fields of a map's attribute values. Raises `Unsupported`."""
    fields = {}
    try:
        for name, value in attributes.items():
            if "S" in value:  # most are text, and a list decodes some hundred values
                fields[name] = value["S"]
            else:
                ((type_, content),) = value.items()
                fields[name] = _DECODERS[type_](content)
    except (KeyError, ValueError, ArithmeticError, AttributeError, TypeError) as error:
        raise Unsupported(f"{attributes!r} has a value of an unknown type") from error
    return fields


def _number(text: str) -> int | Decimal:
    return int(text) if text.removeprefix("-").isdigit() else Decimal(text)


_ENCODERS: dict[type, Callable[[Any], AttributeValue]] = {
    str: lambda text: {"S": text},
    int: lambda number: {"N": str(number)},
    Decimal: lambda number: {"N": format(number, "f")},
    float: lambda number: {"N": format(Decimal(repr(number)), "f")},
    bool: lambda value: {"BOOL": value},
    type(None): lambda _: {"NULL": True},
    list: lambda values: {"L": [encode(value) for value in values]},
    dict: lambda fields: {"M": encode_map(fields)},
}

_DECODERS: dict[str, Callable[[Any], Any]] = {
    "N": _number,
    "BOOL": bool,
    "NULL": lambda _: None,
    "L": lambda values: [decode(value) for value in values],
    "M": decode_map,
}
