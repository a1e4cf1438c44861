"""The page's types: TypeScript for the schemas of the OpenAPI document, and their limits.

`.venv/bin/python -m infra documents` writes them to `website/src/schema.ts`. A test fails if that
file is stale. docs/decisions/page.md explains why no tool does this.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from infra.documents import openapi
from tools.project import PROJECT

FILE = PROJECT / "website" / "src" / "schema.ts"

_HEAD = """\
/**
 * The API's requests and responses, by docs/openapi.json. Do not edit: after a change of the schema
 * in chalicelib/items.py, `.venv/bin/python -m infra documents` writes both files.
 */

import type { ExactNumber } from "./exact_json";
"""

_NAMED = {
    "string": "string",
    "boolean": "boolean",
    "null": "null",
    "integer": "ExactNumber",
    "number": "ExactNumber",
}
_COUNTS = ("minLength", "maxLength")
_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "default")


def text() -> str:
    """Return the module: an interface for each schema, and the limits of requests."""
    document = openapi.document()
    schemas: dict[str, Any] = document["components"]["schemas"]
    parts = [_interface(name, schema) for name, schema in schemas.items()]
    sent = {}
    for operation in _operations(document):
        if query := _query(operation):
            parts.append(_interface(f"{_capitalized(operation['operationId'])}Query", query))
            sent[f"{operation['operationId']}Query"] = query
        if body := operation.get("requestBody"):
            name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            sent[name] = schemas[name]
    parts += [_limits(name, schema) for name, schema in sorted(sent.items())]
    return "\n".join([_HEAD, *parts])


def _operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from (each for each in path.values() if isinstance(each, dict))


def _query(operation: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the schema of an operation's query, `None` without parameters."""
    parameters = [each for each in operation.get("parameters", []) if each.get("in") == "query"]
    if not parameters:
        return None
    return {
        "description": f"The query of `{operation['operationId']}`.",
        "properties": {
            each["name"]: {"description": each["description"], **each["schema"]}
            for each in parameters
        },
        "required": [each["name"] for each in parameters if each.get("required")],
    }


def _interface(name: str, schema: Mapping[str, Any]) -> str:
    lines = [_comment(schema), f"export interface {name} {{"]
    for field, value in schema["properties"].items():
        if "description" in value:
            lines.append(f"  {_comment(value)}")
        lines.append(f"  {_member(field, value, schema)};")
    return "\n".join([*lines, "}", ""])


def _member(name: str, value: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    optional = "" if name in schema.get("required", []) else "?"
    return f"{name}{optional}: {_type(value)}"


def _type(schema: Mapping[str, Any]) -> str:
    """Return the TypeScript of a schema. Raises `TypeError` for an unknown schema."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "enum" in schema:
        return " | ".join(json.dumps(each) for each in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(_type(each) for each in schema["anyOf"])
    kind = schema.get("type")
    if kind == "array":
        return f"Array<{_type(schema['items'])}>"
    if kind == "object" and "properties" in schema:
        members = [_member(name, each, schema) for name, each in schema["properties"].items()]
        return f"{{ {'; '.join(members)} }}"
    if kind in _NAMED:
        return _NAMED[kind]
    raise TypeError(f"{schema} has no type for the page: add it to {__file__}")


def _limits(name: str, schema: Mapping[str, Any]) -> str:
    """Return a constant. Numbers are text, because a TypeScript number is a float."""
    constant = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()
    lines = []
    for field, value in schema["properties"].items():
        limits = {"type": value.get("type"), "required": field in schema.get("required", [])}
        limits |= {key: value[key] for key in _COUNTS if key in value}
        limits |= {key: str(value[key]) for key in _NUMBERS if key in value}
        members = ", ".join(f"{key}: {json.dumps(each)}" for key, each in limits.items())
        lines.append(f"  {field}: {{ {members} }},")
    return "\n".join([f"export const {constant} = {{", *lines, "} as const;", ""])


def _comment(schema: Mapping[str, Any]) -> str:
    return f"/** {schema['description'].replace('*/', '* /')} */"


def _capitalized(name: str) -> str:
    return name[:1].upper() + name[1:]
