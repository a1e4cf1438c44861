"""Conditional requests (RFC 9110, section 13): If-Match and If-None-Match."""

import re
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from chalicelib.errors import InvalidRequest, PreconditionFailed

# More than any client needs, and fewer than an expression of DynamoDB may list.
MAX_TAGS = 50

# An element of a list, which may be empty (RFC 9110, section 5.6.1.2), up to the next one. Blanks
# are never given back (`*+`), because trying each split of many blanks would take seconds.
_ELEMENT = re.compile(r'[ \t]*+((?:W/)?"[\x21\x23-\x7e\x80-\xff]*")?[ \t]*+(?:,|\Z)')

#: The entity tags listed, or "*" for any. `None`: the header is absent.
Tags = tuple[str, ...] | Literal["*"] | None


def _parse(field: str, value: str | None) -> Tags:
    if value is None:
        return None
    if value.strip() == "*":
        return "*"
    tags, position = [], 0
    while position < len(value):
        match = _ELEMENT.match(value, position)
        if not match:
            raise InvalidRequest(field, 'must be "*" or a list of quoted entity tags')
        if match[1]:
            tags.append(match[1])
        position = match.end()
    if not 1 <= len(tags) <= MAX_TAGS:
        raise InvalidRequest(field, f"must list between 1 and {MAX_TAGS} entity tags")
    return tuple(tags)


def _strong(tags: tuple[str, ...]) -> tuple[str, ...]:
    # Strong comparison: a weak tag never matches, not even itself.
    return tuple(tag.strip('"') for tag in tags if not tag.startswith("W/"))


def _weak(tags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(tag.removeprefix("W/").strip('"') for tag in tags)


class Preconditions(Struct, frozen=True):
    """The conditions of a request on the item's current state, as tags without their quotes.

    `if_match`: "*", or the tags of which one must be current, or `None`.
    `if_none_match`: "*", or the tags that must not be current, or `None`.
    """

    if_match: Tags = None
    if_none_match: Tags = None

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> "Preconditions":
        """Read both headers. Raises `InvalidRequest` naming the invalid header."""
        if_match = _parse("If-Match", headers.get("if-match"))
        if_none_match = _parse("If-None-Match", headers.get("if-none-match"))
        return cls(
            _strong(if_match) if isinstance(if_match, tuple) else if_match,
            _weak(if_none_match) if isinstance(if_none_match, tuple) else if_none_match,
        )

    @property
    def repeatable(self) -> bool:
        """Whether a write that may have been applied can be sent again without harm.

        A tag of If-Match can be current only once, so a second write fails. A write without
        conditions may happen twice anyway. But "exists", "does not exist" and "is not this tag"
        can come true again after another client has deleted or created the item.
        """
        return isinstance(self.if_match, tuple) or self == Preconditions()

    def not_modified(self, tag: str) -> bool:
        """Return whether the response to a read of the item with this tag is 304.

        Raises `PreconditionFailed` when If-Match does not hold: it is evaluated first.
        """
        if self.if_match is not None and self.if_match != "*" and tag not in self.if_match:
            raise PreconditionFailed
        return self.if_none_match == "*" or tag in (self.if_none_match or ())
