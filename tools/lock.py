"""A file lock between processes: `make run` and the tests share what they install."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # native Windows, where `tools.command` prints only help
    fcntl = None  # type: ignore[assignment] # mypy knows a module

#: Whether this system has file locks.
AVAILABLE = fcntl is not None


@contextmanager
def exclusive(file: Path) -> Iterator[None]:
    """Hold the lock on `file`, waiting for another holder. It is released when the process ends."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
