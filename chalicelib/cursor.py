"""Cursors: where a page of a list ended, as an opaque token that only its owner can use.

A cursor holds the last item's place in the index and a MAC over it, keyed by the owner. It does
not hold the owner, is under 300 characters, and in anybody else's hands is as invalid as garbage.
The key is no secret from the owner, who could only forge a way into their own list.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from msgspec import Struct

from chalicelib.errors import InvalidRequest
from chalicelib.items import ID_PATTERN, RULES, Order

_MAC_BYTES = 16
MAX_LENGTH = 300
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)


class Position(Struct, frozen=True):
    """The place of an item in its owner's list: newest by `created_at`, then by id."""

    created_at: str
    item_id: str

    def cursor(self, owner: str, order: Order) -> str:
        place = f"{self.created_at}/{self.item_id}".encode()
        return urlsafe_b64encode(_mac(owner, order, place) + place).decode().rstrip("=")

    @classmethod
    def of(cls, cursor: str, owner: str, order: Order) -> "Position":
        """The place that a cursor names. Raises `InvalidRequest` unless it is this owner's."""
        invalid = InvalidRequest("cursor", f"must be {RULES['cursor']}")
        if len(cursor) > MAX_LENGTH or not re.fullmatch(r"[A-Za-z0-9_-]+", cursor):
            raise invalid
        try:
            token = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except ValueError as error:
            raise invalid from error
        mac, place = token[:_MAC_BYTES], token[_MAC_BYTES:]
        if not hmac.compare_digest(mac, _mac(owner, order, place)):
            raise invalid
        created_at, _, item_id = place.decode(errors="replace").partition("/")
        if not _TIMESTAMP.fullmatch(created_at) or not re.search(ID_PATTERN, item_id):
            raise invalid
        return cls(created_at, item_id)


def _mac(owner: str, order: Order, place: bytes) -> bytes:
    message = order.encode() + b"/" + place
    return hmac.new(owner.encode(), message, hashlib.sha256).digest()[:_MAC_BYTES]
