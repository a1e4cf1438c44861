"""Chalice and pydynox, a DynamoDB client in Rust. It takes and returns plain Python values."""

import base64
import json
import os
from datetime import UTC, datetime
from typing import Any

# The client reads the authorities from this variable, not from the SDK's.
if "AWS_CA_BUNDLE" in os.environ:
    os.environ["SSL_CERT_FILE"] = os.environ["AWS_CA_BUNDLE"]

from chalice import Chalice, NotFoundError, Response
from pydynox import DynamoDBClient  # type: ignore[import-not-found] # its own requirements

_TABLE = os.environ["TABLE_NAME"]
_UPDATE = (
    "SET #owner = :owner, #name = :name, updated_at = :now, "
    "created_at = if_not_exists(created_at, :now), version = if_not_exists(version, :zero) + :one"
)
_SHOWN = ("name", "description", "created_at", "updated_at", "price", "version")

app = Chalice(app_name="items")
client = DynamoDBClient(endpoint_url=os.environ.get("AWS_ENDPOINT_URL_DYNAMODB"))


@app.route("/items", methods=["GET"])
def list_items() -> Any:
    owner, query = _owner(), _request().query_params or {}
    start = json.loads(base64.urlsafe_b64decode(query["cursor"])) if "cursor" in query else None
    limit = int(query.get("limit", 25))
    page = client.sync_query(
        _TABLE,
        "#owner = :owner",
        expression_attribute_names={"#owner": "owner"},
        expression_attribute_values={":owner": owner},
        limit=limit,
        page_size=limit,
        scan_index_forward=False,
        index_name="by_owner",
        last_evaluated_key=start,
    )
    items = [_view(each) for each in page]
    last = page.last_evaluated_key
    cursor = base64.urlsafe_b64encode(json.dumps(last).encode()).decode() if last else None
    return {"items": items, "cursor": cursor}


@app.route("/items", methods=["PUT"])
def put_item() -> Response:
    owner, item = _owner(), _request().json_body
    values = {
        ":owner": owner,
        ":name": item["name"],
        ":now": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
        ":zero": 0,
        ":one": 1,
    }
    update, removed = _UPDATE, []
    for name in ("price", "description"):
        if item.get(name) is None:
            removed.append(name)
        else:
            update += f", {name} = :{name}"
            values[f":{name}"] = item[name]
    if removed:
        update += f" REMOVE {', '.join(removed)}"
    stored = client.sync_update_item(
        _TABLE,
        _key(owner, item["id"]),
        update_expression=update,
        expression_attribute_names={"#owner": "owner", "#name": "name"},
        expression_attribute_values=values,
        return_values="ALL_NEW",
    )
    return Response(body=_view(stored), status_code=201 if stored["version"] == 1 else 200)


@app.route("/items/{id}", methods=["GET"])
def get_item(id: str) -> Any:
    record = client.sync_get_item(_TABLE, _key(_owner(), id), consistent_read=True)
    if record is None:
        raise NotFoundError(id)
    return _view(record)


@app.route("/items/{id}", methods=["DELETE"])
def delete_item(id: str) -> Response:
    client.sync_delete_item(_TABLE, _key(_owner(), id))
    return Response(body="", status_code=204)


def _request() -> Any:
    return app.current_request


def _owner() -> str:
    owner: str = _request().context["authorizer"]["claims"]["sub"]
    return owner


def _key(owner: str, item_id: str) -> dict[str, str]:
    return {"id": f"{owner}#{item_id}"}


def _view(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record as the API shows it."""
    item: dict[str, Any] = {"id": record["id"].partition("#")[2]}
    return item | {name: record[name] for name in _SHOWN if name in record}
