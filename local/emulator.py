"""The emulator's process: ministack, in a Python environment of its own.

The emulator itself holds the lock on its state, and ends when its owner is gone (see
`local.child`). So it outlives a killed owner only until its state is saved, and no other emulator
can use that state meanwhile.
"""

import os
import secrets
import shutil
import socket
import time
from urllib.parse import urlsplit

import httpx

from local.child import Child
from local.home import Home, LocalError
from tools.install import prepare_once
from tools.lock import Held, Lock
from tools.progress import Report
from tools.project import PROJECT

_START_SECONDS = 60
# The time to save its state when it stops.
_STOP_SECONDS = 30
_REQUIREMENTS = PROJECT / "local" / "requirements.txt"
_PROGRAM = PROJECT / "local" / "ministack_main.py"
_SETTING = "make run PORT"
# ministack shows its edition without authentication.
_EDITION = "local cloud of "


class Emulator:
    """ministack on 127.0.0.1, with IAM enforced on every call. `region` is its default region."""

    def __init__(self, home: Home, port: int, region: str, *, keep: bool, report: Report) -> None:
        self._home = home
        self._port = port
        self._region = region
        self._keep = keep
        self._report = report
        # The directory identifies the clone to a person. The token identifies this emulator.
        self._identity = _owner(home) + secrets.token_hex(8)
        self._child: Child | None = None

    def start(self) -> None:
        """Start it and wait for it. Raises `LocalError` if its port or state is in use."""
        with _state_lock(self._home, self._report) as lock:
            check_port(self._port, _SETTING)
            environment = prepare_once(
                self._home.shared, "local cloud", _REQUIREMENTS, self._report
            )
            self._report("starting the local cloud")
            shutil.rmtree(self._home.scratch, ignore_errors=True)  # of a run that was killed
            self._home.scratch.mkdir()
            with self._home.log_file.open("ab") as log:
                self._child = Child(
                    [environment / "bin" / "python", "-I", _PROGRAM],
                    env=self._variables(),
                    output=log,
                    lock=lock.fileno(),
                )
            lock.describe(group=self._child.group)
        try:
            self._await_response(self._child)
        except BaseException:  # Ctrl-C among them
            self.stop()
            raise

    def wait(self) -> None:
        """Wait until it has ended by itself."""
        if self._child:
            self._child.wait()

    def stop(self) -> None:
        """Stop it and the functions it started, after it has saved its state."""
        child, self._child = self._child, None
        if child is None:
            return
        if not child.stop(_STOP_SECONDS):
            self._report("the local cloud did not stop in time, so its last changes may be lost")
        shutil.rmtree(self._home.scratch, ignore_errors=True)

    def _variables(self) -> dict[str, str]:
        kept = "1" if self._keep else "0"
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": os.environ.get("HOME", "/"),
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self._port),
            "MINISTACK_EDITION": self._identity,
            "AUTH": "true",
            # Otherwise it opens a port for MQTT, on all interfaces.
            "IOT_MTLS_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
            # It unpacks a copy of the package for every worker, and leaves it there.
            "TMPDIR": str(self._home.scratch.resolve()),
            "AWS_DEFAULT_REGION": self._region,
            "PERSIST_STATE": kept,
            "STATE_DIR": str(self._home.directory / "state"),
            "S3_PERSIST": kept,
            "S3_DATA_DIR": str(self._home.directory / "s3"),
            # Functions run in the emulator's own Python, isolated from the developer's packages.
            "PYTHONNOUSERSITE": "1",
        }

    def _await_response(self, child: Child) -> None:
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            ended = child.status() is not None
            if _edition(self._port) == self._identity:
                return
            if ended:
                check_port(
                    self._port, _SETTING
                )  # another program may have taken it since the check
                break
            time.sleep(0.1)
        raise LocalError(f"the local cloud did not start: read {self._home.log_file}")


def check_port(port: int, setting: str, host: str = "127.0.0.1") -> None:
    """Raise `LocalError` if the port is in use. The message names a local cloud that uses it.

    `setting` chooses another port, such as `make run PORT`. It is empty if that is not possible.
    """
    edition = _edition(port, host)
    if edition is None:
        return
    user = "another program"
    if edition.startswith(_EDITION):
        user = "the " + edition.rpartition(" ")[0]
    other = f", or run `{setting}={_free_port_after(port)}`" if setting else ""
    raise LocalError(f"port {port} is in use by {user}: stop it{other}")


def check_is_running(home: Home) -> None:
    """Raise `LocalError` unless this home's local cloud responds at the deployed endpoint."""
    port = urlsplit(home.stack()["endpoint_url"]).port
    if not (_edition(port or 0) or "").startswith(_owner(home)):
        raise LocalError("the local cloud is not running: run `make run`")


def _owner(home: Home) -> str:
    """Return the prefix of all identities of this home's emulators."""
    return f"{_EDITION}{home.directory.resolve()} "


def _state_lock(home: Home, report: Report) -> Lock:
    """Acquire the lock on the state, after the emulator of a killed run has saved it."""
    until = time.monotonic() + _STOP_SECONDS
    waiting = False
    while True:
        try:
            return Lock(home.state_lock)
        except Held as held:
            if time.monotonic() > until:
                group = held.holder.get("group", "unknown")
                raise LocalError(
                    "the local cloud of a killed run does not end: run "
                    f"`kill -9 -- -{group}`, which loses its last changes"
                ) from held
        if not waiting:
            report("waiting for the local cloud of a killed run to save its data")
            waiting = True
        time.sleep(0.1)


def _edition(port: int, host: str = "127.0.0.1") -> str | None:
    """Return the edition of the ministack on this port, "" for others, `None` if it is free."""
    url = f"http://{host}:{port}/_ministack/health"
    try:
        return str(httpx.get(url, timeout=5, trust_env=False).json()["edition"])
    except httpx.ConnectError:
        return None
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return ""


def _free_port_after(port: int) -> int:
    """Return the next free port."""
    while True:
        port = port + 1 if port < 65535 else 1024
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
