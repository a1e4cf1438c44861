"""Records: a resource as DynamoDB stores it, and the expressions that read and change a record.

The partition key `id` is `<owner>#<kind>#<resource's id>`, and the index's partition `owner` is
`<owner>#<kind>`. No part can contain the `#` between them. The fields are in two maps: `summary`
has those that a list shows, `details` the rest. A PUT replaces both, so no expression names a
field, and the index's projection never changes.

The entity tag is `<request token>.<attempt>`. Every PUT has a new request token, which all of its
attempts share. The attempt is the number of the UpdateItem that DynamoDB applied, counted from 0.
"""

from typing import Any

import msgspec
from msgspec import MsgspecError, Struct

from chalicelib.attributes import Attributes, decode_map, encode_map
from chalicelib.kind import Kind, Resource
from chalicelib.preconditions import Preconditions

# Aliases of the attributes whose names DynamoDB reserves.
_NAMES = {"#owner": "owner", "#schema": "schema"}

_ABSENT = "attribute_not_exists(id)"


class UnreadableRecord(RuntimeError):
    """A record is not one that this version of the function, or any other, has written."""

    def __init__(self, record: Attributes, reason: Exception) -> None:
        self.key = record.get("id", {}).get("S", "")
        super().__init__(f"the record {self.key} cannot be read: {reason}")


class Stored(Struct, frozen=True):
    """A whole resource as the table has it, with its version and entity tag (without quotes)."""

    view: Any
    version: int
    tag: str

    @classmethod
    def of(cls, kind: Kind[Any], record: Attributes) -> "Stored":
        """Return the resource of a record. Raises `UnreadableRecord`."""
        view = _view(kind, kind.whole, record, "details")
        return cls(view, view.version, record["etag"]["S"])


def summary(kind: Kind[Any], record: Attributes) -> Any:
    """Return the summary of a record of the index. Raises `UnreadableRecord`."""
    return _view(kind, kind.summary, record)


def quoted(tag: str) -> str:
    """Return the entity tag as `ETag` and `If-Match` have it."""
    return f'"{tag}"'


def partition(kind: Kind[Any], owner: str) -> str:
    """Return the partition of the index that has the owner's resources of a kind."""
    return f"{owner}#{kind.name}"


def key(kind: Kind[Any], owner: str, resource_id: str) -> Attributes:
    """Return the primary key of the owner's resource."""
    return {"id": {"S": f"{owner}#{kind.name}#{resource_id}"}}


def is_written_by(record: Attributes, request_token: str) -> bool:
    """Return whether the request with this token wrote the record, at any of its attempts."""
    return _tag(record).startswith(_tag_prefix(request_token))


def update(
    kind: Kind[Any],
    owner: str,
    resource: Resource,
    request_token: str,
    attempt: int,
    now: str,
    preconditions: Preconditions,
    seen: Attributes,
) -> dict[str, Any]:
    """Return the parameters of the UpdateItem that makes this attempt at a whole PUT.

    Besides the preconditions, its conditions are that no earlier attempt of the request was
    applied, that `updated_at` does not run back (an expression of DynamoDB cannot take the later
    time), and that the record has the fields of this version. `seen` is the record if it had other
    fields: those that this version does not know are kept, on condition that its tag is unchanged.
    """
    own_tags = _tag_prefix(request_token)
    summary, details = map(encode_map, kind.split(resource))
    _keep_unknown(kind, seen, "summary", summary)
    _keep_unknown(kind, seen, "details", details)
    values: Attributes = {
        ":owner": {"S": partition(kind, owner)},
        ":summary": {"M": summary},
        ":details": {"M": details},
        ":schema": {"S": kind.fingerprint},
        ":own_tags": {"S": own_tags},
        ":tag": {"S": f"{own_tags}{attempt}"},
        ":now": {"S": now},
        ":zero": {"N": "0"},
        ":one": {"N": "1"},
    }
    fields = "#schema = :schema"
    if seen and _tag(seen):
        fields, values[":seen"] = "etag = :seen", {"S": _tag(seen)}
    elif seen:
        fields = "attribute_not_exists(etag)"
    conditions = [
        f"({_ABSENT} OR NOT begins_with(etag, :own_tags) AND NOT updated_at > :now AND {fields})"
    ]
    if preconditions.if_match == "*":
        conditions.append("attribute_exists(id)")
    elif preconditions.if_match is not None:
        conditions.append(_has_one_of(preconditions.if_match, ":match", values))
    if preconditions.if_none_match == "*":
        conditions.append(_ABSENT)
    elif preconditions.if_none_match is not None:
        unwanted = _has_one_of(preconditions.if_none_match, ":none", values)
        conditions.append(f"({_ABSENT} OR NOT {unwanted})")
    return {
        "Key": key(kind, owner, resource.id),
        "UpdateExpression": _UPDATE,
        "ConditionExpression": " AND ".join(conditions),
        "ExpressionAttributeNames": _NAMES,
        "ExpressionAttributeValues": values,
        "ReturnValues": "ALL_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


_UPDATE = (
    "SET #owner = :owner, summary = :summary, details = :details, #schema = :schema, etag = :tag, "
    "updated_at = :now, created_at = if_not_exists(created_at, :now), "
    "version = if_not_exists(version, :zero) + :one"
)


def updated_at(record: Attributes) -> str:
    """Return the time of the record's last change, or an empty string."""
    return str(record.get("updated_at", {}).get("S", ""))


def has_other_fields(kind: Kind[Any], record: Attributes) -> bool:
    """Return whether a version with other fields, or an import, wrote it."""
    return bool(record) and record.get("schema", {}).get("S") != kind.fingerprint


def deletion(
    kind: Kind[Any], owner: str, resource_id: str, preconditions: Preconditions
) -> dict[str, Any]:
    """Return the parameters of a DeleteItem.

    With tags in If-Match, its condition is that the record is absent or has one of them. `*` needs
    no condition: it requires only that the record exists, and deleting an absent one succeeds
    anyway.
    """
    parameters: dict[str, Any] = {"Key": key(kind, owner, resource_id)}
    if isinstance(preconditions.if_match, tuple):
        values: Attributes = {}
        condition = _has_one_of(preconditions.if_match, ":match", values)
        parameters |= {
            "ConditionExpression": f"{_ABSENT} OR {condition}",
            "ExpressionAttributeValues": values,
        }
    return parameters


def _view(kind: Kind[Any], view: type[Struct], record: Attributes, *maps: str) -> Any:
    """Return the struct `view` of a record's maps. Raises `UnreadableRecord`."""
    try:
        fields = decode_map(record["summary"]["M"])
        for name in maps:
            fields.update(decode_map(record[name]["M"]))
        if kind.upgrade:
            fields = kind.upgrade(fields)
        owner, _, fields["id"] = record["id"]["S"].rpartition("#")
        if owner != record["owner"]["S"]:
            raise ValueError("its key does not match its owner and kind")
        fields["version"] = int(record["version"]["N"])
        fields["created_at"] = record["created_at"]["S"]
        fields["updated_at"] = record["updated_at"]["S"]
        fields["etag"] = quoted(record["etag"]["S"])
        return msgspec.convert(fields, view)
    except (LookupError, TypeError, ValueError, MsgspecError) as error:
        raise UnreadableRecord(record, error) from error


def _keep_unknown(kind: Kind[Any], seen: Attributes, name: str, fields: Attributes) -> None:
    """Add the fields of the map `name` of `seen` that this version does not know."""
    for field, value in seen.get(name, {}).get("M", {}).items():
        if field not in kind.known:
            fields[field] = value


def _has_one_of(tags: tuple[str, ...], prefix: str, values: Attributes) -> str:
    """Return the condition that the record has one of the tags, and add its values to `values`."""
    # An empty list of tags must never match, and no record has the empty tag.
    placeholders = {f"{prefix}{n}": {"S": tag} for n, tag in enumerate(tags or ("",))}
    values.update(placeholders)
    return f"etag IN ({', '.join(placeholders)})"


def _tag(record: Attributes) -> str:
    return str(record.get("etag", {}).get("S", ""))


def _tag_prefix(request_token: str) -> str:
    """Return the part that the entity tags of all attempts of a request share."""
    return f"{request_token}."
