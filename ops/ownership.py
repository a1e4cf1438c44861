"""The items of one owner, found by Query in the index."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from chalicelib.table import INDEX

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef

    Record = dict[str, AttributeValueTypeDef]


def keys_of(dynamodb: "DynamoDBClient", table: str, owner: str) -> Iterator["Record"]:
    """Yield the keys of the owner's items. The index may lack an item of this moment."""
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table,
        IndexName=INDEX,
        KeyConditionExpression="#owner = :owner",
        ExpressionAttributeNames={"#owner": "owner", "#id": "id"},
        ExpressionAttributeValues={":owner": {"S": owner}},
        ProjectionExpression="#id",
    )
    for page in pages:
        yield from page["Items"]


def records_of(dynamodb: "DynamoDBClient", table: str, owner: str) -> Iterator["Record"]:
    """Yield the owner's items whole, as the table has them."""
    for key in keys_of(dynamodb, table, owner):
        record = dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
        if record is not None:  # deleted since the index was read
            yield record


def delete_of(dynamodb: "DynamoDBClient", table: str, owner: str) -> int:
    """Delete the owner's items, those that are written meanwhile too. Return how many."""
    deleted: set[str] = set()
    while left := {key["id"]["S"] for key in keys_of(dynamodb, table, owner)} - deleted:
        for identifier in left:
            dynamodb.delete_item(TableName=table, Key={"id": {"S": identifier}})
        deleted |= left
    return len(deleted)
