"""A server on loopback for one kept connection, which behaves as each test wants."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

REQUEST = b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

# Seconds. Otherwise a peer without a response would block a test until its timeout.
SHORT = 0.3

Serve = Callable[[socket.socket, int], object]


def respond(peer: socket.socket, response: bytes = RESPONSE) -> None:
    """Read one request, and send the response."""
    received = b""
    while not received.endswith(b"\r\n\r\n"):
        part = peer.recv(65536)
        if not part:
            return
        received += part
    peer.sendall(response)


@contextmanager
def peer(serve: Serve) -> Iterator[int]:
    """Run a server that calls `serve(connection, number)` for each connection. Yield its port."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.01)

        def accept() -> None:
            number = 0
            while not ended.is_set():
                try:
                    accepted, _ = server.accept()
                except TimeoutError:
                    continue
                accepted.settimeout(5)
                threading.Thread(target=handle, args=(accepted, number), daemon=True).start()
                number += 1

        def handle(accepted: socket.socket, number: int) -> None:
            with accepted:
                try:
                    serve(accepted, number)
                except OSError:
                    return  # the client closed the connection, as some tests intend

        thread = threading.Thread(target=accept)
        thread.start()
        yield server.getsockname()[1]
        ended.set()
        thread.join()
