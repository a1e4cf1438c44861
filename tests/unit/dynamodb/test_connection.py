"""One kept connection, against peers that misbehave."""

import socket
import struct
import threading
import time
from typing import Any

import pytest

from chalicelib.dynamodb.connection import MAX_IDLE, Connection
from chalicelib.dynamodb.failures import NotSent, ResponseLost
from tests.dynamodb_local import free_port
from tests.unit.dynamodb.peer import REQUEST, RESPONSE, SHORT, peer, respond


def connect(port: int, timeout: float = 5.0, contexts: Any = ()) -> Connection:
    return Connection("127.0.0.1", port, contexts, timeout, timeout)


def test_connection_is_kept() -> None:
    def serve(accepted: socket.socket, number: int) -> None:
        while True:
            respond(accepted, RESPONSE.replace(b"{}", b"%02d" % number))

    with peer(serve) as port:
        connection = connect(port)
        assert [connection.exchange(REQUEST).body for _ in range(3)] == [b"00"] * 3
        connection.close()
        assert connection.exchange(REQUEST).body == b"01"
        connection.close()


def test_response_that_ends_connection() -> None:
    closing = RESPONSE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    ended = threading.Event()

    def serve(accepted: socket.socket, _: int) -> None:
        respond(accepted, closing)
        ended.wait(30)  # the server is slow to close

    with peer(serve) as port:
        connection = connect(port)
        assert [connection.exchange(REQUEST).body for _ in range(2)] == [b"{}"] * 2
        ended.set()


def test_trickling_response_is_lost() -> None:
    """Each byte arrives within the timeout, and the whole does not."""
    sent: list[int] = []

    def serve(accepted: socket.socket, _: int) -> None:
        respond(accepted, b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n")
        for number in range(200):
            time.sleep(0.05)
            accepted.send(b" ")
            sent.append(number)

    with peer(serve) as port, pytest.raises(ResponseLost, match="timed out") as raised:
        connect(port, SHORT).exchange(REQUEST)
    assert not raised.value.stale
    assert len(sent) < 100


def test_peer_that_says_nothing() -> None:
    ended = threading.Event()
    with peer(lambda *_: ended.wait(30)) as port:
        with pytest.raises(ResponseLost, match="timed out"):
            connect(port, SHORT).exchange(REQUEST)
        ended.set()


def test_refused_connection() -> None:
    with pytest.raises(NotSent, match="refused"):
        connect(free_port()).exchange(REQUEST)


def test_dead_addresses_leave_time_for_live_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full backlog drops connection requests, as a dead address does."""
    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as dead,
        peer(lambda accepted, _: respond(accepted)) as port,
    ):
        address = dead.getsockname()
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(address)
        kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        found = [(*kind, address)] * 3 + [(*kind, ("127.0.0.1", port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        assert connect(port, 2.0).exchange(REQUEST).status == 200
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found[:3])
        with pytest.raises(NotSent, match="timed out"):
            connect(port, SHORT).exchange(REQUEST)
        for filler in fillers:
            filler.close()


def test_resolver_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    resolved = threading.Event()
    real = socket.getaddrinfo

    def getaddrinfo(*parameters: Any, **more: Any) -> Any:
        resolved.wait(30)
        return real(*parameters, **more)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with peer(lambda accepted, _: respond(accepted)) as port:
        connection = connect(port, SHORT)
        with pytest.raises(NotSent, match="resolved in time"):
            connection.exchange(REQUEST)
        resolved.set()
        assert connection.exchange(REQUEST).status == 200


def test_known_addresses_while_resolver_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    with peer(lambda accepted, _: respond(accepted)) as port:
        connection = connect(port, SHORT)
        connection.exchange(REQUEST)
        connection.close()
        ended = threading.Event()
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [ended.wait(30)][1:])
        connection._addresses.forget()
        assert connection.exchange(REQUEST).status == 200
        ended.set()


def _reset(accepted: socket.socket) -> None:
    accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    accepted.close()


def test_close_that_is_seen_costs_nothing() -> None:
    """The server closes while Lambda has frozen the process. Then a new connection is taken."""
    closed = threading.Event()

    def serve(accepted: socket.socket, _: int) -> None:
        respond(accepted)
        accepted.close()
        closed.set()

    with peer(serve) as port:
        connection = connect(port)
        for _ in range(60):
            closed.clear()
            assert connection.exchange(REQUEST).status == 200
            assert closed.wait(5)


def test_reset_in_answer_to_next_request_is_stale() -> None:
    """Such a loss shows only after the request is sent."""

    def serve(accepted: socket.socket, number: int) -> None:
        respond(accepted)
        accepted.recv(65536)
        _reset(accepted)

    with peer(serve) as port:
        connection = connect(port)
        connection.exchange(REQUEST)
        with pytest.raises(ResponseLost) as raised:
            connection.exchange(REQUEST)
        assert raised.value.stale
        assert connection.exchange(REQUEST).status == 200


def test_reset_of_fresh_connection_is_not_stale() -> None:
    def serve(accepted: socket.socket, number: int) -> None:
        accepted.recv(65536)
        _reset(accepted)

    with peer(serve) as port, pytest.raises(ResponseLost) as raised:
        connect(port).exchange(REQUEST)
    assert not raised.value.stale


@pytest.mark.parametrize(("idle", "opened"), [(MAX_IDLE - 1, 1), (MAX_IDLE + 1, 2)])
@pytest.mark.parametrize("standing", ["monotonic", "time"])
def test_idle_connection_is_replaced(
    monkeypatch: pytest.MonkeyPatch, idle: float, opened: int, standing: str
) -> None:
    """A silent drop is met by age alone. One of the clocks may have stood still."""
    connections: list[int] = []

    def serve(accepted: socket.socket, number: int) -> None:
        connections.append(number)
        respond(accepted)
        respond(accepted)

    with peer(serve) as port:
        connection = connect(port)
        connection.exchange(REQUEST)
        clock = {"monotonic": "wall", "time": "monotonic"}[standing]
        used = connection._used_at
        connection._used_at = used._replace(**{clock: getattr(used, clock) - idle})
        connection.exchange(REQUEST)
    assert len(connections) == opened
