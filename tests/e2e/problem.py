"""Check the form of every error response, from any component."""

from http import HTTPStatus
from typing import Any

import httpx

STANDARD = {"type", "title", "status", "detail", "instance"}
ALLOWED = {"authorization", "content-type", "if-match", "if-none-match", "x-correlation-id"}
EXPOSED = {"etag", "location", "retry-after", "x-correlation-id"}


def names(header: str) -> set[str]:
    return {name.strip().lower() for name in header.split(",")}


def assert_cors(response: httpx.Response) -> None:
    """Fail unless CORS allows any page to read the response and its relevant headers."""
    assert response.headers["access-control-allow-origin"] == "*"
    assert names(response.headers["access-control-allow-headers"]) >= ALLOWED
    assert names(response.headers["access-control-expose-headers"]) >= EXPOSED


def assert_problem(response: httpx.Response, status: int) -> dict[str, Any]:
    """Fail unless the response is a problem detail of this status. Return its body."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert_cors(response)
    body: dict[str, Any] = response.json()
    assert body.keys() >= STANDARD
    assert body["status"] == status
    assert body["title"] == HTTPStatus(status).phrase
    assert body["detail"]
    assert body["instance"]
    return body


def assert_refused(response: httpx.Response) -> None:
    """Fail unless the response is the common 401, except for the request's id."""
    body = assert_problem(response, 401)
    del body["instance"]
    assert body == {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "detail": "A valid access token is required.",
    }
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.headers["cache-control"] == "no-store"
