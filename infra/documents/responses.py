"""The responses in the OpenAPI document."""

from typing import Any

from chalicelib.cors import CORRELATION_ID
from chalicelib.errors import PROBLEM_JSON
from chalicelib.observability import CORRELATION_ID_PATTERN


def _header(schema: dict[str, Any], description: str = "") -> dict[str, Any]:
    """Return a required header. Without `required`, a client could not rely on the header."""
    members = {"description": description} if description else {}
    return {**members, "required": True, "schema": schema}


ETAG = _header({"type": "string", "pattern": '^"[^"]+"$'}, "The current entity tag.")
CACHE_CONTROL = _header({"const": "private, no-cache"})
_CORRELATION_HEADER = _header(
    {"type": "string", "pattern": f"^{CORRELATION_ID_PATTERN}$"},
    "The request's X-Correlation-Id if it is well formed, otherwise the request's id.",
)
LOCATION = _header({"type": "string", "pattern": "^/.*/[A-Za-z0-9._~-]+$"}, "The new path.")
# Additional headers of an error response, by status.
_RETRY_HEADER = _header({"type": "string", "pattern": "^[0-9]+$"}, "Seconds.")
_PROBLEM_HEADERS = {
    401: {"WWW-Authenticate": _header({"const": "Bearer"})},
    429: {"Retry-After": _RETRY_HEADER},
    503: {"Retry-After": _RETRY_HEADER},
}

# The problems of every operation, including the gateway's own responses.
ALWAYS = {
    400: "A parameter, header or field is not valid; `errors` names it.",
    401: "The access token is missing, is not valid or lacks the scope.",
    403: "The firewall blocks the request.",
    429: "Too many requests.",
    500: "An internal error.",
    503: "A dependency did not respond in time. For a write, `type` may be outcome-unknown.",
    504: "The API did not respond in time. A write may or may not have been applied.",
}
BODY = {413: "The body is over 64 KiB.", 415: "The body is not application/json."}
NOT_FOUND = {404: "You have no resource with this id."}
CHANGED = {412: "A precondition failed, and the write was not applied."}


def _link(operation: str, **parameters: str) -> dict[str, Any]:
    """Return a link from a response. `query_cursor` is the query's parameter `cursor`."""
    return {
        "operationId": operation,
        "parameters": {name.replace("_", ".", 1): value for name, value in parameters.items()},
    }


def links(noun: str, plural: str) -> dict[str, dict[str, Any]]:
    """Return the links of a whole resource, and of a page of a list, by the name of the schema."""
    id_, tag = {"path_id": "$response.body#/id"}, "$response.header.ETag"
    get, delete = f"get{noun}", f"delete{noun}"
    return {
        noun: {
            "read": _link(get, **id_),
            "readIfChanged": _link(get, **id_, **{"header_If-None-Match": tag}),
            "delete": _link(delete, **id_),
            "deleteIfUnchanged": _link(delete, **id_, **{"header_If-Match": tag}),
        },
        f"{noun}List": {
            "nextPage": _link(
                f"list{plural}",
                query_cursor="$response.body#/cursor",
                query_limit="$request.query.limit",
                query_order="$request.query.order",
            )
        },
    }


def problems(*groups: dict[int, str]) -> dict[str, Any]:
    responses = {}
    for status, description in sorted({k: v for g in groups for k, v in g.items()}.items()):
        responses[str(status)] = {
            "description": description,
            "headers": _PROBLEM_HEADERS.get(status, {}),
            "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return responses


def success(
    description: str,
    schema: str | None = None,
    links: dict[str, dict[str, Any]] | None = None,
    **headers: dict[str, Any],
) -> dict[str, Any]:
    """Return a success response. `schema` names a component, "" is any JSON."""
    response: dict[str, Any] = {
        "description": description,
        "headers": {
            CORRELATION_ID: _CORRELATION_HEADER,
            **{name.replace("_", "-"): header for name, header in headers.items()},
        },
    }
    if schema is not None:
        reference = {"$ref": f"#/components/schemas/{schema}"} if schema else {}
        response["content"] = {"application/json": {"schema": reference}}
    if links and schema in links:
        response["links"] = links[schema]
    return response
