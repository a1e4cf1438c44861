"""Start and stop the emulator (ministack), in a Python environment of its own."""

import fcntl
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from types import TracebackType
from typing import Any, TextIO

import boto3
import httpx

from local.home import Home, LocalError
from tools.install import prepare_once
from tools.progress import Report
from tools.project import PROJECT

REGION = "us-east-1"

_START_SECONDS = 60
# Its state is written when it stops, so it must be given the time.
_STOP_SECONDS = 30
_REQUIREMENTS = PROJECT / "local" / "requirements.txt"


def become_root_of_the_local_cloud() -> None:
    """Have every SDK client of this process sign with the emulator's own, fixed credentials.

    Without any, the SDK would go and look for some, through whatever network there is.
    """
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        os.environ.pop(name, None)
    os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test")  # noqa: S106 - fixed


def digest(*parts: bytes | str) -> str:
    """A short name for a build that depends on exactly these."""
    texts = (part.encode() if isinstance(part, str) else part for part in parts)
    return hashlib.sha256(b"\0".join(texts)).hexdigest()[:12]


class Cloud:
    """The emulator, listening on 127.0.0.1, with IAM enforced on every call.

    With `keep`, its state is in the home directory and survives a stop.
    """

    def __init__(self, home: Home, port: int, keep: bool, report: Report = print) -> None:
        self.home = home
        self.port = port
        self.keep = keep
        self._report = report
        self._process: subprocess.Popen[bytes] | None = None
        self._scratch = ""
        self._lock: TextIO | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, service: str) -> Any:
        """A boto3 client of the emulator's root user."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - the emulator's own, fixed
        )

    def __enter__(self) -> "Cloud":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Returns when it answers. Raises `LocalError` if its port is taken or it does not."""
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                raise LocalError(
                    f"port {self.port} is in use: stop what uses it, "
                    f"or choose another with `make run PORT={self.port + 1}`"
                )
        self._lock_home()
        environment = prepare_once(self.home.shared, "local cloud", _REQUIREMENTS, self._report)
        program = environment / "bin" / "ministack"
        self._report("starting the local cloud")
        self._scratch = tempfile.mkdtemp(prefix="items-local-cloud-")
        with self.home.log_file.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - installed by us, no shell
                [program],
                env=self._variables(),
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for us; we then stop it and its functions in good order.
                start_new_session=True,
            )
        try:
            self._await_answer()
        except BaseException:  # Ctrl-C among them: nobody else would stop it
            self.stop()
            raise

    def _lock_home(self) -> None:
        """Two on one state would overwrite each other's. The lock goes when this process ends."""
        self.home.directory.mkdir(parents=True, exist_ok=True)
        self._lock = (self.home.directory / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise LocalError("a local cloud is running here already; stop it first") from None

    def wait(self) -> None:
        """Return when the emulator has ended by itself."""
        if self._process:
            self._process.wait()

    def stop(self) -> None:
        """End the emulator and every process it started."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._report("the local cloud did not stop in time; its last changes may be lost")
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        shutil.rmtree(self._scratch, ignore_errors=True)
        if self._lock:
            self._lock.close()

    def _variables(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": os.environ.get("HOME", "/"),
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "AUTH": "true",
            # Else it opens a port for MQTT, on all interfaces.
            "IOT_MTLS_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
            # It unpacks a copy of the package for every worker, and leaves it there.
            "TMPDIR": self._scratch,
            "AWS_DEFAULT_REGION": REGION,
            "PERSIST_STATE": "1" if self.keep else "0",
            "STATE_DIR": str(self.home.directory / "state"),
            "S3_PERSIST": "1" if self.keep else "0",
            "S3_DATA_DIR": str(self.home.directory / "s3"),
            # Functions run in the emulator's own Python; nothing of ours may leak into it.
            "PYTHONNOUSERSITE": "1",
        }

    def _await_answer(self) -> None:
        process = self._process
        until = time.monotonic() + _START_SECONDS
        while process and process.poll() is None and time.monotonic() < until:
            try:
                if httpx.get(f"{self.endpoint}/_ministack/health", timeout=2).is_success:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise LocalError(f"the local cloud did not start; {self.home.log_file} says why")
