"""ItemsTable: the only module that talks to DynamoDB.

Every item is a partition of its own, under a key that names its owner, so writes spread evenly and
a user can only ever name their own items. The index `by_owner` (`owner`, `created_at`) holds just
the summary's attributes and serves the list by Query. Nothing scans.

A write whose answer was lost. Every write stores `attempt`: a marker that is new for each request
and the same for its retries, and the number of the attempt. When a retry's condition fails, the
stored marker tells whether it was this very request that had already been applied. The whole is
also the item's entity tag, which no two applications share: a write that asks nothing may be
applied twice, with another's between, and were its tag the same again, an If-Match that had been
good once would be so again, for a retry of somebody else's.
"""

import itertools
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any, Protocol

from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from chalicelib import config, observability, record
from chalicelib.breaker import CircuitBreaker
from chalicelib.client import CONNECT_TIMEOUT, READ_TIMEOUT, first_client
from chalicelib.cursor import Position
from chalicelib.errors import ItemNotFound, OutcomeUnknown, PreconditionFailed
from chalicelib.items import ItemInput, ItemList, ListQuery
from chalicelib.preconditions import Preconditions
from chalicelib.record import Attributes, Stored
from chalicelib.retry import Deadline, Retry, RetryBudget

INDEX = "by_owner"


class DynamoDBClient(Protocol):
    """What ItemsTable needs of a client: boto3's low-level interface."""

    def get_item(self, **parameters: Any) -> dict[str, Any]: ...
    def update_item(self, **parameters: Any) -> dict[str, Any]: ...
    def delete_item(self, **parameters: Any) -> dict[str, Any]: ...
    def query(self, **parameters: Any) -> dict[str, Any]: ...
    def close(self) -> None: ...


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
        retry: Retry | None = None,
        now: Callable[[], str] = utc_now,
        marker: Callable[[], str] = new_marker,
        new_breaker: Callable[[str], CircuitBreaker] = CircuitBreaker,
    ) -> None:
        self._client = client
        self._common = {"TableName": table_name, "ReturnConsumedCapacity": "TOTAL"}
        self._retry = retry or Retry()
        self._now = now
        self._marker = marker
        # Writes that fail must not stop reads, nor the other way round.
        self._reads, self._writes = new_breaker("reads"), new_breaker("writes")

    def get(self, owner: str, item_id: str, deadline: Deadline) -> Stored:
        """Strongly consistent: a read after your own write sees it. Raises `ItemNotFound`."""
        key = record.key(owner, item_id)
        found = self._retry.read(lambda: self._read(key), deadline, self._reads)
        if found is None:
            raise ItemNotFound
        return Stored.of(found)

    def put(
        self, owner: str, item: ItemInput, preconditions: Preconditions, deadline: Deadline
    ) -> Stored:
        """Create or replace the whole item; `version` 1 says that it was created.

        Raises `PreconditionFailed`, or `OutcomeUnknown`.
        """
        key, marker, now = record.key(owner, item.id), self._marker(), self._now()
        attempts = itertools.count()

        def send(in_doubt: bool) -> Attributes:
            current: Attributes
            if in_doubt and not preconditions.repeatable:
                current = self._read(key) or {}
            else:
                update = record.update(owner, item, marker, next(attempts), now, preconditions)
                try:
                    response = self._client.update_item(**update, **self._common)
                except ClientError as error:
                    current = _state_that_failed(error)
                else:
                    current = _whole(response)["Attributes"]
            if record.is_of(current, marker):
                return current
            raise OutcomeUnknown if in_doubt else PreconditionFailed

        return Stored.of(self._retry.call(send, deadline, self._writes))

    def delete(
        self, owner: str, item_id: str, preconditions: Preconditions, deadline: Deadline
    ) -> None:
        """Delete the item; that it was gone already is success too.

        With If-Match, raises `PreconditionFailed` when the item has another tag, or
        `OutcomeUnknown`. If-None-Match has no meaning here and is not looked at.
        """
        deletion = record.deletion(owner, item_id, preconditions)

        def send(in_doubt: bool) -> None:
            try:
                _whole(self._client.delete_item(**deletion, **self._common))
            except ClientError as error:
                _state_that_failed(error)
                raise (OutcomeUnknown() if in_doubt else PreconditionFailed()) from error

        self._retry.call(send, deadline, self._writes)

    def list(self, owner: str, query: ListQuery, deadline: Deadline) -> ItemList:
        """A page of the owner's items, eventually consistent. Raises `InvalidRequest` (cursor)."""
        start: dict[str, Any] = {}
        if query.cursor is not None:
            position = Position.of(query.cursor, owner, query.order)
            start["ExclusiveStartKey"] = {
                **record.key(owner, position.item_id),
                "owner": {"S": owner},
                "created_at": {"S": position.created_at},
            }
        response = self._retry.read(
            lambda: _whole(
                self._client.query(
                    IndexName=INDEX,
                    KeyConditionExpression="#owner = :owner",
                    ExpressionAttributeNames={"#owner": "owner"},
                    ExpressionAttributeValues={":owner": {"S": owner}},
                    ScanIndexForward=query.order == "asc",
                    Limit=query.limit,
                    **start,
                    **self._common,
                )
            ),
            deadline,
            self._reads,
        )
        cursor = None
        if last := response.get("LastEvaluatedKey"):
            place = Position(last["created_at"]["S"], record.item_id(last))
            cursor = place.cursor(owner, query.order)
        return ItemList([record.summary(each) for each in response["Items"]], cursor)

    def restored(self) -> None:
        """Begin anew, in a copy of a snapshot: its connections are gone, its failures are old."""
        self._client.close()
        self._retry.budget.reset()
        self._reads.reset()
        self._writes.reset()

    def _read(self, key: Attributes) -> Attributes | None:
        response = self._client.get_item(Key=key, ConsistentRead=True, **self._common)
        return _whole(response).get("Item")


def _state_that_failed(error: ClientError) -> Attributes:
    """The record for which a condition did not hold; empty if there was none.

    Raises any other error again.
    """
    if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
        raise error
    current: Attributes = error.response.get("Item", {})
    return current


def _whole(response: dict[str, Any]) -> dict[str, Any]:
    """The response, and its capacity counted. Raises `ResponseParserError` if it is not one.

    botocore reads a body that was cut off as an answer without members, which would make an item
    that is there a 404. The capacity, always asked for, tells the two apart.
    """
    try:
        observability.add_consumed_capacity(response["ConsumedCapacity"]["CapacityUnits"])
    except KeyError as error:
        raise ResponseParserError("the answer was cut off") from error
    return response


@lru_cache(maxsize=8)
def _table(settings: config.Settings) -> ItemsTable:
    retry = Retry(
        attempt_timeout=CONNECT_TIMEOUT + READ_TIMEOUT,
        budget=RetryBudget(on_exhausted=observability.retry_budget_exhausted),
    )
    breaker = partial(CircuitBreaker, on_change=observability.circuit_changed)
    return ItemsTable(first_client(), settings.table_name, retry, new_breaker=breaker)


def items_table() -> ItemsTable:
    """The table of the current stage, made when first asked for."""
    return _table(config.Settings.from_environment())
