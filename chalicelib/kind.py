"""Kinds of resources: items are one. A kind is its name, its fields, and where a list shows them.

The schema is a struct that extends `Resource`. It is the body of a PUT, and all else follows from
it: the views that responses have, the two maps of a record, the API's document, and the messages.
"""

import hashlib
import re
from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import unquote

import msgspec
from msgspec import Meta, Struct

from chalicelib.body import Body
from chalicelib.errors import InvalidRequest
from chalicelib.fields import Field, fields_of

# The pattern means the same in Python and in the JSON Schema that is generated from it. In Python,
# `$` would let a trailing newline through, hence the look-ahead.
ID_PATTERN = r"^(?!\.{1,2}$)[A-Za-z0-9._~-]+$(?!\n)"
MAX_ID_LENGTH = 128
ID_RULE = f'1 to {MAX_ID_LENGTH} characters of A-Z a-z 0-9 . _ ~ -, and neither "." nor ".."'

Id = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=MAX_ID_LENGTH,
        pattern=ID_PATTERN,
        description=ID_RULE,
        examples=["123"],
    ),
]
Version = Annotated[int, Meta(ge=1, description="counts the changes; 1 when created")]
Timestamp = Annotated[
    str,
    Meta(
        description="UTC, RFC 3339, milliseconds",
        extra_json_schema={"format": "date-time"},
    ),
]
EntityTag = Annotated[str, Meta(description="the `ETag`, with its quotes, as `If-Match` takes it")]

#: The fields that the server adds to a resource.
_ADDED = (("version", Version), ("created_at", Timestamp), ("updated_at", Timestamp))

Fields = dict[str, Any]


class Resource(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a PUT. An optional field that is left out is removed."""

    id: Id


class Page(Struct, frozen=True):
    """A page of a list. `cursor` asks for the next page, and is null on the last."""

    items: list[Any]
    cursor: str | None


ResourceT = TypeVar("ResourceT", bound=Resource)


class Kind(Generic[ResourceT]):
    """A kind of resource.

    `name`: its name in paths and in keys, such as "items". Never change it once there are records.
    `noun`: the word for one resource in messages.
    `schema`: the struct; a response's structs are named after it, without "Input".
    `details`: the fields that a list leaves out.
    `upgrade`: takes the stored fields, and returns those of this version. It is called for each
    record that is read, for a list with the fields that a list shows: give a new required field its
    value here, or a renamed one its new name.
    """

    def __init__(
        self,
        name: str,
        noun: str,
        schema: type[ResourceT],
        *,
        details: Collection[str] = (),
        upgrade: Callable[[Fields], Fields] | None = None,
    ) -> None:
        self.name = name
        self.noun = noun
        self.schema = schema
        fields = fields_of(schema)
        self.fields = tuple(field for field in fields if field.name != "id")
        self.details = frozenset(details)
        self.known = frozenset(field.name for field in self.fields)
        if unknown := self.details - self.known:
            raise ValueError(f"{noun} has no field {', '.join(sorted(unknown))}")
        names = ",".join(sorted(self.known))
        #: Identifies the set of fields: a version with other fields has another fingerprint.
        self.fingerprint = hashlib.sha256(names.encode()).hexdigest()[:12]
        self.upgrade = upgrade
        title = schema.__name__.removesuffix("Input")
        listed = [field for field in self.fields if field.name not in self.details]
        #: The structs of a whole resource, and of one in a list.
        self.whole = _view(title, f"A whole {noun}.", self.fields, _ADDED)
        self.summary = _view(
            f"{title}Summary",
            f"The {noun} in a list.",
            listed,
            (*_ADDED, ("etag", EntityTag)),
        )
        self._body = Body(schema, fields, noun)

    def parse(self, body: str | bytes) -> ResourceT:
        """Return the resource in a request's body.

        Raises `BodyTooLarge`, or `InvalidRequest` naming the field.
        """
        return self._body.parse(body)

    def split(self, resource: ResourceT) -> tuple[Fields, Fields]:
        """Return the fields that a list shows, and the details, as plain data."""
        summary = msgspec.to_builtins(resource, builtin_types=(Decimal,))
        del summary["id"]
        details = {name: summary.pop(name) for name in self.details if name in summary}
        return summary, details


def _view(
    name: str, doc: str, fields: Collection[Field], added: Collection[tuple[str, Any]]
) -> type[Struct]:
    """Return the struct of a response: the id, the fields, and those that the server adds."""
    return msgspec.defstruct(
        name,
        [("id", Id), *(field.declaration for field in fields), *added],
        namespace={"__doc__": doc},
        frozen=True,
        kw_only=True,
    )


def parse_id(raw: str) -> str:
    """Return the id in a path segment. Raises `InvalidRequest`.

    Servers differ in whether they have decoded percent-encoding already. Decoding here is safe
    either way, because no id contains a `%`.
    """
    decoded = unquote(raw)
    if not 1 <= len(decoded) <= MAX_ID_LENGTH or not re.search(ID_PATTERN, decoded):
        raise InvalidRequest("id", f"must be {ID_RULE}")
    return decoded
