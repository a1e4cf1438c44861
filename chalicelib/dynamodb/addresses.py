"""The addresses of a host, resolved in a thread of its own.

`getaddrinfo` has no timeout, and a resolver that hangs would hold the caller until Lambda ends the
invocation. So a thread resolves, and the caller waits for as long as it can. Known addresses stay
in use while they are resolved again.
"""

import socket
import threading
import time
from collections.abc import Callable
from typing import Any

#: Seconds after which known addresses are resolved again. DynamoDB's records live for some seconds.
MAX_AGE = 30.0

Address = tuple[int, int, int, str, Any]


class Addresses:
    """The addresses of `host`. `clock` is monotonic (seconds)."""

    def __init__(self, host: bytes, port: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._host, self._port, self._clock = host, port, clock
        self._known: list[Address] = []
        self._resolved_at = 0.0
        self._resolving: _Resolution | None = None

    def get(self, timeout: float) -> list[Address]:
        """Return the addresses. Raises `OSError` if none arrives within `timeout` (seconds)."""
        now = self._clock()
        self._take_result()
        if not self._known or now - self._resolved_at > MAX_AGE:
            if self._resolving is None:
                self._resolving = _Resolution(self._host, self._port)
            # Known addresses do not wait for the resolver.
            self._resolving.done.wait(0 if self._known else timeout)
            self._take_result()
        if not self._known:
            raise TimeoutError("the host's address could not be resolved in time")
        return self._known

    def forget(self) -> None:
        """Resolve anew at the next use, because no known address could be connected."""
        self._resolved_at = float("-inf")

    def _take_result(self) -> None:
        resolution = self._resolving
        if resolution is None or not resolution.done.is_set():
            return
        self._resolving = None
        if resolution.addresses:
            self._known, self._resolved_at = resolution.addresses, self._clock()
        elif resolution.error is not None and not self._known:
            raise resolution.error


class _Resolution:
    """One call of `getaddrinfo` in a thread."""

    def __init__(self, host: bytes, port: int) -> None:
        self.addresses: list[Address] = []
        self.error: OSError | None = None
        self.done = threading.Event()
        threading.Thread(target=self._resolve, args=(host, port), daemon=True).start()

    def _resolve(self, host: bytes, port: int) -> None:
        try:
            self.addresses = list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except OSError as error:
            self.error = error
        finally:
            self.done.set()
