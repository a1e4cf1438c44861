"""A DynamoDB stub on loopback with a configured response."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from tests.serving import serving


class Request(NamedTuple):
    operation: str
    headers: dict[str, str]
    body: bytes


class Stub:
    """Sends each request the same response after `may_answer` is set, and records the requests.

    If `to_own` is set, our own client gets its status and body.
    """

    def __init__(self) -> None:
        self.status, self.answer = 200, "{}"
        self.to_own: tuple[int, str] | None = None
        self.checksum: str | None = None
        self.clock_ahead = 0.0  # seconds, in the Date header
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.connections = 0
        self.requests: list[Request] = []
        self.url = ""

    @property
    def operations(self) -> list[str]:
        return [each.operation for each in self.requests]

    def fails_with(self, status: int, code: str) -> None:
        self.status, self.answer = status, failure(code)


def failure(code: str) -> str:
    """Return the body of DynamoDB's error of this code."""
    return json.dumps(
        {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "internal!"}
    )


@contextmanager
def running() -> Iterator[Stub]:
    """Run a stub at its `url` until the end of the block."""
    stub = Stub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # so that connections are kept

        def setup(self) -> None:
            super().setup()
            stub.connections += 1

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            operation = self.headers["X-Amz-Target"].rpartition(".")[2]
            stub.requests.append(Request(operation, dict(self.headers), body))
            stub.may_answer.wait(60)
            status, answer = stub.status, stub.answer
            if stub.to_own and self.headers["User-Agent"].startswith("chalicelib"):
                status, answer = stub.to_own
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            if stub.checksum is not None:
                self.send_header("x-amz-crc32", stub.checksum)
            self.end_headers()
            self.wfile.write(answer.encode())

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string(time.time() + stub.clock_ahead)

        def log_message(self, *_: Any) -> None:
            """Suppress the log, because tests read the application's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    with serving(server) as stub.url:
        try:
            yield stub
        finally:
            stub.may_answer.set()
