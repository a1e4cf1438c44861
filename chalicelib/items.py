"""The Item: what a client may send, what it gets back, and the rules between.

The structs below are the schema. msgspec validates against them while it decodes, and
`infra/documents/openapi.py` generates the API's description from them.
"""

import json
import re
from decimal import Decimal
from typing import Annotated, Any, Literal
from urllib.parse import unquote

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chalicelib.errors import BodyTooLarge, InvalidRequest

MAX_BODY_BYTES = 64 * 1024
DEFAULT_LIMIT, MAX_LIMIT = 25, 100

# What DynamoDB stores exactly: 38 significant digits, magnitudes of 1e-130 to below 1e126.
MAX_DIGITS = 38
MIN_EXPONENT, MAX_EXPONENT = -130, 125

# Each rule is the field's description in the API's document and the message when it is broken.
RULES = {
    "id": '1 to 128 characters of A-Z a-z 0-9 . _ ~ -, and neither "." nor ".."',
    "name": "1 to 200 characters, not all of them blank",
    "price": "a JSON number, 0 or more, of at most 38 significant digits, below 1e126 "
    "and, unless 0, at least 1e-130",
    "description": "at most 4,000 characters",
    "limit": f"a whole number from 1 to {MAX_LIMIT}",
    "order": '"desc" (newest first) or "asc"',
    "cursor": "the cursor of a page of your own list",
}

# Both patterns mean the same in Python and in the JSON Schema that is generated from them. In
# Python, `$` would let a trailing newline through, hence the look-ahead, and `\s` is more.
ID_PATTERN = r"^(?!\.{1,2}$)[A-Za-z0-9._~-]+$(?!\n)"

NOT_BLANK = r"[^\s\x1c-\x1f\x85\ufeff]"

ItemId = Annotated[
    str, Meta(min_length=1, max_length=128, pattern=ID_PATTERN, description=RULES["id"])
]
Name = Annotated[
    str, Meta(min_length=1, max_length=200, pattern=NOT_BLANK, description=RULES["name"])
]
Price = Annotated[Decimal, Meta(description=RULES["price"], extra_json_schema={"minimum": 0})]
Description = Annotated[str, Meta(max_length=4000, description=RULES["description"])]
Version = Annotated[int, Meta(ge=1, description="counts the item's changes; 1 when created")]
Timestamp = Annotated[
    str,
    Meta(
        description="UTC, RFC 3339, milliseconds",
        extra_json_schema={"format": "date-time"},
    ),
]
EntityTag = Annotated[
    str, Meta(description="the item's `ETag`, with its quotes, as `If-Match` takes it")
]
Order = Literal["desc", "asc"]


class ItemInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a PUT. An optional field that is left out is removed from the item."""

    id: ItemId
    name: Name
    price: Price | UnsetType = UNSET
    description: Description | UnsetType = UNSET


class _Listed(msgspec.Struct, frozen=True, kw_only=True):
    """The fields that a list and an item share."""

    id: ItemId
    name: Name
    price: Price | UnsetType = UNSET
    version: Version
    created_at: Timestamp
    updated_at: Timestamp


class ItemSummary(_Listed, frozen=True, kw_only=True):
    """An item in a list: everything but its description, and its entity tag."""

    etag: EntityTag


class Item(_Listed, frozen=True, kw_only=True):
    """A whole item."""

    description: Description | UnsetType = UNSET


class ItemList(msgspec.Struct, frozen=True):
    """A page of a list; `cursor` asks for the next one and is null on the last."""

    items: list[ItemSummary]
    cursor: str | None


class ListQuery(msgspec.Struct, frozen=True):
    """The query string of a list request."""

    limit: int = DEFAULT_LIMIT
    order: Order = "desc"
    cursor: str | None = None


_decoder = msgspec.json.Decoder(ItemInput)
_encoder = msgspec.json.Encoder(decimal_format="number")
# Zero is zero with any exponent, but `Decimal` refuses one of 19 digits. The key cannot match in a
# string, where its quotes are escaped. The pattern is compiled when a body is first refused.
_PRICE_OF_ZERO = rb'("price"\s*:\s*-?0(?:\.0+)?)[eE][+-]?[0-9]+'
_FIELD_PATH = re.compile(r" - at `\$\.(\w+)`$")
_FIELD_NAME = re.compile(r"(missing required|unknown) field `(.*)`$", re.DOTALL)


def encode(view: Item | ItemSummary | ItemList) -> str:
    """A view as JSON. A price becomes a number with exactly the digits it was stored with."""
    return _encoder.encode(view).decode()


def parse_id(raw: str) -> str:
    """The item's id from a path segment. Raises `InvalidRequest`.

    Servers differ in whether they have undone percent-encoding already. Doing it here is safe
    either way, for no id contains a `%`.
    """
    item_id = unquote(raw)
    if not 1 <= len(item_id) <= 128 or not re.search(ID_PATTERN, item_id):
        raise _broken("id")
    return item_id


def parse_item(body: str | bytes) -> ItemInput:
    """The item from a request's body.

    Raises `BodyTooLarge`, or `InvalidRequest` naming the field.
    """
    raw = body.encode() if isinstance(body, str) else body
    if len(raw) > MAX_BODY_BYTES:
        raise BodyTooLarge("body", f"must be at most {MAX_BODY_BYTES} bytes")
    try:
        item = _decoder.decode(raw)
    except msgspec.ValidationError as error:
        if (rewritten := re.sub(_PRICE_OF_ZERO, rb"\1e0", raw)) != raw:
            return parse_item(rewritten)
        raise _named(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest("body", "must be valid JSON in UTF-8") from error
    _check_as_written(raw)
    if item.price is UNSET:
        return item
    return msgspec.structs.replace(item, price=_exact(item.price))


def parse_list_query(parameters: dict[str, list[str]] | None) -> ListQuery:
    """The query of a list request. Raises `InvalidRequest` naming the parameter."""
    query: dict[str, Any] = {}
    for name, values in (parameters or {}).items():
        if name not in ("limit", "order", "cursor"):
            raise InvalidRequest(name[:100], "is not a parameter of this request")
        if len(values) != 1:
            raise InvalidRequest(name, "must be given once")
        query[name] = values[0]
    if "limit" in query:
        if not re.fullmatch(r"[1-9][0-9]{0,2}", query["limit"]) or int(query["limit"]) > MAX_LIMIT:
            raise _broken("limit")
        query["limit"] = int(query["limit"])
    if query.get("order", "desc") not in ("desc", "asc"):
        raise _broken("order")
    return ListQuery(**query)


def _broken(field: str) -> InvalidRequest:
    return InvalidRequest(field, f"must be {RULES[field]}")


def _named(message: str) -> InvalidRequest:
    """msgspec's message in our words, with the field as data."""
    # A name first: an unknown one can read like the path of a field.
    if name := _FIELD_NAME.search(message):
        problem = "is required" if name[1] == "missing required" else "is not a field of an item"
        return InvalidRequest(name[2][:100], problem)
    if path := _FIELD_PATH.search(message):
        return _broken(path[1])
    return InvalidRequest("body", "must be a JSON object")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidRequest(twice, "must be given once")
    return fields


def _check_as_written(raw: bytes) -> None:
    """Refuse what msgspec lets pass: a field given twice, and a price given as a string.

    Only for a body that msgspec has accepted: it has no nesting left that could exhaust the
    stack. Numbers stay text, for `int` refuses very long ones with an error of its own.
    """
    fields = json.loads(raw, object_pairs_hook=_unique, parse_int=Decimal, parse_float=Decimal)
    if isinstance(fields.get("price"), str):
        raise _broken("price")


def _exact(price: Decimal) -> Decimal:
    """The price without redundant zeros. Raises `InvalidRequest` if DynamoDB would round it."""
    if price.is_zero():
        return Decimal(0)
    digits = "".join(map(str, price.as_tuple().digits)).strip("0")
    exponent = price.adjusted()
    if price < 0 or len(digits) > MAX_DIGITS or not MIN_EXPONENT <= exponent <= MAX_EXPONENT:
        raise _broken("price")
    return Decimal((0, tuple(map(int, digits)), exponent - len(digits) + 1))
