"""The table operations of all peers, so the peers differ only in their framework.

Each field is an attribute. The key is `<owner>#<item id>`, and the index `by_owner` has
the summaries. This module has no retries, circuit breakers, metrics or validation.
"""

import base64
import json
import os
from datetime import UTC, datetime
from typing import Any

_TABLE = os.environ["TABLE_NAME"]
_UPDATE = (
    "SET #owner = :owner, #name = :name, updated_at = :now, "
    "created_at = if_not_exists(created_at, :now), version = if_not_exists(version, :zero) + :one"
)


class Items:
    """The items of all users. `client` is the SDK's, of whichever make."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def get(self, owner: str, item_id: str) -> dict[str, Any] | None:
        answer = self._client.get_item(
            TableName=_TABLE, Key=_key(owner, item_id), ConsistentRead=True
        )
        return _view(answer["Item"]) if "Item" in answer else None

    def put(self, owner: str, item: dict[str, Any]) -> dict[str, Any]:
        """Create or replace the whole item. `version` is 1 if it was created."""
        values = {
            ":owner": {"S": owner},
            ":name": {"S": item["name"]},
            ":now": {"S": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"},
            ":zero": {"N": "0"},
            ":one": {"N": "1"},
        }
        update, removed = _UPDATE, []
        for name, kind in (("price", "N"), ("description", "S")):
            if item.get(name) is None:
                removed.append(name)
            else:
                update += f", {name} = :{name}"
                values[f":{name}"] = {kind: str(item[name])}
        if removed:
            update += f" REMOVE {', '.join(removed)}"
        answer = self._client.update_item(
            TableName=_TABLE,
            Key=_key(owner, item["id"]),
            UpdateExpression=update,
            ExpressionAttributeNames={"#owner": "owner", "#name": "name"},
            ExpressionAttributeValues=values,
            ReturnValues="ALL_NEW",
        )
        return _view(answer["Attributes"])

    def list(self, owner: str, limit: int, cursor: str | None) -> dict[str, Any]:
        """Return a page of the owner's items, newest first, and the cursor of the next page."""
        start = {}
        if cursor:
            item_id, created_at = json.loads(base64.urlsafe_b64decode(cursor))
            at = {**_key(owner, item_id), "owner": {"S": owner}, "created_at": {"S": created_at}}
            start["ExclusiveStartKey"] = at
        answer = self._client.query(
            TableName=_TABLE,
            IndexName="by_owner",
            KeyConditionExpression="#owner = :owner",
            ExpressionAttributeNames={"#owner": "owner"},
            ExpressionAttributeValues={":owner": {"S": owner}},
            ScanIndexForward=False,
            Limit=limit,
            **start,
        )
        following = None
        if last := answer.get("LastEvaluatedKey"):
            place = [_id(last), last["created_at"]["S"]]
            following = base64.urlsafe_b64encode(json.dumps(place).encode()).decode()
        return {"items": [_view(each) for each in answer["Items"]], "cursor": following}

    def delete(self, owner: str, item_id: str) -> None:
        self._client.delete_item(TableName=_TABLE, Key=_key(owner, item_id))


def _key(owner: str, item_id: str) -> dict[str, Any]:
    return {"id": {"S": f"{owner}#{item_id}"}}


def _id(record: dict[str, Any]) -> str:
    return str(record["id"]["S"]).partition("#")[2]


def _view(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record as the API shows it."""
    item: dict[str, Any] = {"id": _id(record)}
    for name in ("name", "description", "created_at", "updated_at"):
        if name in record:
            item[name] = record[name]["S"]
    for name in ("price", "version"):
        if name in record:
            item[name] = json.loads(record[name]["N"])
    return item
