"""The adapter with a gateway of the tests."""

import io
import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest
from chalice.local import LocalGateway
from chalice.package import YAMLTemplateSerializer

from chalicelib.errors import PROBLEM_JSON
from serverful.wsgi import HEALTH, LARGEST_BODY, Wsgi
from tools.project import PROJECT

OK = {"statusCode": 200, "headers": {"A": "1"}, "multiValueHeaders": {}, "body": "text"}

Handle = Callable[[str, str, dict[str, str], bytes | None], dict[str, Any]]


class Socket:
    def settimeout(self, seconds: float) -> None:
        """Accept it."""


class Slow(io.BytesIO):
    """A body whose end does not arrive."""

    def read(self, size: int | None = -1) -> bytes:
        raise TimeoutError


def adapter(handle: Handle, clock: Callable[[], float] = time.monotonic) -> Wsgi:
    gateway = type("Gateway", (), {"handle_request": staticmethod(handle)})
    return Wsgi(cast(LocalGateway, gateway), 15, clock)


def call(application: Wsgi, body: io.BytesIO | None = None, **environ: str) -> tuple[Any, ...]:
    """Return the status line, the headers and the body."""
    sent: list[Any] = []
    request = {
        "REQUEST_METHOD": "PUT",
        "RAW_URI": "/api/items",
        "wsgi.input": body or io.BytesIO(),
        "gunicorn.socket": Socket(),
        **environ,
    }
    content = application(request, lambda status, headers: sent.extend([status, headers]))
    return sent[0], sent[1], b"".join(content)


def test_request_is_handed_on_as_it_was_sent() -> None:
    requests: list[Any] = []

    def handle(*request: Any) -> dict[str, Any]:
        requests.append(request)
        return OK

    environ = {"CONTENT_LENGTH": "2", "CONTENT_TYPE": "text/plain", "HTTP_IF_MATCH": '"1"'}
    call(adapter(handle), io.BytesIO(b"{}"), RAW_URI="/api/items/a%2Fb?limit=1", **environ)
    headers = {"content-type": "text/plain", "if-match": '"1"'}
    assert requests == [("PUT", "/api/items/a%2Fb?limit=1", headers, b"{}")]


def test_each_value_of_a_header_is_sent() -> None:
    response = {**OK, "multiValueHeaders": {"Set-Cookie": ["a", "b"]}}
    status, headers, body = call(adapter(lambda *_: response))
    assert (status, body) == ("200 OK", b"text")
    cookies = [("Set-Cookie", "a"), ("Set-Cookie", "b")]
    assert headers == [("A", "1"), ("Content-Length", "4"), *cookies]


def test_binary_response_is_decoded() -> None:
    response = {**OK, "isBase64Encoded": True, "body": "/w=="}
    assert call(adapter(lambda *_: response))[2] == b"\xff"


@pytest.mark.parametrize(
    ("body", "length", "status"),
    [
        (Slow(), "1", 408),
        (io.BytesIO(), "x", 400),
        (io.BytesIO(), "-1", 400),
        (io.BytesIO(b"{}"), "3", 400),
        (io.BytesIO(b"x" * (LARGEST_BODY + 1)), "", 413),
        (Slow(), str(LARGEST_BODY + 1), 413),
    ],
    ids=["slow", "word", "negative", "incomplete", "large", "announced as large"],
)
def test_body_is_refused(body: io.BytesIO, length: str, status: int) -> None:
    def handle(*_: Any) -> dict[str, Any]:
        raise AssertionError("the application was called")

    line, headers, content = call(adapter(handle), body, CONTENT_LENGTH=length)
    assert line.startswith(f"{status} ")
    assert dict(headers)["Content-Type"] == PROBLEM_JSON
    assert json.loads(content)["status"] == status


def test_application_serves_one_request_at_a_time() -> None:
    second_is_read, inside, overlaps = threading.Event(), threading.Lock(), []

    class Second(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            second_is_read.set()
            return super().read(size)

    def handle(_: str, __: str, headers: dict[str, str], ___: bytes | None) -> dict[str, Any]:
        overlaps.append(not inside.acquire(blocking=False))
        if headers:
            assert second_is_read.wait(10)
            # Long enough for the second to come in, if it could.
            threading.Event().wait(0.05)
        inside.release()
        return OK

    application = adapter(handle)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(call, application, HTTP_FIRST="yes")
        while not overlaps:
            assert not first.done()
        second = pool.submit(call, application, Second())
        assert (first.result()[0], second.result()[0]) == ("200 OK", "200 OK")
    assert overlaps == [False, False]


def test_health_fails_if_a_request_does_not_end() -> None:
    now, statuses = 1000.0, []

    def handle(*_: Any) -> dict[str, Any]:
        nonlocal now
        for seconds in (15, 1):
            now += seconds
            statuses.append(call(application, RAW_URI=HEALTH)[0])
        raise RuntimeError

    application = adapter(handle, lambda: now)
    with pytest.raises(RuntimeError):
        call(application)
    now += 100
    statuses.append(call(application, RAW_URI=HEALTH)[0])
    assert statuses == ["200 OK", "503 Service Unavailable", "200 OK"]


def test_largest_body_is_the_firewalls() -> None:
    text = (PROJECT / "infra" / "templates" / "api.yaml").read_text()
    template = YAMLTemplateSerializer().load_template(text)
    [size] = [
        rule["Statement"]["SizeConstraintStatement"]["Size"]
        for resource in template["Resources"].values()
        for rule in resource.get("Properties", {}).get("Rules", [])
        if rule.get("Name") == "body-size"
    ]
    assert size == LARGEST_BODY
