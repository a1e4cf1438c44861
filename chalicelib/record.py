"""Records: an item as DynamoDB stores it, and the expressions that read and change a record.

The partition key `id` is `<owner>#<item id>`. Neither part can contain the `#` between them.

The entity tag is `<request token>.<attempt>`. Every PUT has a new request token, which all of its
attempts share. The attempt is the number of the UpdateItem that DynamoDB applied, counted from 0.
"""

from decimal import Decimal
from typing import Any

from msgspec import UNSET, Struct

from chalicelib.items import Item, ItemInput, ItemSummary
from chalicelib.preconditions import Preconditions

Attributes = dict[str, dict[str, str]]

# Aliases of the attributes whose names DynamoDB reserves.
_NAMES = {"#owner": "owner", "#name": "name"}

# The attribute that stores the entity tag. Existing records have it under this name.
_TAG = "attempt"

_ABSENT = "attribute_not_exists(id)"


class Stored(Struct, frozen=True):
    """An item as the table has it, with its entity tag (without the quotes)."""

    item: Item
    tag: str

    @classmethod
    def of(cls, record: Attributes) -> "Stored":
        """Return the item and the entity tag of a record."""
        description = record["description"]["S"] if "description" in record else UNSET
        return cls(Item(**_fields(record), description=description), record[_TAG]["S"])


def summary(record: Attributes) -> ItemSummary:
    """Return the summary of a record of the table or of its index."""
    return ItemSummary(**_fields(record), etag=quoted(record[_TAG]["S"]))


def quoted(tag: str) -> str:
    """Return the entity tag as `ETag` and `If-Match` have it."""
    return f'"{tag}"'


def key(owner: str, item_id: str) -> Attributes:
    """Return the primary key of the owner's item."""
    return {"id": {"S": f"{owner}#{item_id}"}}


def item_id(record: Attributes) -> str:
    """Return the item's id, which is the record's partition key without its owner."""
    return record["id"]["S"].partition("#")[2]


def is_written_by(record: Attributes, request_token: str) -> bool:
    """Return whether the request with this token wrote the record, at any of its attempts."""
    return _TAG in record and record[_TAG]["S"].startswith(_tag_prefix(request_token))


def updated_at(record: Attributes) -> str:
    """Return the time of the record's last change, empty if there is no record."""
    return record["updated_at"]["S"] if record else ""


def update(
    owner: str,
    item: ItemInput,
    request_token: str,
    attempt: int,
    now: str,
    preconditions: Preconditions,
) -> dict[str, Any]:
    """Return the parameters of the UpdateItem that makes this attempt at a whole PUT.

    Besides the preconditions, its conditions are that no earlier attempt of the request was applied
    and that `updated_at` does not run back: an expression of DynamoDB cannot take the later time.
    """
    own_tags = _tag_prefix(request_token)
    values: Attributes = {
        ":owner": {"S": owner},
        ":name": {"S": item.name},
        ":own_tags": {"S": own_tags},
        ":tag": {"S": f"{own_tags}{attempt}"},
        ":now": {"S": now},
        ":zero": {"N": "0"},
        ":one": {"N": "1"},
    }
    assignments = [
        "#owner = :owner",
        "#name = :name",
        f"{_TAG} = :tag",
        "updated_at = :now",
        "created_at = if_not_exists(created_at, :now)",
        "version = if_not_exists(version, :zero) + :one",
    ]
    removals = []
    if item.price is UNSET:
        removals.append("price")
    else:
        values[":price"] = {"N": format(item.price, "f")}
        assignments.append("price = :price")
    if item.description is UNSET:
        removals.append("description")
    else:
        values[":description"] = {"S": item.description}
        assignments.append("description = :description")
    conditions = [f"({_ABSENT} OR NOT begins_with({_TAG}, :own_tags) AND updated_at <= :now)"]
    if preconditions.if_match == "*":
        conditions.append("attribute_exists(id)")
    elif preconditions.if_match is not None:
        conditions.append(_has_one_of(preconditions.if_match, ":match", values))
    if preconditions.if_none_match == "*":
        conditions.append(_ABSENT)
    elif preconditions.if_none_match is not None:
        unwanted = _has_one_of(preconditions.if_none_match, ":none", values)
        conditions.append(f"({_ABSENT} OR NOT {unwanted})")
    expression = f"SET {', '.join(assignments)}"
    if removals:
        expression += f" REMOVE {', '.join(removals)}"
    return {
        "Key": key(owner, item.id),
        "UpdateExpression": expression,
        "ConditionExpression": " AND ".join(conditions),
        "ExpressionAttributeNames": _NAMES,
        "ExpressionAttributeValues": values,
        "ReturnValues": "ALL_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def deletion(owner: str, item_id: str, preconditions: Preconditions) -> dict[str, Any]:
    """Return the parameters of a DeleteItem.

    With tags in If-Match, its condition is that the item is absent or has one of them. `*` needs no
    condition: it requires only that the item exists, and deleting an absent item succeeds anyway.
    """
    parameters: dict[str, Any] = {"Key": key(owner, item_id)}
    if isinstance(preconditions.if_match, tuple):
        values: Attributes = {}
        wanted = _has_one_of(preconditions.if_match, ":match", values)
        parameters |= {
            "ConditionExpression": f"{_ABSENT} OR {wanted}",
            "ExpressionAttributeValues": values,
        }
    return parameters


def _fields(record: Attributes) -> dict[str, Any]:
    return {
        "id": item_id(record),
        "name": record["name"]["S"],
        "price": Decimal(record["price"]["N"]) if "price" in record else UNSET,
        "version": int(record["version"]["N"]),
        "created_at": record["created_at"]["S"],
        "updated_at": record["updated_at"]["S"],
    }


def _has_one_of(tags: tuple[str, ...], prefix: str, values: Attributes) -> str:
    """Return the condition that the record has one of the tags, and add its values to `values`."""
    # An empty list of tags must never match, and no record has the empty tag.
    placeholders = {f"{prefix}{n}": {"S": tag} for n, tag in enumerate(tags or ("",))}
    values.update(placeholders)
    return f"{_TAG} IN ({', '.join(placeholders)})"


def _tag_prefix(request_token: str) -> str:
    """Return the part that the entity tags of all attempts of a request share."""
    return f"{request_token}."
