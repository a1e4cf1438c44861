"""Cursors: where a page of a list ended, as an opaque token that only its owner can use.

A cursor holds the last record's place in the index and a MAC over it, keyed by the partition. It
does not hold the partition, unless a record that the API did not write has a foreign key. For
another owner, or in another list, it is as invalid as garbage. The MAC's key is no secret from the
owner, who can only forge cursors of their own list.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

import msgspec
from msgspec import Struct

from chalicelib.attributes import Attributes
from chalicelib.listing import Order, rule_error

_MAC_BYTES = 16

# Bytes of a partition key and of a sort key in DynamoDB.
_MAX_ID, _MAX_TIME = 2048, 1024


class _Place(Struct, frozen=True, array_like=True):
    created_at: str
    id: str
    is_relative: bool


def encode(last: Attributes, partition: str, order: Order) -> str:
    """Return the cursor behind a record. `last` is the key of the index, as Query returns it."""
    id_ = last["id"]["S"]
    is_relative = id_.startswith(f"{partition}#")
    relative = id_[len(partition) + 1 :] if is_relative else id_
    place = msgspec.json.encode(_Place(last["created_at"]["S"], relative, is_relative))
    return urlsafe_b64encode(_mac(partition, order, place) + place).decode().rstrip("=")


def decode(cursor: str, partition: str, order: Order) -> Attributes:
    """Return the key of the index. Raises `InvalidRequest` unless `encode` gave the cursor.

    An imported record may have any time and any id. The API's rules do not apply to them here,
    because the list must go on behind such a record.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]+", cursor):
        raise rule_error("cursor")
    try:
        token = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError as error:
        raise rule_error("cursor") from error
    mac, place = token[:_MAC_BYTES], token[_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(partition, order, place)):
        raise rule_error("cursor")
    try:
        at = msgspec.json.decode(place, type=_Place)
    except msgspec.MsgspecError as error:  # a cursor of an earlier release
        raise rule_error("cursor") from error
    id_ = f"{partition}#{at.id}" if at.is_relative else at.id
    # DynamoDB refuses such keys, and an owner can forge a cursor that has one.
    if not 1 <= len(id_.encode()) <= _MAX_ID or not 1 <= len(at.created_at.encode()) <= _MAX_TIME:
        raise rule_error("cursor")
    return {
        "id": {"S": id_},
        "owner": {"S": partition},
        "created_at": {"S": at.created_at},
    }


def _mac(partition: str, order: Order, place: bytes) -> bytes:
    message = order.encode() + b"/" + place
    return hmac.new(partition.encode(), message, hashlib.sha256).digest()[:_MAC_BYTES]
