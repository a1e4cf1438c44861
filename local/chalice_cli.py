"""The hook of `app.py` into Chalice's commands: `chalice local`, `package`, `deploy` and others.

Chalice sets `AWS_CHALICE_CLI_MODE` for all of its commands, and imports the application after it
has set the stage's variables. The commands that never import it (`logs`, `delete`, `invoke`, `url`)
are unchanged.
"""

import os
import sys
from typing import NoReturn

from local import chalice_internals, reload
from tools.project import PROJECT


def install() -> None:
    """Prepare this process for the Chalice command that it runs.

    Exits with one sentence if the command cannot run.
    """
    command, stage = chalice_internals.command()
    if command == "local":
        if chalice_internals.is_reload_worker():
            # Before anything else is imported: in a fresh checkout, Python writes a file for each
            # imported module, and Chalice's watcher would restart the server because of them.
            chalice_internals.silence_watcher()
            reload.restart_on_change(PROJECT, chalice_internals.RESTART_REQUEST_RC)
        from local.server import prepare

        prepare(fail)
    elif stage is not None:
        from local.preflight import require

        require(command, stage, fail)


def fail(message: str, status: int) -> NoReturn:
    """Print the error and end the process, from any thread."""
    print(f"error: {message}", file=sys.stderr, flush=True)
    sys.stdout.flush()
    # With reload, Chalice imports the application in a thread: `sys.exit` would end only that.
    os._exit(status)
