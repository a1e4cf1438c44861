"""The items API: its routes and who may call them. Everything else is in chalicelib."""

import os

if "AWS_CHALICE_CLI_MODE" in os.environ:
    # Chalice's commands set it, Lambda does not. What this imports is not shipped: with the
    # variable, a deployed function would fail to start.
    from local.chalice_cli import install

    install()

from chalicelib import init

# `begin` and `finish` are the only side effects at import. The client connects while the rest is
# imported.
init.begin()

from http import HTTPStatus
from typing import cast
from urllib.parse import quote

from chalice import Response
from chalice.app import Request

from chalicelib import auth, items, observability
from chalicelib.cors import CORS
from chalicelib.errors import InvalidRequest, UnsupportedMediaType, malformed, problem_details
from chalicelib.events import Application
from chalicelib.preconditions import Preconditions
from chalicelib.record import Stored, quoted
from chalicelib.retry import Deadline
from chalicelib.table import items_table

app = Application(app_name=observability.SERVICE, configure_logs=False)
app.api.cors = CORS
app.api.binary_types = []  # none here, and Chalice searches the list three times a request
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
    """Return a page of the caller's items, newest first."""
    request = _request()
    owner = auth.current_user(request.context)
    parameters = request.to_original_event()["multiValueQueryStringParameters"]
    query = items.parse_list_query(parameters)
    page = items_table().list(owner, query, _deadline(request))
    return _json(HTTPStatus.OK, items.encode(page), {"Cache-Control": CACHE_CONTROL})


@app.route("/items", methods=["PUT"], authorizer=auth.writers, content_types=["application/json"])
def put_item() -> Response:
    """Create an item, or replace the whole of it."""
    request = _request()
    owner = auth.current_user(request.context)
    headers = _headers(request)
    # Chalice also accepts `*/*`, and a list that holds the type anywhere.
    media_type = headers.get("content-type", "application/json").partition(";")[0]
    if media_type.strip().lower() != "application/json":
        raise UnsupportedMediaType
    preconditions = Preconditions.from_headers(headers)
    item = items.parse_item(_body(request))
    stored = items_table().put(owner, item, preconditions, _deadline(request))
    if stored.item.version > 1:
        return _item(HTTPStatus.OK, stored, {})
    path = quote(request.context["path"].rstrip("/"), safe="/%")
    location = f"{path}/{stored.item.id}"
    return _item(HTTPStatus.CREATED, stored, {"Location": location})


@app.route("/items/{id}", methods=["GET"], authorizer=auth.readers, content_types=ANY)
def get_item(id: str) -> Response:
    """Return one whole item, or 304 if the client has it already."""
    request = _request()
    owner = auth.current_user(request.context)
    item_id = items.parse_id(id)
    preconditions = Preconditions.from_headers(_headers(request))
    stored = items_table().get(owner, item_id, _deadline(request))
    if preconditions.not_modified(stored.tag):
        headers: Headers = {"ETag": quoted(stored.tag), "Cache-Control": CACHE_CONTROL}
        return Response(body="", status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return _item(HTTPStatus.OK, stored, {"Cache-Control": CACHE_CONTROL})


@app.route("/items/{id}", methods=["DELETE"], authorizer=auth.writers, content_types=ANY)
def delete_item(id: str) -> Response:
    """Delete an item. Succeed if it is gone already, because a retried delete must not fail."""
    request = _request()
    owner = auth.current_user(request.context)
    item_id = items.parse_id(id)
    preconditions = Preconditions.from_headers(_headers(request))
    if preconditions.if_none_match is not None:
        raise InvalidRequest("If-None-Match", "has no meaning for DELETE")
    items_table().delete(owner, item_id, preconditions, _deadline(request))
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


def _item(status: HTTPStatus, stored: Stored, headers: Headers) -> Response:
    return _json(status, items.encode(stored.item), {"ETag": quoted(stored.tag), **headers})


def _json(status: HTTPStatus, body: str, headers: Headers) -> Response:
    return Response(
        body=body, status_code=status, headers={"Content-Type": "application/json", **headers}
    )


init.finish(items_table)
