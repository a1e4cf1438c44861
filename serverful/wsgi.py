"""Serve an application of Chalice to a WSGI server."""

import base64
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from chalice.local import LocalGateway

from chalicelib.cors import HEADERS as CORS_HEADERS
from chalicelib.errors import PROBLEM_HEADERS, problem_body
from infra.gateway.chalice_gateway import GatewayError
from infra.gateway.rules import gateway_error

#: The load balancer's health check, without a token. It fails if a request does not end.
HEALTH = "/health"
#: The limit in bytes of the firewall in front of the deployed gateway.
LARGEST_BODY = 65_536
#: The maximum time without a byte of a body from a client.
_SECONDS = 5

_HEADERS = {**PROBLEM_HEADERS, **CORS_HEADERS}

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], object]


class Wsgi:
    """The application behind a gateway of Chalice.

    Several threads read bodies and send responses. The application processes one request at a time,
    because Chalice keeps the current request in an attribute of the application. The health check
    fails if a request takes longer than `longest` seconds.
    """

    def __init__(
        self, gateway: LocalGateway, longest: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._gateway = gateway
        self._longest = longest
        self._clock = clock
        self._lock = threading.Lock()
        self._begun = float("inf")  # when the request in the application came in

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        try:
            response = self._response(environ)
        except GatewayError as error:
            response = {"statusCode": error.CODE, "headers": error.headers, "body": error.body}
        body = response["body"] or b""
        if response.get("isBase64Encoded"):
            body = base64.b64decode(body)
        content = body.encode() if isinstance(body, str) else body
        headers = [*response["headers"].items(), ("Content-Length", str(len(content)))]
        for name, values in response.get("multiValueHeaders", {}).items():
            headers += [(name, value) for value in values]
        start_response(_status_line(response["statusCode"]), headers)
        return [content]

    def _response(self, environ: Environ) -> dict[str, Any]:
        # RAW_URI, because %2F is a slash in PATH_INFO.
        if environ["RAW_URI"] == HEALTH:
            return self._health()
        body, headers = _body(environ), _headers(environ)
        with self._lock:
            self._begun = self._clock()
            try:
                response: dict[str, Any] = self._gateway.handle_request(
                    environ["REQUEST_METHOD"], environ["RAW_URI"], headers, body or None
                )
            finally:
                self._begun = float("inf")
        return response

    def _health(self) -> dict[str, Any]:
        if self._clock() - self._begun > self._longest:
            raise problem(HTTPStatus.SERVICE_UNAVAILABLE, "A request runs too long.")
        return {"statusCode": 200, "headers": {"Cache-Control": "no-store"}, "body": None}


def problem(status: int, detail: str) -> GatewayError:
    """Return a response that the deployed gateway does not have."""
    return GatewayError(status, _HEADERS, _problem(status, detail))


def write_problem(sock: Any, status: int, _reason: str, _message: str) -> None:
    """Send a problem document instead of gunicorn's HTML for a request that it refuses."""
    body = _problem(status, "The server could not process the request.")
    headers = {**_HEADERS, "Content-Length": len(body), "Connection": "close"}
    lines = [f"HTTP/1.1 {_status_line(status)}", *(f"{k}: {v}" for k, v in headers.items())]
    sock.sendall("\r\n".join([*lines, "", ""]).encode() + body)


def _problem(status: int, detail: str) -> bytes:
    return problem_body(status, str(uuid.uuid4()), detail).encode()


def _status_line(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}"


def _body(environ: Environ) -> bytes:
    """Return the whole body. Raises `GatewayError` if it is too large, slow or incomplete."""
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal():
        raise gateway_error("BAD_REQUEST_BODY", str(uuid.uuid4()))
    body = b""
    if int(length) <= LARGEST_BODY:
        environ["gunicorn.socket"].settimeout(_SECONDS)
        try:
            # gunicorn ends the body at the end of the request, with chunks as well.
            body = environ["wsgi.input"].read(LARGEST_BODY + 1)
        except TimeoutError as error:
            raise problem(HTTPStatus.REQUEST_TIMEOUT, "The body arrived too slowly.") from error
    if max(int(length), len(body)) > LARGEST_BODY:
        raise gateway_error("REQUEST_TOO_LARGE", str(uuid.uuid4()))
    if len(body) < int(length):
        raise gateway_error("BAD_REQUEST_BODY", str(uuid.uuid4()))
    return body


def _headers(environ: Environ) -> dict[str, str]:
    headers = {
        key.removeprefix("HTTP_").replace("_", "-").lower(): value
        for key, value in environ.items()
        if key.startswith("HTTP_")
    }
    if "CONTENT_TYPE" in environ:
        headers["content-type"] = environ["CONTENT_TYPE"]
    return headers
