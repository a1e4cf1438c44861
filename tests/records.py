"""Records as the table stores them, for stubs of DynamoDB and for imports."""

from typing import Any

from chalicelib import record
from chalicelib.attributes import Attributes, encode_map
from chalicelib.items import ITEMS
from chalicelib.kind import Kind

WHEN = "2026-01-01T00:00:00.000Z"


def record_of(
    owner: str,
    id: str,
    tag: str = "a-token.0",
    created_at: str = WHEN,
    kind: Kind[Any] = ITEMS,
    **fields: Any,
) -> Attributes:
    """Return the record of version 1 of a resource that has these fields."""
    resource = kind.schema(id=id, **fields)
    summary, details = map(encode_map, kind.split(resource))
    return {
        **record.key(kind, owner, id),
        "owner": {"S": record.partition(kind, owner)},
        "summary": {"M": summary},
        "details": {"M": details},
        "schema": {"S": kind.fingerprint},
        "etag": {"S": tag},
        "version": {"N": "1"},
        "created_at": {"S": created_at},
        "updated_at": {"S": created_at},
    }
