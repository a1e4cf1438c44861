"""The fields of a kind of resource, as its schema declares them.

A field's rule is the description in its `msgspec.Meta`. It is the field's description in the API's
document, and the message when a request breaks it.
"""

from decimal import Context, Decimal
from functools import reduce
from operator import or_
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Meta, Struct

# The numbers that DynamoDB stores exactly: 38 significant digits, from 1e-130 to below 1e126.
MAX_DIGITS = 38
MIN_EXPONENT, MAX_EXPONENT = -130, 125

_CONTEXT = Context(prec=MAX_DIGITS)

_UNIONS = (Union, type(int | str))


class Field(Struct, frozen=True):
    """A field of a schema.

    `declaration`: the field for `msgspec.defstruct`, without limits, so that records from before a
    limit can be read.
    `least`: for a Decimal, the `minimum` of its JSON Schema, which msgspec does not enforce.
    """

    name: str
    declaration: tuple[Any, ...]
    rule: str
    is_decimal: bool
    least: Decimal | None


def fields_of(schema: type[Struct]) -> tuple[Field, ...]:
    """Return the fields that a struct declares, in its order."""
    return tuple(_field(each) for each in msgspec.structs.fields(schema))


def fits(number: Decimal) -> bool:
    """Return whether DynamoDB stores the number exactly."""
    text = str(number)
    if len(text) <= MAX_DIGITS and "E" not in text:
        return True
    if number.is_zero():
        return True
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    return len(digits) <= MAX_DIGITS and MIN_EXPONENT <= number.adjusted() <= MAX_EXPONENT


def canonical(number: Decimal) -> Decimal:
    """Return a number that fits without redundant zeros, and zero without its sign."""
    return number.normalize(_CONTEXT) if number else Decimal(0)


def _field(info: msgspec.structs.FieldInfo) -> Field:
    parts = _parts(info.type)
    metas = [meta for _, meta in parts]
    rule = next((meta.description for meta in metas if meta.description), "")
    extra = next((meta.extra_json_schema for meta in metas if meta.extra_json_schema), {})
    plain = reduce(or_, (type_ for type_, _ in parts))
    described = Annotated[plain, Meta(description=rule)] if rule else plain
    return Field(
        info.encode_name,
        (info.encode_name, described, *_default(info)),
        rule,
        any(type_ is Decimal for type_, _ in parts),
        Decimal(str(extra["minimum"])) if "minimum" in extra else None,
    )


def _default(info: msgspec.structs.FieldInfo) -> tuple[Any, ...]:
    if info.required:
        return ()
    if info.default_factory is not NODEFAULT:
        return (msgspec.field(default_factory=info.default_factory),)
    return (info.default,)


def _parts(type_: Any) -> list[tuple[Any, Meta]]:
    """Return the members of a union, or the one type, each with its `Meta`."""
    if get_origin(type_) in _UNIONS:
        return [part for member in get_args(type_) for part in _parts(member)]
    metas = [each for each in getattr(type_, "__metadata__", ()) if isinstance(each, Meta)]
    return [
        (getattr(type_, "__origin__", type_) if metas else type_, metas[0] if metas else Meta())
    ]
