"""The items API: its routes and who may call them. The rest is in chalicelib."""

import os

if "AWS_CHALICE_CLI_MODE" in os.environ:
    # Chalice's commands set it, Lambda does not. The imported module is not shipped: with the
    # variable, a deployed function would fail to start.
    from local.chalice_cli import install

    install()

from chalicelib import init

# Before the other imports, so that the client connects to DynamoDB meanwhile.
init.begin()

from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

from chalice import Response
from chalice.app import Request
from msgspec import Struct

from chalicelib import auth, observability
from chalicelib.body import encode
from chalicelib.cors import CORS
from chalicelib.errors import InvalidRequest, UnsupportedMediaType, malformed, problem_details
from chalicelib.events import Application
from chalicelib.items import ITEMS
from chalicelib.kind import Kind, parse_id
from chalicelib.listing import parse_list_query
from chalicelib.preconditions import Preconditions
from chalicelib.record import Stored, quoted
from chalicelib.retry import Deadline
from chalicelib.table import records

app = Application(app_name=observability.SERVICE, configure_logs=False)
app.api.cors = CORS
app.api.binary_types = []  # no binary body; Chalice searches the list three times for each request
app.register_middleware(observability.observe, "http")
app.register_middleware(problem_details(observability.log_failure), "http")

# The client may store a response but must revalidate it. Shared caches must not store it.
CACHE_CONTROL = "private, no-cache"

# A request without a body may have any Content-Type.
ANY = ["*/*"]

# The headers that the routes read.
HEADERS = {"content-type", "if-match", "if-none-match"}

Headers = dict[str, str | list[str]]


@app.route("/items", methods=["GET"], authorizer=auth.readers, content_types=ANY)
def list_items() -> Response:
    """Return a page of your items, newest first."""
    return _list(ITEMS)


@app.route("/items", methods=["PUT"], authorizer=auth.writers, content_types=["application/json"])
def put_item() -> Response:
    """Create an item, or replace the whole of it."""
    return _put(ITEMS)


@app.route("/items/{id}", methods=["GET"], authorizer=auth.readers, content_types=ANY)
def get_item(id: str) -> Response:
    """Return one whole item, or 304 if you have it already."""
    return _get(ITEMS, id)


@app.route("/items/{id}", methods=["DELETE"], authorizer=auth.writers, content_types=ANY)
def delete_item(id: str) -> Response:
    """Delete an item. Succeed if it is gone already, because a retried delete must not fail."""
    return _delete(ITEMS, id)


def _list(kind: Kind[Any]) -> Response:
    request = _request()
    owner = auth.current_user(request.context)
    query = parse_list_query(request.to_original_event()["multiValueQueryStringParameters"])
    page = records().list(kind, owner, query, _deadline(request))
    return _json(HTTPStatus.OK, page, {"Cache-Control": CACHE_CONTROL})


def _put(kind: Kind[Any]) -> Response:
    request = _request()
    owner = auth.current_user(request.context)
    headers = _headers(request)
    # Chalice also accepts `*/*`, and a list that holds the type anywhere.
    media_type = headers.get("content-type", "application/json").partition(";")[0]
    if media_type.strip().lower() != "application/json":
        raise UnsupportedMediaType
    preconditions = Preconditions.from_headers(headers)
    resource = kind.parse(_body(request))
    stored = records().put(kind, owner, resource, preconditions, _deadline(request))
    if stored.version > 1:
        return _whole(HTTPStatus.OK, stored, {})
    path = quote(request.context["path"].rstrip("/"), safe="/%")
    return _whole(HTTPStatus.CREATED, stored, {"Location": f"{path}/{resource.id}"})


def _get(kind: Kind[Any], id: str) -> Response:
    request = _request()
    owner = auth.current_user(request.context)
    resource_id = parse_id(id)
    preconditions = Preconditions.from_headers(_headers(request))
    stored = records().get(kind, owner, resource_id, _deadline(request))
    if preconditions.not_modified(stored.tag):
        headers: Headers = {"ETag": quoted(stored.tag), "Cache-Control": CACHE_CONTROL}
        return Response(body="", status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return _whole(HTTPStatus.OK, stored, {"Cache-Control": CACHE_CONTROL})


def _delete(kind: Kind[Any], id: str) -> Response:
    request = _request()
    owner = auth.current_user(request.context)
    resource_id = parse_id(id)
    preconditions = Preconditions.from_headers(_headers(request))
    if preconditions.if_none_match is not None:
        raise InvalidRequest("If-None-Match", "is not supported on DELETE")
    records().delete(kind, owner, resource_id, preconditions, _deadline(request))
    return Response(body="", status_code=HTTPStatus.NO_CONTENT)


def _request() -> Request:
    return cast(Request, app.current_request)  # None only before the first


def _headers(request: Request) -> dict[str, str]:
    """Return the headers that the routes read, each with all its lines joined.

    `request.headers` has only the last line of each header (RFC 9110, section 5.3).
    """
    lines = request.to_original_event().get("multiValueHeaders")
    if not lines:
        return dict(request.headers)
    try:
        return {
            name.lower(): ", ".join(texts)
            for name, texts in lines.items()
            if name.lower() in HEADERS
        }
    except (AttributeError, TypeError) as error:
        raise malformed("multiValueHeaders") from error


def _body(request: Request) -> str | bytes:
    """Return the body. Raises `InvalidRequest` if the gateway's text does not encode one."""
    try:
        return request.raw_body
    except ValueError as error:
        raise InvalidRequest("body", "must be valid JSON in UTF-8") from error


def _deadline(request: Request) -> Deadline:
    return Deadline.of(request.lambda_context)


def _whole(status: HTTPStatus, stored: Stored, headers: Headers) -> Response:
    return _json(status, stored.view, {"ETag": quoted(stored.tag), **headers})


def _json(status: HTTPStatus, view: Struct, headers: Headers) -> Response:
    return Response(
        body=encode(view),
        status_code=status,
        headers={"Content-Type": "application/json", **headers},
    )


init.finish(records)
