"""Serve the page with Vite and the API with `chalice local`, both with reload: `make dev`."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from infra.stage import LOCAL_STAGE
from local.child import Child
from local.emulator import check_is_running, check_port
from local.home import Home, LocalError
from local.site import DEVELOPMENT_URL
from tools.project import PROJECT

# The files that `chalice local` imports and reads.
_FILES = ("app.py", ".chalice/config.json")
_PACKAGES = ("chalicelib", "infra", "local", "tools")
_POLL_SECONDS = 0.3
_STOP_SECONDS = 5


def dev(home: Home, port: int) -> None:
    """Serve until Ctrl-C. Raises `LocalError` without a deployment, or if a port is in use."""
    check_is_running(home)
    check_port(port, "make dev DEV_PORT")
    page_url = urlsplit(DEVELOPMENT_URL)
    check_port(page_url.port or 80, "", page_url.hostname or "")
    environment = {
        **os.environ,
        "LOCAL_HOME": str(home.directory.resolve()),
        "API_ORIGIN": f"http://127.0.0.1:{port}",
        "PYTHONUNBUFFERED": "1",
    }
    page = Child([sys.executable, "-m", "tools.node", "run", "dev"], env=environment, cwd=PROJECT)
    api = _start_api(port, environment)
    ended = False
    try:
        for changed in _changes():
            if page.status() is not None:
                raise LocalError("Vite has exited: see the output above")
            if changed:
                print(f"{', '.join(changed)} changed: restarting the API", flush=True)
                api.stop(_STOP_SECONDS)
                api, ended = _start_api(port, environment), False
            elif api.status() is not None and not ended:
                print("the API has exited: the next change restarts it", flush=True)
                ended = True
    except KeyboardInterrupt:
        print("stopped", flush=True)
    finally:
        for child in (page, api):
            child.stop(_STOP_SECONDS)


def _start_api(port: int, environment: dict[str, str]) -> Child:
    chalice = Path(sys.executable).with_name("chalice")
    command = [
        str(chalice),
        "local",
        "--stage",
        LOCAL_STAGE,
        "--no-autoreload",
        "--port",
        str(port),
    ]
    return Child(command, env=environment, cwd=PROJECT)


def _changes() -> Iterator[list[str]]:
    """Yield, several times a second, the files that were written, replaced, added or deleted.

    Reads the state of each file anew, because a watch would lose a file that an editor replaces.
    """
    before = _snapshot()
    while True:
        time.sleep(_POLL_SECONDS)
        now = _snapshot()
        yield sorted({name for name, _ in before.items() ^ now.items()})
        before = now


def _snapshot() -> dict[str, tuple[int, int, int]]:
    times = {}
    files = [PROJECT / name for name in _FILES]
    files += (file for package in _PACKAGES for file in (PROJECT / package).rglob("*.py"))
    for file in files:
        try:
            status = file.stat()
        except OSError:  # deleted, or being replaced
            continue
        identity = (status.st_ino, status.st_mtime_ns, status.st_size)
        times[str(file.relative_to(PROJECT))] = identity
    return times
