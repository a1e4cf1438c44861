"""The API's OpenAPI 3.1 document, generated from the schema in `chalicelib/items.py`.

`.venv/bin/python -m infra documents` writes it to `docs/openapi.json`. A test fails when that is
stale.
"""

import json
from typing import Any

import msgspec

from chalicelib import auth, items
from chalicelib.cors import CORRELATION_ID
from chalicelib.cursor import MAX_LENGTH
from infra.documents import responses
from tools.project import PROJECT

FILE = PROJECT / "docs" / "openapi.json"

_STRUCTS = (items.ItemInput, items.Item, items.ItemSummary, items.ItemList)


_EXAMPLE = {"id": "123", "price": 12345, "name": "myitem"}


def _header_parameter(name: str, description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "description": description,
        "schema": {
            "type": "string",
            "pattern": r'^(\*|(W/)?"[!#-~\x80-\xff]*"(, *(W/)?"[!#-~\x80-\xff]*"){0,49})$',
        },
    }


_IF_MATCH = _header_parameter("If-Match", "Only if the item has one of these tags now (or any).")
_IF_NONE_MATCH = _header_parameter("If-None-Match", "Only if the item has none of these tags.")


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
            "content": {"application/json": {"schema": reference, "example": _EXAMPLE}},
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
            price["exclusiveMaximum"] = float(f"1e{items.MAX_EXPONENT + 1}")
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
        "example": _EXAMPLE["id"],
        "schema": {
            "type": "string",
            "minLength": 1,
            "maxLength": 128,
            "pattern": items.ID_PATTERN,
        },
    }
    tagged = {"ETag": responses.ETAG}
    cached = {"Cache_Control": responses.CACHE_CONTROL}
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
                    {
                        "200": responses.success("A page.", "ItemList", **cached),
                        **responses.problems(responses.ALWAYS),
                    },
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
                        _query(
                            "order", {"type": "string", "enum": ["desc", "asc"], "default": "desc"}
                        ),
                        _query("cursor", {"type": "string", "maxLength": MAX_LENGTH}),
                    ],
                ),
                "put": _operation(
                    "putItem",
                    "Create an item, or replace the whole of it",
                    auth.WRITE_SCOPE,
                    {
                        "200": responses.success("Replaced.", "Item", **tagged),
                        "201": responses.success(
                            "Created.", "Item", Location=responses.LOCATION, **tagged
                        ),
                        **responses.problems(responses.ALWAYS, responses.BODY, responses.CHANGED),
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
                        "200": responses.success("The item.", "Item", **tagged, **cached),
                        "304": responses.success("You have it already.", None, **tagged, **cached),
                        **responses.problems(
                            responses.ALWAYS, responses.NOT_FOUND, responses.CHANGED
                        ),
                    },
                    [item_id, _IF_MATCH, _IF_NONE_MATCH],
                ),
                "delete": _operation(
                    "deleteItem",
                    "Delete an item; success too if it is gone already",
                    auth.WRITE_SCOPE,
                    {
                        "204": responses.success("It is gone."),
                        **responses.problems(responses.ALWAYS, responses.CHANGED),
                    },
                    [item_id, _IF_MATCH],
                ),
            },
        },
        "components": _components(),
    }


def text() -> str:
    return json.dumps(document(), indent=2) + "\n"
