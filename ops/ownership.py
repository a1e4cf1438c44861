"""The records of one owner, of every kind, found by Query in the index."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from chalicelib.kind import Kind
from chalicelib.record import partition
from chalicelib.table import INDEX
from tools.kinds import kinds

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef

    Record = dict[str, AttributeValueTypeDef]


def keys_of(dynamodb: "DynamoDBClient", table: str, owner: str) -> Iterator["Record"]:
    """Yield the keys of the owner's records. The index may lack a record that was just written."""
    for kind in kinds():
        yield from _keys_of_kind(dynamodb, table, owner, kind)


def records_of(
    dynamodb: "DynamoDBClient", table: str, owner: str, kind: Kind[Any]
) -> Iterator["Record"]:
    """Yield the owner's records of a kind whole, as the table has them."""
    for key in _keys_of_kind(dynamodb, table, owner, kind):
        record = dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
        if record is not None:  # deleted since the index was read
            yield record


def _keys_of_kind(
    dynamodb: "DynamoDBClient", table: str, owner: str, kind: Kind[Any]
) -> Iterator["Record"]:
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table,
        IndexName=INDEX,
        KeyConditionExpression="#owner = :owner",
        ExpressionAttributeNames={"#owner": "owner", "#id": "id"},
        ExpressionAttributeValues={":owner": {"S": partition(kind, owner)}},
        ProjectionExpression="#id",
    )
    for page in pages:
        yield from page["Items"]


def delete_of(dynamodb: "DynamoDBClient", table: str, owner: str) -> int:
    """Delete the owner's records, and records written meanwhile. Return their number."""
    deleted: set[str] = set()
    while left := {key["id"]["S"] for key in keys_of(dynamodb, table, owner)} - deleted:
        for identifier in left:
            dynamodb.delete_item(TableName=table, Key={"id": {"S": identifier}})
        deleted |= left
    return len(deleted)
