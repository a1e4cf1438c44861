"""Records: an item as DynamoDB holds it, and the expressions that read and change one.

The partition key `id` is `<owner>#<item id>`; neither part can contain the `#` between them.
"""

from decimal import Decimal
from typing import Any

from msgspec import UNSET, Struct

from chalicelib.items import Item, ItemInput, ItemSummary
from chalicelib.preconditions import Preconditions

Attributes = dict[str, dict[str, str]]

# The two that are words of DynamoDB's own.
_NAMES = {"#owner": "owner", "#name": "name"}

_ABSENT = "attribute_not_exists(id)"


class Stored(Struct, frozen=True):
    """An item as it is in the table, with its entity tag (without the quotes)."""

    item: Item
    tag: str

    @classmethod
    def of(cls, record: Attributes) -> "Stored":
        description = record["description"]["S"] if "description" in record else UNSET
        return cls(Item(**_fields(record), description=description), record["attempt"]["S"])


def summary(record: Attributes) -> ItemSummary:
    return ItemSummary(**_fields(record))


def key(owner: str, item_id: str) -> Attributes:
    return {"id": {"S": f"{owner}#{item_id}"}}


def item_id(record: Attributes) -> str:
    return record["id"]["S"].partition("#")[2]


def is_of(record: Attributes, marker: str) -> bool:
    """Whether the record is what a request with this marker wrote, at any of its attempts."""
    return "attempt" in record and record["attempt"]["S"].startswith(f"{marker}.")


def update(
    owner: str, item: ItemInput, marker: str, attempt: int, now: str, preconditions: Preconditions
) -> dict[str, Any]:
    """The parameters of an UpdateItem that does a whole PUT.

    Whatever the preconditions, what a write of the same marker wrote must not be there yet.
    """
    values: Attributes = {
        ":owner": {"S": owner},
        ":name": {"S": item.name},
        ":marker": {"S": f"{marker}."},
        ":attempt": {"S": f"{marker}.{attempt}"},
        ":now": {"S": now},
        ":zero": {"N": "0"},
        ":one": {"N": "1"},
    }
    assignments = [
        "#owner = :owner",
        "#name = :name",
        "attempt = :attempt",
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
    conditions = [f"({_ABSENT} OR NOT begins_with(attempt, :marker))"]
    if preconditions.if_match == "*":
        conditions.append("attribute_exists(id)")
    elif preconditions.if_match is not None:
        conditions.append(_is_one_of(preconditions.if_match, ":match", values))
    if preconditions.if_none_match == "*":
        conditions.append(_ABSENT)
    elif preconditions.if_none_match is not None:
        unwanted = _is_one_of(preconditions.if_none_match, ":none", values)
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
    """The parameters of a DeleteItem, conditional on "absent or one of these tags".

    "*" asks only that the item exist, and to delete one that does not is success anyway.
    """
    parameters: dict[str, Any] = {"Key": key(owner, item_id)}
    if isinstance(preconditions.if_match, tuple):
        values: Attributes = {}
        wanted = _is_one_of(preconditions.if_match, ":match", values)
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


def _is_one_of(tags: tuple[str, ...], prefix: str, values: Attributes) -> str:
    """A condition on the present tag, whose values are added to `values`."""
    # Without any tag it must never hold, which that of an empty one does not.
    placeholders = {f"{prefix}{n}": {"S": tag} for n, tag in enumerate(tags or ("",))}
    values.update(placeholders)
    return f"attempt IN ({', '.join(placeholders)})"
