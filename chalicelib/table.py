"""ItemsTable: the only module that talks to DynamoDB.

Key design. The partition key `id` is `<owner>#<item id>`, so a user can only ever name their own
items, and every item is a partition of its own. The index `by_owner` (`owner`, `created_at`)
holds just the summary's attributes and serves the list by Query. Nothing scans.

A write whose answer was lost. Every write stores a marker, `attempt`: new for each request, the
same for its retries. It is also the item's entity tag. When a retry's condition fails, the stored
marker tells whether it was this very request that had already been applied.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Protocol

from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import get_session
from msgspec import UNSET

from chalicelib import config
from chalicelib.cursor import Position
from chalicelib.errors import ItemNotFound, OutcomeUnknown, PreconditionFailed
from chalicelib.items import Item, ItemInput, ItemList, ItemSummary, ListQuery
from chalicelib.observability import add_consumed_capacity
from chalicelib.preconditions import Preconditions, Tags
from chalicelib.retry import Deadline, Retry

INDEX = "by_owner"

# Seconds. Their sum is what Retry.attempt_timeout allows for.
CONNECT_TIMEOUT, READ_TIMEOUT = 1.0, 2.0

Attributes = dict[str, dict[str, str]]


class DynamoDBClient(Protocol):
    """What ItemsTable needs of a client: boto3's low-level interface."""

    def get_item(self, **parameters: Any) -> dict[str, Any]: ...
    def update_item(self, **parameters: Any) -> dict[str, Any]: ...
    def delete_item(self, **parameters: Any) -> dict[str, Any]: ...
    def query(self, **parameters: Any) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Stored:
    """An item as it is in the table, with its entity tag (without the quotes)."""

    item: Item
    tag: str


def utc_now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def new_marker() -> str:
    """96 bits from the system, so that no two writes ever share one."""
    return secrets.token_urlsafe(12)


class ItemsTable:
    """The items of all users, each reachable only with its owner's name.

    Every method raises `Unavailable` when DynamoDB does not answer before the deadline; the
    writes raise its subclass `OutcomeUnknown` when they may nevertheless have been applied.
    Conditional writes are applied once or raise; unconditional ones at least once, the last
    writer winning.
    """

    def __init__(
        self,
        client: DynamoDBClient,
        table_name: str,
        retry: Retry = Retry(attempt_timeout=CONNECT_TIMEOUT + READ_TIMEOUT),
        now: Callable[[], str] = utc_now,
        marker: Callable[[], str] = new_marker,
    ) -> None:
        self._client = client
        self._common = {"TableName": table_name, "ReturnConsumedCapacity": "TOTAL"}
        self._retry = retry
        self._now = now
        self._marker = marker

    def get(self, owner: str, item_id: str, deadline: Deadline) -> Stored:
        """Strongly consistent: a read after your own write sees it. Raises `ItemNotFound`."""
        attributes = self._retry.call(lambda _: self._read(_key(owner, item_id)), deadline)
        if attributes is None:
            raise ItemNotFound
        return _stored(attributes)

    def put(
        self, owner: str, item: ItemInput, preconditions: Preconditions, deadline: Deadline
    ) -> Stored:
        """Create or replace the whole item; `version` 1 says that it was created.

        Raises `PreconditionFailed`, or `OutcomeUnknown`.
        """
        key, marker, now = _key(owner, item.id), self._marker(), self._now()
        values: Attributes = {
            ":owner": {"S": owner},
            ":name": {"S": item.name},
            ":attempt": {"S": marker},
            ":now": {"S": now},
            ":zero": {"N": "0"},
            ":one": {"N": "1"},
        }
        assignments = [
            "#owner = :owner",
            "#name = :name",
            "#attempt = :attempt",
            "#updated_at = :now",
            "#created_at = if_not_exists(#created_at, :now)",
            "#version = if_not_exists(#version, :zero) + :one",
        ]
        removals = []
        if item.price is UNSET:
            removals.append("#price")
        else:
            values[":price"] = {"N": format(item.price, "f")}
            assignments.append("#price = :price")
        if item.description is UNSET:
            removals.append("#description")
        else:
            values[":description"] = {"S": item.description}
            assignments.append("#description = :description")
        expression = "SET " + ", ".join(assignments)
        if removals:
            expression += " REMOVE " + ", ".join(removals)
        names = {f"#{name}": name for name in _ATTRIBUTES}
        condition = _put_condition(preconditions, values)

        def send(in_doubt: bool) -> Attributes:
            if in_doubt and not preconditions.repeatable:
                return self._own_write(key, marker)
            try:
                response = self._client.update_item(
                    Key=key,
                    UpdateExpression=expression,
                    ConditionExpression=condition,
                    ExpressionAttributeNames=names,
                    ExpressionAttributeValues=values,
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **self._common,
                )
            except ClientError as error:
                current = _state_that_failed(error)
                if current.get("attempt") == {"S": marker}:
                    return current
                raise (OutcomeUnknown() if in_doubt else PreconditionFailed()) from error
            _count(response)
            attributes: Attributes = response["Attributes"]
            return attributes

        return _stored(self._retry.call(send, deadline))

    def delete(
        self, owner: str, item_id: str, preconditions: Preconditions, deadline: Deadline
    ) -> None:
        """Delete the item; that it was gone already is success too.

        With If-Match, raises `PreconditionFailed` when the item has another tag, or
        `OutcomeUnknown`. If-None-Match has no meaning here and is not looked at.
        """
        condition: dict[str, Any] = {}
        if isinstance(preconditions.if_match, tuple):
            values: Attributes = {}
            matches = _is_one_of(preconditions.if_match, ":match", values)
            condition = {
                "ConditionExpression": f"attribute_not_exists(#id) OR {matches}",
                "ExpressionAttributeNames": {"#id": "id", "#attempt": "attempt"},
                "ExpressionAttributeValues": values,
            }

        def send(in_doubt: bool) -> None:
            try:
                response = self._client.delete_item(
                    Key=_key(owner, item_id), **condition, **self._common
                )
            except ClientError as error:
                _state_that_failed(error)
                raise (OutcomeUnknown() if in_doubt else PreconditionFailed()) from error
            _count(response)

        self._retry.call(send, deadline)

    def list(self, owner: str, query: ListQuery, deadline: Deadline) -> ItemList:
        """A page of the owner's items, eventually consistent. Raises `InvalidRequest` (cursor)."""
        start: dict[str, Any] = {}
        if query.cursor is not None:
            position = Position.of(query.cursor, owner, query.order)
            start["ExclusiveStartKey"] = {
                **_key(owner, position.item_id),
                "owner": {"S": owner},
                "created_at": {"S": position.created_at},
            }
        response = self._retry.call(
            lambda _: self._client.query(
                IndexName=INDEX,
                KeyConditionExpression="#owner = :owner",
                ExpressionAttributeNames={"#owner": "owner"},
                ExpressionAttributeValues={":owner": {"S": owner}},
                ScanIndexForward=query.order == "asc",
                Limit=query.limit,
                **start,
                **self._common,
            ),
            deadline,
        )
        _count(response)
        cursor = None
        if last := response.get("LastEvaluatedKey"):
            place = Position(last["created_at"]["S"], _item_id(last))
            cursor = place.cursor(owner, query.order)
        return ItemList([ItemSummary(**_summary(each)) for each in response["Items"]], cursor)

    def _read(self, key: Attributes) -> Attributes | None:
        response = self._client.get_item(Key=key, ConsistentRead=True, **self._common)
        _count(response)
        return response.get("Item")

    def _own_write(self, key: Attributes, marker: str) -> Attributes:
        """What an earlier attempt wrote. Raises `OutcomeUnknown` if there is no trace of it."""
        attributes = self._read(key)
        if attributes is None or attributes["attempt"] != {"S": marker}:
            raise OutcomeUnknown
        return attributes


_ATTRIBUTES = (
    "id owner name price description version created_at updated_at attempt".split()
)  # all by alias, whatever words DynamoDB may reserve


def _key(owner: str, item_id: str) -> Attributes:
    return {"id": {"S": f"{owner}#{item_id}"}}


def _item_id(attributes: Attributes) -> str:
    return attributes["id"]["S"].partition("#")[2]


def _summary(attributes: Attributes) -> dict[str, Any]:
    return {
        "id": _item_id(attributes),
        "name": attributes["name"]["S"],
        "price": Decimal(attributes["price"]["N"]) if "price" in attributes else UNSET,
        "version": int(attributes["version"]["N"]),
        "created_at": attributes["created_at"]["S"],
        "updated_at": attributes["updated_at"]["S"],
    }


def _stored(attributes: Attributes) -> Stored:
    description = attributes["description"]["S"] if "description" in attributes else UNSET
    return Stored(
        item=Item(**_summary(attributes), description=description),
        tag=attributes["attempt"]["S"],
    )


def _is_one_of(tags: tuple[str, ...], prefix: str, values: Attributes) -> str:
    # No tag at all can match, as an empty one cannot: it is never stored.
    placeholders = {f"{prefix}{n}": {"S": tag} for n, tag in enumerate(tags or ("",))}
    values.update(placeholders)
    return f"#attempt IN ({', '.join(placeholders)})"


def _put_condition(preconditions: Preconditions, values: Attributes) -> str:
    """The condition of a PUT, whose values are added to `values`."""
    absent = "attribute_not_exists(#id)"
    clauses = [f"({absent} OR #attempt <> :attempt)"]
    wanted: Tags = preconditions.if_match
    if wanted == "*":
        clauses.append("attribute_exists(#id)")
    elif wanted is not None:
        clauses.append(_is_one_of(wanted, ":match", values))
    unwanted: Tags = preconditions.if_none_match
    if unwanted == "*":
        clauses.append(absent)
    elif unwanted is not None:
        clauses.append(f"({absent} OR NOT {_is_one_of(unwanted, ':none', values)})")
    return " AND ".join(clauses)


def _state_that_failed(error: ClientError) -> Attributes:
    """The item for which a condition did not hold; empty if there was none.

    Raises any other error again.
    """
    if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
        raise error
    attributes: Attributes = error.response.get("Item", {})
    return attributes


def _count(response: dict[str, Any]) -> None:
    add_consumed_capacity(response["ConsumedCapacity"]["CapacityUnits"])


@lru_cache(maxsize=8)
def _table(settings: config.Settings) -> ItemsTable:
    client = get_session().create_client(
        "dynamodb",
        config=Config(
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=READ_TIMEOUT,
            # Retries are ours (chalicelib/retry.py); two layers would multiply.
            retries={"total_max_attempts": 1},
            tcp_keepalive=True,
        ),
    )
    return ItemsTable(client, settings.table_name)


def items_table() -> ItemsTable:
    """The table of the current stage, made when first asked for."""
    return _table(config.Settings.from_environment())
