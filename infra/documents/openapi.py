"""The API's OpenAPI 3.1 document, generated from the kinds of resources and the routes of app.py.

`.venv/bin/python -m infra documents` writes it to `docs/openapi.json`. A test fails if that file is
stale.
"""

import json
from importlib import import_module
from typing import Any

import msgspec
from chalice import Chalice

from chalicelib.cors import CORRELATION_ID
from chalicelib.fields import MAX_EXPONENT
from chalicelib.kind import Kind
from infra.documents.operations import operation
from infra.stage import application_name
from tools.kinds import kinds
from tools.project import PROJECT, version

FILE = PROJECT / "docs" / "openapi.json"


def document() -> dict[str, Any]:
    """Return the whole document. Raises `Misconfigured` for a route without a docstring."""
    application: Chalice = import_module("app").app
    known = kinds()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": application_name(PROJECT).replace("-", " ").capitalize(),
            "description": "Each user's own resources: the owner is the access token's subject.",
            "license": {"name": "MIT No Attribution", "identifier": "MIT-0"},
            # Not next to the title. Otherwise git would report a conflict between a release's new
            # version and a copy's new name.
            "version": version(),
        },
        "servers": [{"url": "/api"}],
        "paths": paths(application, known),
        "components": _components(known),
    }


def paths(application: Chalice, known: list[Kind[Any]]) -> dict[str, Any]:
    """Return the operations of each path."""
    by_name = {kind.name: kind for kind in known}
    return {
        path: {
            method.lower(): operation(route, by_name.get(path.split("/")[1]))
            for method, route in routes.items()
        }
        for path, routes in application.routes.items()
    }


def _components(known: list[Kind[Any]]) -> dict[str, Any]:
    structs = [struct for kind in known for struct in _structs(kind)]
    _, schemas = msgspec.json.schema_components(structs, ref_template="#/components/schemas/{name}")
    for schema in schemas.values():
        for field in schema["properties"].values():
            _correct(field)
    schemas["Problem"] = {
        "title": "Problem",
        "description": "A problem detail (RFC 9457).",
        "type": "object",
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "instance": {"type": "string", "description": "The request's id."},
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
                "description": "Logged with the request and returned, if it is well formed: 1 to "
                "128 characters of A-Z a-z 0-9 . _ : -. Another value is accepted and not used.",
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


def _structs(kind: Kind[Any]) -> list[Any]:
    """Return the structs of a kind's requests and responses."""
    summaries: Any = list.__class_getitem__(kind.summary)
    page = msgspec.defstruct(
        f"{kind.whole.__name__}List",
        [("items", summaries), ("cursor", str | None)],
        namespace={"__doc__": "A page of a list. `cursor` is null on the last page."},
    )
    return [kind.schema, kind.whole, kind.summary, page]


def _correct(schema: dict[str, Any]) -> None:
    """Describe a Decimal as a number, as in a body. msgspec describes it as text."""
    for part in (schema, *schema.get("anyOf", [])):
        if part.get("format") == "decimal":
            del part["format"]
            part["type"] = "number"
            part["exclusiveMaximum"] = float(f"1e{MAX_EXPONENT + 1}")


def text() -> str:
    return json.dumps(document(), indent=2) + "\n"
