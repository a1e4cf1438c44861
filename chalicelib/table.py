"""RecordTable: the records in DynamoDB. Only `dynamodb.connect` calls DynamoDB besides it.

Every resource is a partition of its own. Its partition key names owner and kind, so writes spread
evenly and a user can only name their own resources. The index `by_owner` (`owner`, `created_at`)
projects only what a list shows and serves it by Query. No request scans.

A write whose response was lost: every PUT stores its entity tag, which is the request token and the
number of the attempt. When the condition of a retry fails, the request token of the stored record
tells whether an earlier attempt was applied. The attempt is part of the tag because an
unconditional PUT may be applied twice, with another client's write in between. With one tag for
both, that client's If-Match would hold again.
"""

import itertools
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any

from chalicelib import config, cursor, observability, record
from chalicelib.attributes import Attributes
from chalicelib.breaker import CircuitBreaker
from chalicelib.dynamodb.choice import CONNECT_TIMEOUT, READ_TIMEOUT
from chalicelib.dynamodb.connect import first_client
from chalicelib.dynamodb.failures import NotUnderstood, Refused
from chalicelib.dynamodb.operations import DynamoDBClient, Operation
from chalicelib.errors import OutcomeUnknown, PreconditionFailed, ResourceNotFound, Unavailable
from chalicelib.kind import Kind, Page, ResourceT
from chalicelib.listing import ListQuery
from chalicelib.preconditions import Preconditions
from chalicelib.record import Stored, UnreadableRecord
from chalicelib.retry import Deadline, Retry, RetryBudget

INDEX = "by_owner"

# The code of DynamoDB's response when the condition of a write did not hold.
_CONDITION_FAILED = "ConditionalCheckFailedException"

# A PUT adjusts its time, its fields or both to the record that failed its condition. A further
# adjustment means that yet another request has written meanwhile.
MAX_ADJUSTMENTS = 5

NO_RECORD: Attributes = {}


def utc_now() -> str:
    """Return the time as an item stores it: UTC, RFC 3339, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def new_request_token() -> str:
    """Return 96 random bits of the system's, so that no two requests share a token."""
    return secrets.token_urlsafe(12)


class RecordTable:
    """The records of all users and kinds, each reachable only with its owner's name.

    Every method raises `Unavailable` when DynamoDB does not respond before the deadline. A write
    raises its subclass `OutcomeUnknown` when it may have been applied. Conditional writes are
    applied once or raise. Unconditional writes are applied at least once, and the last writer wins.
    """

    def __init__(
        self,
        client: DynamoDBClient,
        table_name: str,
        retry: Retry | None = None,
        now: Callable[[], str] = utc_now,
        request_token: Callable[[], str] = new_request_token,
        new_breaker: Callable[[str], CircuitBreaker] = CircuitBreaker,
    ) -> None:
        self._client = client
        self._common = {"TableName": table_name, "ReturnConsumedCapacity": "TOTAL"}
        self._retry = retry or Retry()
        self._now = now
        self._request_token = request_token
        # Failing writes must not stop reads, and failing reads must not stop writes.
        self._reads, self._writes = new_breaker("reads"), new_breaker("writes")

    def get(self, kind: Kind[Any], owner: str, resource_id: str, deadline: Deadline) -> Stored:
        """Return the resource by a strongly consistent read. Raises `ResourceNotFound`."""
        key = record.key(kind, owner, resource_id)
        current = self._retry.read(lambda: self._read(key), deadline, self._reads)
        if not current:
            raise ResourceNotFound(kind.noun)
        return Stored.of(kind, current)

    def put(
        self,
        kind: Kind[ResourceT],
        owner: str,
        resource: ResourceT,
        preconditions: Preconditions,
        deadline: Deadline,
    ) -> Stored:
        """Create or replace the whole resource, and return it. Version 1 means created.

        Raises `PreconditionFailed`, or `OutcomeUnknown`.
        """
        key, token = record.key(kind, owner, resource.id), self._request_token()
        started, attempts = self._now(), itertools.count()

        def write() -> Attributes:
            now, seen = started, NO_RECORD
            for _ in range(MAX_ADJUSTMENTS):
                update = record.update(
                    kind, owner, resource, token, next(attempts), now, preconditions, seen
                )
                current = self._update(update)
                if record.is_written_by(current, token):
                    return current
                # Written meanwhile, or by an environment whose clock is ahead: take the later
                # time. Written by a version with other fields: keep those that this version does
                # not know. If a precondition fails as well, the adjusted PUT meets the same record.
                later = max(now, record.updated_at(current))
                other = current if record.has_other_fields(kind, current) else NO_RECORD
                if (later, other) == (now, seen):
                    return current
                now, seen = later, other
            raise Unavailable

        def send(outcome_unknown: bool) -> Attributes:
            must_not_repeat = outcome_unknown and not preconditions.repeatable
            current = self._read(key) if must_not_repeat else write()
            if record.is_written_by(current, token):
                return current
            raise OutcomeUnknown if outcome_unknown else PreconditionFailed

        return Stored.of(kind, self._retry.call(send, deadline, self._writes))

    def delete(
        self,
        kind: Kind[Any],
        owner: str,
        resource_id: str,
        preconditions: Preconditions,
        deadline: Deadline,
    ) -> None:
        """Delete the resource. Succeed if it is gone already.

        With If-Match, raises `PreconditionFailed` if it has another tag, or `OutcomeUnknown`. The
        caller rejects If-None-Match, which has no meaning here.
        """
        deletion = record.deletion(kind, owner, resource_id, preconditions)

        def send(outcome_unknown: bool) -> None:
            try:
                self._call(self._client.delete_item, deletion)
            except Refused as error:
                if error.code != _CONDITION_FAILED:
                    raise
                raise (OutcomeUnknown() if outcome_unknown else PreconditionFailed()) from error

        self._retry.call(send, deadline, self._writes)

    def list(self, kind: Kind[Any], owner: str, query: ListQuery, deadline: Deadline) -> Page:
        """Return a page of the owner's resources, by an eventually consistent query.

        A record that cannot be read is logged and left out, so a page may be short. Raises
        `InvalidRequest` if the cursor is not one of this list.
        """
        partition = record.partition(kind, owner)
        parameters: dict[str, Any] = {
            "IndexName": INDEX,
            "KeyConditionExpression": "#owner = :owner",
            "ExpressionAttributeNames": {"#owner": "owner"},
            "ExpressionAttributeValues": {":owner": {"S": partition}},
            "ScanIndexForward": query.order == "asc",
            "Limit": query.limit,
        }
        if query.cursor is not None:
            parameters["ExclusiveStartKey"] = cursor.decode(query.cursor, partition, query.order)
        response = self._retry.read(
            lambda: self._call(self._client.query, parameters), deadline, self._reads
        )
        summaries = []
        for each in response["Items"]:
            try:
                summaries.append(record.summary(kind, each))
            except UnreadableRecord as error:
                observability.log_failure(error)
        last = response.get("LastEvaluatedKey")
        return Page(summaries, cursor.encode(last, partition, query.order) if last else None)

    def reset_after_restore(self) -> None:
        """Drop the connections and reset retry budget and breakers, in a copy of a snapshot."""
        self._client.close()
        self._retry.budget.reset()
        self._reads.reset()
        self._writes.reset()

    def _read(self, key: Attributes) -> Attributes:
        """Return the record, or an empty dictionary."""
        response = self._call(self._client.get_item, {"Key": key, "ConsistentRead": True})
        current: Attributes = response.get("Item", {})
        return current

    def _update(self, update: dict[str, Any]) -> Attributes:
        """Send an UpdateItem, and return the record afterwards.

        After a failed condition, return the record that failed it, or an empty dictionary.
        """
        current: Attributes
        try:
            current = self._call(self._client.update_item, update)["Attributes"]
        except Refused as error:
            if error.code != _CONDITION_FAILED:
                raise
            current = error.item
        return current

    def _call(self, operation: Operation, parameters: dict[str, Any]) -> dict[str, Any]:
        """Call DynamoDB, count the consumed capacity, and return the response.

        botocore parses a truncated body as a response without members, so an existing item would
        be a 404. Every request sets ReturnConsumedCapacity, so a response without it is truncated.
        Raises `NotUnderstood` for such a response, and the client's own errors.
        """
        response = operation(**parameters, **self._common)
        try:
            consumed = response["ConsumedCapacity"]["CapacityUnits"]
        except (KeyError, TypeError) as error:
            raise NotUnderstood("the response was truncated") from error
        observability.add_consumed_capacity(consumed)
        return response


@lru_cache(maxsize=8)
def _records(settings: config.Settings) -> RecordTable:
    retry = Retry(
        attempt_timeout=CONNECT_TIMEOUT + READ_TIMEOUT,
        budget=RetryBudget(on_exhausted=observability.log_exhausted_budget),
    )
    breaker = partial(CircuitBreaker, on_change=observability.log_circuit_change)
    return RecordTable(first_client(), settings.table_name, retry, new_breaker=breaker)


def records() -> RecordTable:
    """Return the table of the current stage, and create it on the first call."""
    return _records(config.Settings.from_environment())
