"""The doors: each sends a request byte by byte as it is told, and returns what came back."""

import io
import socket
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from http.client import HTTPException, HTTPResponse
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
import pytest

from app import app
from chalicelib import table
from local.testing import Client
from tests.e2e.attack.rows import IN_PROCESS, Facts, Row

_TIMEOUT = 60  # seconds
# Of a server that may wait for the rest of a request that we have made to look unfinished.
_PATIENCE = 2


class Door(Protocol):
    """`send` returns None if the server hung up, or went on waiting, without an answer."""

    name: str

    def send(self, row: Row, facts: Facts) -> httpx.Response | None: ...


class HttpDoor:
    """A server, spoken to on a socket of our own: no client would send half of this."""

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
        """With what any request has, unless this one has its own."""
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
        """One request on a connection of its own. There must not be more than one answer."""
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


class InProcess:
    """The application itself, with the deployed table, called by the attacker.

    Everything that it writes down is kept in `written`.
    """

    name = IN_PROCESS

    def __init__(self, dynamodb: Any, table_name: str) -> None:
        self._dynamodb, self._table_name = dynamodb, table_name
        self._client: Client | None = None
        self.written = ""

    def send(self, row: Row, facts: Facts) -> httpx.Response:
        # As the gateway hands them on: a header on several lines as one.
        self._client = self._client or Client(app, user=facts.attacker)
        headers: dict[str, str] = {}
        for name, value in row.headers:
            value = facts.fill_in(value)
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        output = io.StringIO()
        with redirect_stdout(output), pytest.MonkeyPatch.context() as patch:
            patch.setenv("TABLE_NAME", self._table_name)
            patch.setattr(table, "first_client", lambda: self._dynamodb)
            answer = self._client.http.request(
                row.method, row.target(facts), headers, row.content(facts)
            )
        self.written = output.getvalue()
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.body)
