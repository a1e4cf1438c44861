"""Restart the worker of `chalice local` after a change of the project's own files."""

import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

_POLL_SECONDS = 0.5

# Directories that commands write: packages, build output, caches. Commands also write the hidden
# directories, of which Chalice's own is an input as well.
_GENERATED = {"node_modules", "vendor", "dist", "__pycache__", "deployments"}
_HIDDEN_INPUT = ".chalice"

State = dict[str, tuple[int, int, int]]


def _is_watched(directory: str) -> bool:
    hidden = directory.startswith(".") and directory != _HIDDEN_INPUT
    return not hidden and directory not in _GENERATED


def snapshot(root: Path) -> State:
    """Return the inode, size and time of each file that a person edits.

    The inode distinguishes a replaced file from the previous file, even with an equal time.
    """
    state: State = {}
    for directory, subdirectories, files in os.walk(root):
        subdirectories[:] = [name for name in subdirectories if _is_watched(name)]
        for name in files:
            if name.startswith(".") or name.endswith("~"):
                continue  # editors' own
            path = os.path.join(directory, name)
            try:
                status = os.stat(path)
            except OSError:
                continue  # deleted meanwhile, or a broken link
            state[path] = (status.st_ino, status.st_size, status.st_mtime_ns)
    return state


def restart_on_change(root: Path, exit_status: int) -> None:
    """Exit with this status when a file differs from its current state."""

    def restart(path: str) -> None:
        print(f"{Path(path).relative_to(root)} changed: restarting", flush=True)
        sys.stderr.flush()
        os._exit(exit_status)  # from a thread, `sys.exit` would end only that

    watch(root, snapshot(root), restart)


def watch(root: Path, before: State, changed: Callable[[str], None]) -> threading.Thread:
    """Call `changed` with a path, once, when the files differ from `before`."""

    def poll() -> None:
        while (now := snapshot(root)) == before:
            time.sleep(_POLL_SECONDS)
        paths = {path for path, _ in now.items() ^ before.items()}
        changed(min(paths))

    thread = threading.Thread(target=poll, daemon=True)
    thread.start()
    return thread
