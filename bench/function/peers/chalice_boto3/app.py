"""As Chalice's own tutorial would have it: its decorators, and boto3's client. No middleware."""

from typing import Any

import boto3
from chalice import Chalice, NotFoundError, Response
from items import Items  # type: ignore[import-not-found] # put beside this file when it is built

app = Chalice(app_name="items")
items = Items(boto3.client("dynamodb"))


@app.route("/items", methods=["GET"])
def list_items() -> Any:
    query = _request().query_params or {}
    return items.list(_owner(), int(query.get("limit", 25)), query.get("cursor"))


@app.route("/items", methods=["PUT"])
def put_item() -> Response:
    item = items.put(_owner(), _request().json_body)
    return Response(body=item, status_code=201 if item["version"] == 1 else 200)


@app.route("/items/{id}", methods=["GET"])
def get_item(id: str) -> Any:
    item = items.get(_owner(), id)
    if item is None:
        raise NotFoundError(id)
    return item


@app.route("/items/{id}", methods=["DELETE"])
def delete_item(id: str) -> Response:
    items.delete(_owner(), id)
    return Response(body="", status_code=204)


def _request() -> Any:
    return app.current_request


def _owner() -> str:
    owner: str = _request().context["authorizer"]["claims"]["sub"]
    return owner
