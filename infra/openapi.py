"""The API's OpenAPI 3.1 document, generated from the schema in `chalicelib/items.py`.

`python -m infra openapi` writes it to `docs/openapi.json`; a test fails when that is stale.
"""

import json
from pathlib import Path
from typing import Any

import msgspec

from chalicelib import auth, items
from chalicelib.cors import CORRELATION_ID
from chalicelib.errors import PROBLEM_JSON

FILE = Path(__file__).resolve().parent.parent / "docs" / "openapi.json"

_STRUCTS = (items.ItemInput, items.Item, items.ItemSummary, items.ItemList)


def _header(schema: dict[str, Any], description: str = "") -> dict[str, Any]:
    """A header that every such answer has: without `required`, none of them would be promised."""
    told = {"description": description} if description else {}
    return {**told, "required": True, "schema": schema}


_ETAG_HEADER = _header(
    {"type": "string", "pattern": '^"[^"]+"$'}, "The item's present entity tag."
)
_CACHE_HEADER = _header({"const": "private, no-cache"})
_CORRELATION_HEADER = _header(
    {"type": "string", "pattern": "^[A-Za-z0-9._:-]{1,128}$"},
    "The request's X-Correlation-Id if that is well formed, else the request's id.",
)
_LOCATION_HEADER = _header(
    {"type": "string", "pattern": "^/.*/[A-Za-z0-9._~-]+$"}, "The new item's path."
)
# What an error's answer has besides, by its status.
_RETRY_HEADER = _header({"type": "string", "pattern": "^[0-9]+$"}, "Seconds.")
_PROBLEM_HEADERS = {
    401: {"WWW-Authenticate": _header({"const": "Bearer"})},
    429: {"Retry-After": _RETRY_HEADER},
    503: {"Retry-After": _RETRY_HEADER},
}

# Of every operation; the gateway's own among them.
_ALWAYS = {
    400: "A parameter, header or field is not valid; `errors` names it.",
    401: "No valid access token with the scope.",
    403: "Refused by the firewall.",
    429: "Too many requests.",
    500: "A fault of ours.",
    503: "A dependency did not answer in time; for a write, `type` may say outcome-unknown.",
    504: "We did not answer in time; a write may have been made or not.",
}
_BODY = {413: "The body is over 64 KiB.", 415: "The body is not application/json."}
_NOT_FOUND = {404: "You have no such item."}
_CHANGED = {412: "A precondition did not hold; nothing was changed."}


def _header_parameter(name: str, description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "description": description,
        "schema": {
            "type": "string",
            "pattern": r'^(\*|(W/)?"[!#-~]*"(, *(W/)?"[!#-~]*"){0,49})$',
            "examples": ["*", '"2J4zXrWkQm8aF1-b"'],
        },
    }


_IF_MATCH = _header_parameter("If-Match", "Only if the item has one of these tags now (or any).")
_IF_NONE_MATCH = _header_parameter("If-None-Match", "Only if the item has none of these tags.")


def _problems(*groups: dict[int, str]) -> dict[str, Any]:
    responses = {}
    for status, description in sorted({k: v for g in groups for k, v in g.items()}.items()):
        responses[str(status)] = {
            "description": description,
            "headers": _PROBLEM_HEADERS.get(status, {}),
            "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return responses


def _success(
    description: str, schema: str | None = None, **headers: dict[str, Any]
) -> dict[str, Any]:
    response: dict[str, Any] = {
        "description": description,
        "headers": {
            CORRELATION_ID: _CORRELATION_HEADER,
            **{name.replace("_", "-"): header for name, header in headers.items()},
        },
    }
    if schema:
        reference = {"$ref": f"#/components/schemas/{schema}"}
        response["content"] = {"application/json": {"schema": reference}}
    return response


def _operation(
    name: str,
    summary: str,
    scope: str,
    responses: dict[str, Any],
    parameters: list[dict[str, Any]],
    body: str | None = None,
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": name,
        "summary": summary,
        "security": [{"cognito": [scope]}],
        "parameters": [*parameters, {"$ref": f"#/components/parameters/{CORRELATION_ID}"}],
        "responses": responses,
    }
    if body:
        reference = {"$ref": f"#/components/schemas/{body}"}
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": reference}},
        }
    return operation


def _query(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": items.RULES[name], "schema": schema}


def _components() -> dict[str, Any]:
    _, schemas = msgspec.json.schema_components(
        _STRUCTS, ref_template="#/components/schemas/{name}"
    )
    for schema in schemas.values():
        if price := schema["properties"].get("price"):
            # msgspec takes a Decimal for a string, which is not how it travels here.
            del price["format"]
            price["type"] = "number"
    schemas["Problem"] = {
        "title": "Problem",
        "description": "A problem detail (RFC 9457).",
        "type": "object",
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "instance": {"type": "string", "description": "the request's id"},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
                    "required": ["field", "message"],
                },
            },
        },
        "required": ["type", "title", "status", "detail", "instance"],
    }
    return {
        "schemas": dict(sorted(schemas.items())),
        "parameters": {
            CORRELATION_ID: {
                "name": CORRELATION_ID,
                "in": "header",
                "description": "Logged with the request and answered, if it is well formed: 1 to "
                "128 characters of A-Z a-z 0-9 . _ : -. Anything else is let pass and not used.",
                "schema": {"type": "string"},
            }
        },
        "securitySchemes": {
            "cognito": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "An access token of the user pool.",
            }
        },
    }


def document() -> dict[str, Any]:
    """The whole document."""
    item_id = {
        "name": "id",
        "in": "path",
        "required": True,
        "description": items.RULES["id"],
        "schema": {
            "type": "string",
            "minLength": 1,
            "maxLength": 128,
            "pattern": items.ID_PATTERN,
        },
    }
    tagged = {"ETag": _ETAG_HEADER}
    cached = {"Cache_Control": _CACHE_HEADER}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Items",
            "version": "1.0.0",
            "description": "Everyone's own items: the owner is the access token's subject.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/api"}],
        "paths": {
            "/items": {
                "get": _operation(
                    "listItems",
                    "A page of your items, newest first",
                    auth.READ_SCOPE,
                    {"200": _success("A page.", "ItemList", **cached), **_problems(_ALWAYS)},
                    [
                        _query(
                            "limit",
                            {
                                "type": "integer",
                                "minimum": 1,
                                "maximum": items.MAX_LIMIT,
                                "default": items.DEFAULT_LIMIT,
                            },
                        ),
                        _query("order", {"enum": ["desc", "asc"], "default": "desc"}),
                        _query("cursor", {"type": "string", "maxLength": 1500}),
                    ],
                ),
                "put": _operation(
                    "putItem",
                    "Create an item, or replace the whole of it",
                    auth.WRITE_SCOPE,
                    {
                        "200": _success("Replaced.", "Item", **tagged),
                        "201": _success("Created.", "Item", Location=_LOCATION_HEADER, **tagged),
                        **_problems(_ALWAYS, _BODY, _CHANGED),
                    },
                    [_IF_MATCH, _IF_NONE_MATCH],
                    "ItemInput",
                ),
            },
            "/items/{id}": {
                "get": _operation(
                    "getItem",
                    "A whole item",
                    auth.READ_SCOPE,
                    {
                        "200": _success("The item.", "Item", **tagged, **cached),
                        "304": _success("You have it already.", None, **tagged, **cached),
                        **_problems(_ALWAYS, _NOT_FOUND, _CHANGED),
                    },
                    [item_id, _IF_MATCH, _IF_NONE_MATCH],
                ),
                "delete": _operation(
                    "deleteItem",
                    "Delete an item; success too if it is gone already",
                    auth.WRITE_SCOPE,
                    {"204": _success("It is gone."), **_problems(_ALWAYS, _CHANGED)},
                    [item_id, _IF_MATCH],
                ),
            },
        },
        "components": _components(),
    }


def text() -> str:
    return json.dumps(document(), indent=2) + "\n"
