"""A file lock between processes: `make run` and the tests share what they install."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

try:
    import fcntl
except ImportError:  # native Windows
    raise SystemExit(
        "error: Linux or macOS is needed; on Windows, run this inside WSL (wsl --install)"
    ) from None


@contextmanager
def exclusive(file: Path) -> Iterator[None]:
    """Hold the lock on `file`, waiting for another holder. It is released when the process ends."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def acquire(file: Path) -> TextIO:
    """Take the lock on `file` and keep it until the returned file is closed, or the process ends.

    Raises `BlockingIOError` if another process has it.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    lock = file.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        lock.close()
        raise
    return lock
