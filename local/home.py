"""The local cloud's directory `.local/`, which git ignores and `make clean` removes."""

import json
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tools.errors import CommandError, Misconfigured
from tools.project import PROJECT


class LocalError(CommandError):
    """The local cloud, a deployment into it or a sign-in failed."""


class NotRunning(LocalError):
    """The local cloud is not running, or has no deployment."""

    exit_status = Misconfigured.exit_status


@dataclass(frozen=True)
class Home:
    """A directory with the state of one local cloud. Downloads are shared by all of them."""

    directory: Path = PROJECT / ".local"

    @property
    def shared(self) -> Path:
        return PROJECT / ".local" / "shared"

    @property
    def run_lock(self) -> Path:
        """Return the lock of the command that runs the local cloud. Names its process and port."""
        return self.directory / "run.lock"

    @property
    def state_lock(self) -> Path:
        """Return the emulator's lock, held while the state is in memory. Names its process."""
        return self.directory / "state.lock"

    @property
    def work_lock(self) -> Path:
        """Return the lock that is held while packages and the page are built here."""
        return self.directory / "work.lock"

    @property
    def scratch(self) -> Path:
        """Return the emulator's temporary directory. `/tmp` may be mounted `noexec`."""
        return self.directory / "scratch"

    @property
    def seeding_file(self) -> Path:
        """Return the file that exists while items are added, and after an interruption of it."""
        return self.directory / "seeding"

    @property
    def log_file(self) -> Path:
        return self.directory / "cloud.log"

    @property
    def stack_file(self) -> Path:
        return self.directory / "stack.json"

    @property
    def site_config_file(self) -> Path:
        """Return the file with the deployed page's settings, for the development server."""
        return self.directory / "site-config.json"

    def stack(self) -> dict[str, Any]:
        """Return the deployment that `make run` wrote. Raises `NotRunning` if there is no file."""
        if not self.stack_file.exists():
            raise NotRunning("the local cloud has no deployment: run `make run`")
        stack: dict[str, Any] = json.loads(self.stack_file.read_text())
        return stack

    def running_stack(self) -> dict[str, Any]:
        """Return the stack, after a connection to its endpoint. Raises `NotRunning`."""
        stack = self.stack()
        endpoint = urlsplit(stack["endpoint_url"])
        try:
            socket.create_connection((endpoint.hostname, endpoint.port), timeout=5).close()
        except OSError:
            raise NotRunning(
                f"the local cloud does not respond at {stack['endpoint_url']}: run `make run`"
            ) from None
        return stack

    def write_site_config(self, config: Mapping[str, Any]) -> None:
        _replace(self.site_config_file, json.dumps(dict(config)))

    def write_stack(self, stack: dict[str, Any]) -> None:
        _replace(self.stack_file, json.dumps(stack, indent=2))


def _replace(file: Path, text: str) -> None:
    """Write a file atomically, because others read it meanwhile and we may be killed."""
    partial = file.with_suffix(".part")
    partial.write_text(text + "\n")
    partial.replace(file)


def current_home() -> Home:
    """Return the home that `LOCAL_HOME` names, or the default home."""
    return Home(Path(os.environ["LOCAL_HOME"])) if os.environ.get("LOCAL_HOME") else Home()
