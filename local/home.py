"""Where the local cloud keeps its things: `.local/`, which git ignores and `make clean` removes."""

import json
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tools.errors import CommandError, Misconfigured
from tools.project import PROJECT


class LocalError(CommandError):
    """The local cloud, a deployment into it or a sign-in failed."""


class NotRunning(LocalError):
    """Nothing is deployed on this machine, or the local cloud is not running."""

    exit_status = Misconfigured.exit_status


@dataclass(frozen=True)
class Home:
    """A directory with the state of one local cloud. Downloads are shared by all of them."""

    directory: Path = PROJECT / ".local"

    @property
    def shared(self) -> Path:
        return PROJECT / ".local" / "shared"

    @property
    def log_file(self) -> Path:
        return self.directory / "cloud.log"

    @property
    def stack_file(self) -> Path:
        return self.directory / "stack.json"

    @property
    def site_config_file(self) -> Path:
        """What the deployed page is told, for the page's development server to tell it too."""
        return self.directory / "site-config.json"

    def stack(self) -> dict[str, Any]:
        """What is deployed, as `make run` wrote it. Raises `NotRunning` if nothing is."""
        if not self.stack_file.exists():
            raise NotRunning("nothing is deployed here yet; start it with `make run`")
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
                f"the local cloud does not respond at {stack['endpoint_url']}; "
                "start it with `make run`"
            ) from None
        return stack

    def write_stack(self, stack: dict[str, Any]) -> None:
        self.stack_file.write_text(json.dumps(stack, indent=2) + "\n")


def current_home() -> Home:
    """The home that `LOCAL_HOME` names, or the usual one."""
    return Home(Path(os.environ["LOCAL_HOME"])) if os.environ.get("LOCAL_HOME") else Home()
