"""Connections that are lost while Lambda has frozen the process."""

import socket
import struct
import threading
import uuid
from collections.abc import Iterator
from contextlib import closing, suppress
from urllib.parse import urlsplit

import pytest

from chalicelib.dynamodb.client import Client
from chalicelib.dynamodb.connection import MAX_IDLE
from chalicelib.errors import OutcomeUnknown
from chalicelib.items import ITEMS
from chalicelib.retry import Retry, RetryBudget
from chalicelib.table import RecordTable
from tests.integration.conftest import REGION, new_table
from tests.integration.examples import ANYWAY, OWNER, item, soon, when

THAWS = 60
CREATE = when(if_none_match="*")


class Forwarder:
    """Forwards each connection to `target`, and loses those that are open when told to."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._server = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._resetting: set[socket.socket] = set()
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close_idle(self) -> None:
        """End them, as a server does that waits no longer. The client can see it."""
        for accepted in self._open:
            with suppress(OSError):  # it has ended by itself
                accepted.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def reset_idle(self) -> None:
        """Answer the next request on them with a reset, as a network does that forgot them."""
        self._resetting.update(self._open)
        self._open.clear()

    def close(self) -> None:
        self._server.close()
        self.close_idle()

    def _accept(self) -> None:
        while True:
            try:
                accepted, _ = self._server.accept()
            except OSError:
                return
            self._open.append(accepted)
            threading.Thread(target=self._serve, args=(accepted,), daemon=True).start()

    def _serve(self, accepted: socket.socket) -> None:
        with accepted, socket.create_connection(self._target) as upstream:
            for end in (accepted, upstream):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=_copy, args=(upstream, accepted), daemon=True).start()
            while received := _received(accepted):
                if accepted in self._resetting:
                    linger = struct.pack("ii", 1, 0)
                    accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    return
                upstream.sendall(received)


def _received(peer: socket.socket) -> bytes:
    try:
        return peer.recv(65536)
    except OSError:
        return b""


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while received := _received(source):
            target.sendall(received)


@pytest.fixture(scope="module")
def forwarder(dynamodb_local_url: str) -> Iterator[Forwarder]:
    parts = urlsplit(dynamodb_local_url)
    with closing(Forwarder((parts.hostname or "", parts.port or 0))) as forwarder:
        yield forwarder


class Thawed:
    """The application's table, whose client is reached through the forwarder."""

    def __init__(self, forwarder: Forwarder, table_name: str) -> None:
        self.client = Client(forwarder.url, REGION, 1.0, 2.0)
        # Time refills no token, so that a used token is missing at the end.
        self.budget = RetryBudget(per_second=0.0)
        self.table = RecordTable(self.client, table_name, Retry(budget=self.budget, base=0.0))

    def get(self) -> None:
        assert self.table.get(ITEMS, OWNER, "kept", soon()).view.name == "kept"

    def put(self) -> None:
        self.table.put(ITEMS, OWNER, item("kept", "kept"), ANYWAY, soon())

    def create(self) -> None:
        self.table.put(ITEMS, OWNER, item(uuid.uuid4().hex, "new"), CREATE, soon())


@pytest.fixture(scope="module")
def table_name(clients: dict[str, object]) -> str:
    return new_table(clients["sdk"])


@pytest.fixture
def thawed(forwarder: Forwarder, table_name: str) -> Iterator[Thawed]:
    thawed = Thawed(forwarder, table_name)
    thawed.put()
    thawed.budget.reset()
    yield thawed
    thawed.client.close()


def _age(thawed: Thawed) -> None:
    connection = thawed.client._connection
    used = connection._used_at
    connection._used_at = used._replace(monotonic=used.monotonic - MAX_IDLE - 1)


@pytest.mark.parametrize("name", ["get", "put", "create"])
def test_connection_that_was_closed(forwarder: Forwarder, thawed: Thawed, name: str) -> None:
    for _ in range(THAWS):
        forwarder.close_idle()
        getattr(thawed, name)()
    assert thawed.budget._tokens == thawed.budget._capacity


@pytest.mark.parametrize("name", ["get", "put", "create"])
def test_connection_that_was_dropped_in_silence(
    forwarder: Forwarder, thawed: Thawed, name: str
) -> None:
    """After so long that a network forgets a connection, it is not used again."""
    for _ in range(THAWS):
        forwarder.reset_idle()
        _age(thawed)
        getattr(thawed, name)()
    assert thawed.budget._tokens == thawed.budget._capacity


@pytest.mark.parametrize("name", ["get", "put"])
def test_connection_that_is_reset(forwarder: Forwarder, thawed: Thawed, name: str) -> None:
    """The first retry costs no token. Otherwise a function with little traffic would run out."""
    for _ in range(100):
        forwarder.reset_idle()
        getattr(thawed, name)()
    assert thawed.budget._tokens == thawed.budget._capacity


def test_create_whose_connection_is_reset(forwarder: Forwarder, thawed: Thawed) -> None:
    """The outcome is unknown, so the write is not sent again, and the error says this."""
    for _ in range(THAWS):
        forwarder.reset_idle()
        with pytest.raises(OutcomeUnknown):
            thawed.create()
        thawed.get()
    assert thawed.budget._tokens == thawed.budget._capacity
