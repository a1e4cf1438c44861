"""Bodies: JSON that is decoded and encoded exactly, and whose faults name the field."""

import json
import re
from decimal import Decimal
from typing import Any, Generic, TypeVar

import msgspec

from chalicelib.errors import BodyTooLarge, InvalidRequest
from chalicelib.fields import Field, canonical, fits

MAX_BODY_BYTES = 64 * 1024

_FIELD_PATH = re.compile(r" - at `\$\.(\w+)")
_MISSING = re.compile(r"missing required field `(\w+)`$")
_UNKNOWN = re.compile(r"unknown field `(.*)`$", re.DOTALL)
# Zero is zero with any exponent, but `Decimal` refuses one of 19 digits. The key cannot match in a
# string, where its quotes are escaped.
_ZERO = r'("(?:%s)"\s*:\s*-?0(?:\.0+)?)[eE][+-]?[0-9]+'

StructT = TypeVar("StructT", bound=msgspec.Struct)


_encoder = msgspec.json.Encoder(decimal_format="number")


def encode(view: msgspec.Struct) -> str:
    """Return a view as JSON. A Decimal becomes a number with exactly the digits it has."""
    return _encoder.encode(view).decode()


class Body(Generic[StructT]):
    """Decodes bodies to the struct `schema`, whose fields are `fields`.

    `noun`: the word for a resource in messages.
    """

    def __init__(self, schema: type[StructT], fields: tuple[Field, ...], noun: str) -> None:
        self._decoder = msgspec.json.Decoder(schema)
        self._rules = {field.name: field.rule for field in fields}
        self._decimals = {field.name: field.least for field in fields if field.is_decimal}
        self._noun = noun

    def parse(self, body: str | bytes) -> StructT:
        """Return the struct. Raises `BodyTooLarge`, or `InvalidRequest` naming the field."""
        raw = body.encode() if isinstance(body, str) else body
        if len(raw) > MAX_BODY_BYTES:
            raise BodyTooLarge("body", f"must be at most {MAX_BODY_BYTES} bytes")
        try:
            decoded = self._decoder.decode(raw)
        except msgspec.ValidationError as error:
            if (rewritten := self._without_exponents_of_zero(raw)) != raw:
                return self.parse(rewritten)
            raise self._translate(str(error)) from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise InvalidRequest("body", "must be valid JSON in UTF-8") from error
        self._check_as_written(raw)
        changes = {}
        for name in self._decimals:
            number = getattr(decoded, name)
            if isinstance(number, Decimal):
                changes[name] = canonical(number)
        return msgspec.structs.replace(decoded, **changes) if changes else decoded

    def _without_exponents_of_zero(self, raw: bytes) -> bytes:
        if not self._decimals:
            return raw
        pattern = _ZERO % "|".join(map(re.escape, self._decimals))
        return re.sub(pattern.encode(), rb"\1e0", raw)

    def _check_as_written(self, raw: bytes) -> None:
        """Refuse a field given twice, and a number as text or out of range. msgspec accepts them.

        Call it only with a body that msgspec has accepted, whose nesting cannot exhaust the stack.
        Numbers stay exact, because `int` refuses very long numbers with an error of its own.
        """
        try:
            fields = json.loads(
                raw, object_pairs_hook=_unique, parse_int=Decimal, parse_float=Decimal
            )
        except ArithmeticError as error:  # an exponent that even Decimal refuses
            raise InvalidRequest("body", "has a number that is out of range") from error
        for name, value in fields.items():
            if not _numbers_fit(value):
                raise self._rule_error(name)
            if name in self._decimals and value is not None:
                least = self._decimals[name]
                if isinstance(value, str) or (least is not None and value < least):
                    raise self._rule_error(name)

    def _translate(self, message: str) -> InvalidRequest:
        """Return msgspec's message in our words, with the field as data."""
        # The unknown name first, because it can read like the path of a field.
        if name := _UNKNOWN.search(message):
            article = "an" if self._noun[:1] in "aeiou" else "a"
            return InvalidRequest(name[1][:100], f"is not a field of {article} {self._noun}")
        if name := _MISSING.search(message):
            return InvalidRequest(name[1], "is required")
        if path := _FIELD_PATH.search(message):
            return self._rule_error(path[1])
        return InvalidRequest("body", "must be a JSON object")

    def _rule_error(self, field: str) -> InvalidRequest:
        return InvalidRequest(
            field, f"must be {self._rules.get(field) or 'of the documented type'}"
        )


def _numbers_fit(value: Any) -> bool:
    if isinstance(value, Decimal):
        return fits(value)
    if isinstance(value, dict):
        return all(map(_numbers_fit, value.values()))
    return all(map(_numbers_fit, value)) if isinstance(value, list) else True


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidRequest(twice, "must appear once")
    return fields
