"""What is shown while files go up: a bar on a terminal, and nothing but whole lines elsewhere."""

import threading
from collections.abc import Callable
from typing import TextIO

#: What is being done, how much of it is done, and out of how much.
Progress = Callable[[str, int, int], None]

_WIDTH = 30


def silent(_what: str, _done: int, _total: int) -> None:
    """No progress at all, for whoever has only lines."""


class Display:
    """Lines and, on a terminal, one bar below them. Give its methods as `report` and `progress`."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._terminal = stream.isatty()
        self._bar = ""
        self._lock = threading.Lock()

    def report(self, line: str) -> None:
        with self._lock:
            self._erase()
            print(line, file=self._stream, flush=True)

    def progress(self, what: str, done: int, total: int) -> None:
        if not self._terminal:
            return
        filled = _WIDTH * done // max(total, 1)
        bar = f"{what:<12} [{'#' * filled}{'.' * (_WIDTH - filled)}] {done}/{total}"
        with self._lock:
            if bar != self._bar:
                self._erase()
                self._bar = "" if done >= total else bar
                print(self._bar, end="", file=self._stream, flush=True)

    def close(self) -> None:
        """Leave no half-drawn bar behind."""
        with self._lock:
            self._erase()

    def _erase(self) -> None:
        if self._bar:
            print("\r\x1b[K", end="", file=self._stream, flush=True)
            self._bar = ""
