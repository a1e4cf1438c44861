"""An HTTP proxy in front of DynamoDB that injects faults by plan, on 127.0.0.1.

Written here because toxiproxy, which Debian does not have, knows connections but not DynamoDB's
operations and errors, and mitmproxy would bring some thirty packages with it.
"""

import http.client
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from tests.faults.fault import Fault, Reply
from tests.faults.plan import Plan

#: Seconds after which a client that does not give up is given up on.
_PATIENCE = 30
_RESET_WHEN_CLOSED = struct.pack("ii", 1, 0)


class Proxy:
    """Forwards to `upstream` with the faults of `plan`, which may be replaced at any time.

    `forwarded` counts the requests by operation.
    """

    def __init__(self, upstream: str) -> None:
        self.plan: Plan[Fault] = Plan()
        self.forwarded: Counter[str] = Counter()
        self._upstream = urlsplit(upstream).netloc
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._closed_for = 0.0
        self._busy = 0
        self._idle = threading.Condition()
        self._connections: dict[socket.socket, threading.Thread] = {}
        # Never listens. It reserves the port while there is no listener.
        self._reservation = _bound_to(0)
        self._port: int = self._reservation.getsockname()[1]
        self._listener = self._listen()
        self._accepting = threading.Thread(target=self._accept)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> "Proxy":
        self._accepting.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopping.set()
        _shut_down(self._listener)
        self._accepting.join()
        with self._lock:
            connections = dict(self._connections)
        for connection in connections:
            _shut_down(connection)
        for thread in connections.values():
            thread.join()
        self._reservation.close()

    def forward(self, operation: str, path: str, body: bytes, headers: dict[str, str]) -> Reply:
        """Return DynamoDB's reply with a checksum, which DynamoDB Local omits in errors."""
        upstream = http.client.HTTPConnection(self._upstream, timeout=_PATIENCE)
        try:
            upstream.request("POST", path, body, headers)
            response = upstream.getresponse()
            reply = Reply.of(response.status, response.read())
        finally:
            upstream.close()
        with self._lock:
            self.forwarded[operation] += 1
        return reply

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Count a request while it is handled."""
        with self._idle:
            self._busy += 1
        try:
            yield
        finally:
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()

    def settle(self) -> None:
        """Wait until all requests are done, including late requests."""
        with self._idle:
            assert self._idle.wait_for(lambda: self._busy == 0, _PATIENCE)

    def refuse(self, seconds: float) -> None:
        """Close the listener for some seconds, so the system refuses connections."""
        self._closed_for = seconds
        _shut_down(self._listener)

    def _listen(self) -> socket.socket:
        listener = _bound_to(self._port)
        listener.listen(128)
        return listener

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:  # shut down, for a while or for good
                self._listener.close()
                self._stopping.wait(self._closed_for)
                self._listener = self._listen()
                continue
            thread = threading.Thread(target=self._serve, args=(connection,))
            with self._lock:
                self._connections[connection] = thread
            thread.start()
        self._listener.close()

    def _serve(self, connection: socket.socket) -> None:
        # The client or the fault may break the connection in any way.
        with suppress(OSError, http.client.HTTPException):
            # The handler does not use its server.
            _Requests(connection, ("127.0.0.1", 0), self)  # type: ignore[arg-type] # no server
        with self._lock:
            del self._connections[connection]
        connection.close()


class _Requests(BaseHTTPRequestHandler):
    """The requests of one connection, of which the one at hand is a fault's `Exchange`."""

    protocol_version = "HTTP/1.1"
    server: Any  # the Proxy

    def do_POST(self) -> None:
        self._body = self.rfile.read(int(self.headers["Content-Length"]))
        self._operation = self.headers["X-Amz-Target"].partition(".")[2]
        fault = self.server.plan.next(self._operation)
        befall: Callable[[_Requests], None] = fault.befall if fault else _nothing
        with self.server.at_work():
            befall(self)

    def forward(self) -> Reply:
        headers = {name: value for name, value in self.headers.items() if name != "Connection"}
        reply: Reply = self.server.forward(self._operation, self.path, self._body, headers)
        return reply

    def reply(self, reply: Reply) -> None:
        self.connection.sendall(self._head(reply) + reply.body)

    def trickle(self, reply: Reply, pieces: int, pause: float) -> None:
        message = self._head(reply) + reply.body
        size = len(message) // pieces + 1
        for start in range(0, len(message), size):
            self.pause(pause)
            self.connection.sendall(message[start : start + size])

    def reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_WHEN_CLOSED)
        self.close_connection = True

    def close(self) -> None:
        self.close_connection = True

    def await_client_gone(self) -> None:
        self.connection.settimeout(_PATIENCE)
        with suppress(OSError):
            self.connection.recv(1)
        self.close_connection = True

    def pause(self, seconds: float) -> None:
        time.sleep(seconds)

    def refuse(self, seconds: float) -> None:
        self.close_connection = True
        self.server.refuse(seconds)

    def _head(self, reply: Reply) -> bytes:
        length = len(reply.body) if reply.length is None else reply.length
        headers = {**reply.headers, "Content-Length": str(length)}
        if self.close_connection:
            headers["Connection"] = "close"
        lines = [f"HTTP/1.1 {reply.status} {http.client.responses[reply.status]}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode()


def _nothing(exchange: _Requests) -> None:
    exchange.reply(exchange.forward())


def _bound_to(port: int) -> socket.socket:
    """Return a socket on loopback. Several sockets may share the port."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind(("127.0.0.1", port))
    return bound


def _shut_down(of: socket.socket) -> None:
    with suppress(OSError):
        of.shutdown(socket.SHUT_RDWR)
