"""The doors: each sends a request byte by byte, and returns the response."""

import socket
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPException, HTTPResponse
from urllib.parse import urlsplit

import httpx

from tests.e2e.attack.rows import Facts, Row

_TIMEOUT = 60  # seconds
# Of a server that may wait for the rest of a request that we have made to look unfinished.
_PATIENCE = 2


class HttpDoor:
    """A server, called on a plain socket, because no client would send such requests.

    `send` returns None if the server closed the connection or kept waiting without a response.
    """

    def __init__(self, name: str, url: str, token: Callable[[], str]) -> None:
        self.name = name
        self._url = urlsplit(url)
        self._token = token

    def send(self, row: Row, facts: Facts) -> httpx.Response | None:
        headers = [(name, facts.fill_in(value)) for name, value in row.headers]
        content = row.content(facts)
        headers = self._completed(headers, row.method, content)
        timeout = _PATIENCE if self.name in row.transport else _TIMEOUT
        return self.exchange(row.method, row.target(facts), headers, content, timeout)

    def _completed(
        self, headers: list[tuple[str, str]], method: str, content: bytes
    ) -> list[tuple[str, str]]:
        """Add the headers that every request needs, unless the row has its own."""
        given = {name.lower() for name, _ in headers}
        usual = [("Host", self._url.netloc), ("Authorization", f"Bearer {self._token()}")]
        if "transfer-encoding" not in given and (content or method in ("PUT", "POST")):
            usual.append(("Content-Length", str(len(content))))
        return [each for each in usual if each[0].lower() not in given] + headers

    def exchange(
        self,
        method: str,
        target: str,
        headers: list[tuple[str, str]],
        body: bytes = b"",
        timeout: float = _TIMEOUT,
    ) -> httpx.Response | None:
        """Send one request on a new connection. Fail if there is more than one response."""
        lines = [f"{method} {self._url.path}{target} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in [("Connection", "close"), *headers]]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        address = (self._url.hostname, self._url.port)
        with socket.create_connection(address, timeout=timeout) as connection:
            # A server may refuse and hang up while we are still talking.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(head + body)
            try:
                answer = HTTPResponse(connection, method=method)
                answer.begin()
                content = answer.read()
                rest = connection.recv(1)
            except (HTTPException, ConnectionResetError):
                return None
            except TimeoutError:
                assert timeout == _PATIENCE, "no answer"
                return None
        assert not rest, "a second answer"
        return httpx.Response(answer.status, headers=answer.getheaders(), content=content)
