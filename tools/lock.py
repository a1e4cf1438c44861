"""File locks between processes. A lock ends with the last process that has its file open."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

try:
    import fcntl
except ImportError:  # native Windows, where `tools.command` prints only help
    fcntl = None  # type: ignore[assignment] # mypy knows a module

#: Whether this system has file locks.
AVAILABLE = fcntl is not None


@contextmanager
def exclusive(file: Path) -> Iterator[None]:
    """Hold the lock on `file`, waiting for another holder.

    Child processes that are started with `close_fds=False` hold it as well. If this process is
    killed, the lock protects their files until they have ended.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as lock:
        os.set_inheritable(lock.fileno(), True)
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Held(Exception):
    """Another process holds the lock. `holder` is its description, empty until it is written."""

    def __init__(self, holder: dict[str, Any]) -> None:
        super().__init__(holder)
        self.holder = holder


class Lock:
    """An acquired lock. A child process that is passed `fileno()` holds it as well."""

    def __init__(self, path: Path) -> None:
        """Acquire the lock without waiting. Raises `Held`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not truncated: until the lock is acquired, the content is the holder's.
        self._file = path.open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.seek(0)
            holder = _read(self._file.read())
            self._file.close()
            raise Held(holder) from None
        self._file.truncate(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def fileno(self) -> int:
        return self._file.fileno()

    def describe(self, **holder: Any) -> None:
        """Write the holder's description, for processes that find the lock held."""
        self._file.truncate(0)
        self._file.write(json.dumps(holder))
        self._file.flush()

    def close(self) -> None:
        """Close the file. The lock is released unless a child process has it open."""
        self._file.close()


def _read(text: str) -> dict[str, Any]:
    try:
        holder: dict[str, Any] = json.loads(text)
    except ValueError:  # it is being written
        return {}
    return holder
