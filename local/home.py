"""Where the local cloud keeps its things: `.local/`, which git ignores and `make clean` removes."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.project import PROJECT


class LocalError(Exception):
    """Something a person can put right; the message says what it is and what to do."""


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
        """What is deployed, as `make run` wrote it. Raises `LocalError` if nothing is."""
        if not self.stack_file.exists():
            raise LocalError("nothing is deployed here yet; start it with `make run`")
        stack: dict[str, Any] = json.loads(self.stack_file.read_text())
        return stack

    def write_stack(self, stack: dict[str, Any]) -> None:
        self.stack_file.write_text(json.dumps(stack, indent=2) + "\n")


def current_home() -> Home:
    """The home that `LOCAL_HOME` names, or the usual one."""
    return Home(Path(os.environ["LOCAL_HOME"])) if os.environ.get("LOCAL_HOME") else Home()
