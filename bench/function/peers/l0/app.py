"""The minimal implementation: a bare handler on botocore's client, without validation."""

import json
from typing import Any

from botocore.session import get_session
from items import Items  # type: ignore[import-not-found] # put beside this file when it is built

items = Items(get_session().create_client("dynamodb"))


def app(event: dict[str, Any], context: Any) -> dict[str, Any]:
    owner = event["requestContext"]["authorizer"]["claims"]["sub"]
    route = event["httpMethod"], event["resource"]
    if route == ("GET", "/items/{id}"):
        item = items.get(owner, event["pathParameters"]["id"])
        return _answer(200, item) if item else _answer(404, {"message": "not found"})
    if route == ("GET", "/items"):
        query = event["queryStringParameters"] or {}
        return _answer(200, items.list(owner, int(query.get("limit", 25)), query.get("cursor")))
    if route == ("PUT", "/items"):
        item = items.put(owner, json.loads(event["body"]))
        return _answer(201 if item["version"] == 1 else 200, item)
    if route == ("DELETE", "/items/{id}"):
        items.delete(owner, event["pathParameters"]["id"])
        return {"statusCode": 204, "body": ""}
    return _answer(404, {"message": "not found"})


def _answer(status: int, body: Any) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"}
    return {"statusCode": status, "headers": headers, "body": json.dumps(body)}
