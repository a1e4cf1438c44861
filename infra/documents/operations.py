"""The operations in the OpenAPI document: one for each route of app.py.

The texts are from the docstring of the function. Its first sentence is the summary. The routes
`/<kind>` and `/<kind>/{id}` of a kind have the requests and responses that the API defines for
every kind. Any other route has a JSON body and response without a schema.
"""

import re
from typing import Any

import msgspec
from chalice.app import RouteEntry

from chalicelib.cors import CORRELATION_ID
from chalicelib.kind import ID_PATTERN, ID_RULE, MAX_ID_LENGTH, Kind
from chalicelib.listing import DEFAULT_LIMIT, MAX_LIMIT, RULES
from infra.documents import responses
from infra.errors import Misconfigured

_TAGS = r'^(\*|(W/)?"[!#-~\x80-\xff]*"(, *(W/)?"[!#-~\x80-\xff]*"){0,49})$'
_WITH_BODY = ("PATCH", "POST", "PUT")


def operation(route: RouteEntry, kind: Kind[Any] | None) -> dict[str, Any]:
    """Return the operation of a route. Raises `Misconfigured` if its function has no docstring."""
    name = route.view_function.__name__
    text = " ".join((route.view_function.__doc__ or "").split())
    if not text:
        raise Misconfigured(
            f"app.py: {name} has no docstring, which the API's document needs: add one"
        )
    summary, _, description = text.partition(". ")
    described = {"description": description} if description else {}
    request, answers = _parts(route, kind)
    return {
        "operationId": _camel_case(name),
        "summary": summary.removesuffix("."),
        **described,
        "security": [{"cognito": route.authorizer.scopes}] if route.authorizer else [],
        **request,
        "parameters": [
            *request.get("parameters", []),
            {"$ref": f"#/components/parameters/{CORRELATION_ID}"},
        ],
        "responses": answers,
    }


def _parts(route: RouteEntry, kind: Kind[Any] | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the request's members of an operation, and its responses."""
    if kind:
        noun, links = kind.whole.__name__, links_of(kind)
        tagged, cached = {"ETag": responses.ETAG}, {"Cache_Control": responses.CACHE_CONTROL}
        if_match = _header_parameter(
            "If-Match", f"Proceed only if the {kind.noun} has one of these tags."
        )
        if_none_match = _header_parameter(
            "If-None-Match", f"Proceed only if the {kind.noun} has none of these tags."
        )
        match (route.method, route.uri_pattern.removeprefix(f"/{kind.name}")):
            case ("GET", ""):
                page = responses.success("A page.", f"{noun}List", links, **cached)
                return (
                    {"parameters": _list_parameters()},
                    {"200": page, **responses.problems(responses.ALWAYS)},
                )
            case ("PUT", ""):
                body = {"$ref": f"#/components/schemas/{kind.schema.__name__}"}
                content = {"schema": body, "example": example(kind)}
                created = responses.success(
                    "Created.", noun, links, Location=responses.LOCATION, **tagged
                )
                return (
                    {
                        "parameters": [if_match, if_none_match],
                        "requestBody": {"required": True, "content": {"application/json": content}},
                    },
                    {
                        "200": responses.success("Replaced.", noun, links, **tagged),
                        "201": created,
                        **responses.problems(responses.ALWAYS, responses.BODY, responses.CHANGED),
                    },
                )
            case ("GET", "/{id}"):
                return (
                    {"parameters": [_id_parameter(kind), if_match, if_none_match]},
                    {
                        "200": responses.success(
                            f"The {kind.noun}.", noun, links, **tagged, **cached
                        ),
                        "304": responses.success(
                            "Your copy is current.", None, links, **tagged, **cached
                        ),
                        **responses.problems(
                            responses.ALWAYS, responses.NOT_FOUND, responses.CHANGED
                        ),
                    },
                )
            case ("DELETE", "/{id}"):
                return (
                    {"parameters": [_id_parameter(kind), if_match]},
                    {
                        "204": responses.success(f"The {kind.noun} is deleted."),
                        **responses.problems(responses.ALWAYS, responses.CHANGED),
                    },
                )
    return _parts_of_another(route)


def _parts_of_another(route: RouteEntry) -> tuple[dict[str, Any], dict[str, Any]]:
    names = re.findall(r"\{(\w+)\}", route.uri_pattern)
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in names
    ]
    groups = [responses.ALWAYS, *([responses.NOT_FOUND] if names else [])]
    request: dict[str, Any] = {"parameters": parameters}
    if route.method in _WITH_BODY:
        request["requestBody"] = {"content": {"application/json": {"schema": {}}}}
        groups.append(responses.BODY)
    return request, {"200": responses.success("Success.", ""), **responses.problems(*groups)}


def links_of(kind: Kind[Any]) -> dict[str, dict[str, Any]]:
    """Return the links between the operations of a kind."""
    return responses.links(kind.whole.__name__, _camel_case(f"_{kind.name}"))


def example(kind: Kind[Any]) -> dict[str, Any]:
    """Return the body of a PUT from the examples in the schema."""
    _, components = msgspec.json.schema_components([kind.schema])
    properties = components[kind.schema.__name__]["properties"]
    return {name: each["examples"][0] for name, each in properties.items() if "examples" in each}


def _list_parameters() -> list[dict[str, Any]]:
    schemas: dict[str, dict[str, Any]] = {
        "limit": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
        "order": {"type": "string", "enum": ["desc", "asc"], "default": "desc"},
        "cursor": {"type": "string"},
    }
    return [
        {"name": name, "in": "query", "description": RULES[name], "schema": schema}
        for name, schema in schemas.items()
    ]


def _id_parameter(kind: Kind[Any]) -> dict[str, Any]:
    return {
        "name": "id",
        "in": "path",
        "required": True,
        "description": ID_RULE,
        "example": example(kind)["id"],
        "schema": {
            "type": "string",
            "minLength": 1,
            "maxLength": MAX_ID_LENGTH,
            "pattern": ID_PATTERN,
        },
    }


def _header_parameter(name: str, description: str) -> dict[str, Any]:
    schema = {"type": "string", "pattern": _TAGS}
    return {"name": name, "in": "header", "description": description, "schema": schema}


def _camel_case(name: str) -> str:
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)
