"""The local cloud: an emulator of AWS on this machine, and clients of it."""

import os
from types import TracebackType
from typing import Any, Self

import boto3

from infra.aws import ClientOf
from local.emulator import Emulator
from local.home import Home, LocalError
from tools.lock import Held, Lock
from tools.progress import Report

REGION = "us-east-1"


def become_root_of_the_local_cloud() -> None:
    """Make every SDK client of this process sign with the emulator's own, fixed credentials.

    Without credentials, the SDK would look for some on the network. Requests to this machine ignore
    the person's proxies.
    """
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        os.environ.pop(name, None)
    os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test")  # noqa: S106 - fixed
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"


class Cloud:
    """The emulator of one home directory, listening on 127.0.0.1.

    With `keep`, its state is in the home directory and survives a stop.
    """

    def __init__(self, home: Home, port: int, keep: bool, report: Report = print) -> None:
        self.home = home
        self.port = port
        #: Creates clients of the emulator's root user.
        self.client: ClientOf = self._create_client
        self._emulator = Emulator(home, port, REGION, keep=keep, report=report)
        self._lock: Lock | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _create_client(self, service: str, region: str | None = None, /) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=region or REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - the emulator's own, fixed
        )

    def __enter__(self) -> Self:
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
        """Start the emulator and wait until it responds.

        Raises `LocalError` if its home or port is in use.
        """
        try:
            self._lock = Lock(self.home.run_lock)
        except Held as held:
            pid, port = (held.holder.get(name, "unknown") for name in ("pid", "port"))
            raise LocalError(
                f"a local cloud is already running here, on port {port}: stop it with Ctrl-C "
                f"in its terminal, or run `kill {pid}`"
            ) from held
        self._lock.describe(pid=os.getpid(), port=self.port)
        try:
            self._emulator.start()
        except BaseException:
            self.stop()
            raise

    def wait(self) -> None:
        """Wait until the emulator has ended by itself."""
        self._emulator.wait()

    def stop(self) -> None:
        """Stop the emulator and every process that it started."""
        self._emulator.stop()
        if self._lock:
            self._lock.close()
