"""One kept HTTP/1.1 connection, with a time limit on everything.

Does the least that DynamoDB needs: one request at a time, and a response that announces its length
or comes in chunks. Anything else is no response. The limits cover the whole of a step, so a peer
that sends a byte now and then cannot extend them.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from chalicelib.dynamodb import response
from chalicelib.dynamodb.addresses import Addresses
from chalicelib.dynamodb.failures import NotSent, NotTrusted, ResponseLost
from chalicelib.dynamodb.response import Response

#: Seconds after which an idle connection is replaced instead of used. DynamoDB closes it after 60
#: (https://github.com/aws/aws-sdk-java/issues/1365), a NAT gateway forgets it after 350.
MAX_IDLE = 30.0


class Connection:
    """A connection to `host`. Safe under threads. Times are in seconds.

    `contexts` create the TLS contexts to try in turn while the host's certificate cannot be
    verified. Without any the connection is plain. `connect_timeout` limits resolving, connecting
    and the TLS handshake together, `read_timeout` sending and the whole response.
    """

    def __init__(
        self,
        host: str,
        port: int,
        contexts: Sequence[Callable[[], ssl.SSLContext]],
        connect_timeout: float,
        read_timeout: float,
    ) -> None:
        # As bytes, so that Python does not import its codec for host names.
        self._host = host.encode("ascii")
        self._addresses = Addresses(self._host, port)
        self._contexts = list(contexts)
        self._connect_timeout, self._read_timeout = connect_timeout, read_timeout
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._used_at = _Moment(0.0, 0.0)

    def exchange(self, request: bytes) -> Response:
        """Send the request, and return the response. Raises `NotSent` or `ResponseLost`."""
        with self._lock:
            if self._socket is not None and not self._is_usable(self._socket):
                self._drop()
            fresh = self._socket is None
            opened = self._socket or self._open()
            self._socket = opened
            keep = False
            reader = _Reader(opened, time.monotonic() + self._read_timeout)
            try:
                opened.settimeout(self._read_timeout)
                opened.sendall(request)
                result = response.read(reader)
                keep = result.headers.get(b"connection", b"").lower() != b"close"
            except OSError as error:
                stale = not fresh and not reader.started and not isinstance(error, TimeoutError)
                raise ResponseLost(f"the connection broke: {error}", stale) from error
            finally:
                if keep:
                    self._used_at = _Moment.now()
                else:
                    self._drop()
            return result

    def close(self) -> None:
        """Close the connection. The next request opens another."""
        with self._lock:
            self._drop()

    def __del__(self) -> None:
        self._drop()

    def _drop(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _is_usable(self, opened: socket.socket) -> bool:
        """Return whether the connection is young enough, and no byte has arrived on it.

        Bytes that arrive before a request usually announce the end of the connection.
        """
        if self._used_at.age() > MAX_IDLE:
            return False
        opened.setblocking(False)
        try:
            return _peek(opened) is None
        except OSError:
            return False

    def _open(self) -> socket.socket:
        deadline = time.monotonic() + self._connect_timeout
        host = self._host.decode()
        while True:
            try:
                return self._connect(deadline)
            except ssl.SSLCertVerificationError as error:
                if len(self._contexts) <= 1:
                    raise NotTrusted(
                        f"the certificate of {host} is not trusted: {error}"
                    ) from error
                del self._contexts[0]
            except OSError as error:
                self._addresses.forget()
                raise NotSent(f"no connection to {host}: {error}") from error

    def _connect(self, deadline: float) -> socket.socket:
        failure: OSError = OSError("no address")
        addresses = self._addresses.get(_left(deadline))
        for number, (family, kind, protocol, _, address) in enumerate(addresses):
            opened = socket.socket(family, kind, protocol)
            try:
                # An address that does not respond must leave time for those after it.
                opened.settimeout(_left(deadline) / (len(addresses) - number))
                opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                opened.connect(address)
                if not self._contexts:
                    return opened
                return self._shake_hands(opened, deadline)
            except ssl.SSLCertVerificationError:
                opened.close()
                raise
            except OSError as error:
                opened.close()
                failure = error
            except BaseException:
                opened.close()
                raise
        raise failure

    def _shake_hands(self, opened: socket.socket, deadline: float) -> socket.socket:
        opened.settimeout(_left(deadline))  # of the whole handshake
        return self._contexts[0]().wrap_socket(opened, server_hostname=self._host)


class _Reader:
    """Reads from a socket until a moment on the monotonic clock. Raises `TimeoutError` then."""

    def __init__(self, opened: socket.socket, deadline: float) -> None:
        self._opened, self._deadline = opened, deadline
        self.started = False

    def __call__(self) -> bytes:
        """Return some bytes, at least one."""
        self._opened.settimeout(_left(self._deadline))
        received = self._opened.recv(65536)
        if not received:
            raise ConnectionResetError("the connection closed before the end of the response")
        self.started = True
        return received


class _Moment(NamedTuple):
    """A moment on both clocks, either of which may stand still while Lambda freezes a process."""

    monotonic: float
    wall: float

    @classmethod
    def now(cls) -> "_Moment":
        return cls(time.monotonic(), time.time())

    def age(self) -> float:
        return max(time.monotonic() - self.monotonic, time.time() - self.wall)


def _peek(opened: socket.socket) -> bytes | None:
    """Return the bytes that have arrived: `b""` at the end, `None` on an idle connection."""
    try:
        return opened.recv(1)
    except (BlockingIOError, ssl.SSLWantReadError):
        return None


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left
