"""Commands for on-call engineers: `.venv/bin/python -m ops COMMAND --help`."""

import argparse
import sys
from collections.abc import Sequence
from types import ModuleType

from infra.stage import LOCAL_STAGE
from ops import account, capacity, cost, doctor, move, person, restore, rightsize, switch, users
from ops.caller import identify
from ops.tools import Tools
from tools.command import add_commands, exit_statuses, run_command
from tools.project import PYTHON

#: Each has `configure(parser)` and `run(arguments, tools)`. `arguments.caller` is a `Caller`.
COMMANDS: dict[str, ModuleType] = {
    "account": account,
    "capacity": capacity,
    "cost": cost,
    "doctor": doctor,
    "move": move,
    "person": person,
    "restore": restore,
    "rightsize": rightsize,
    "switch": switch,
    "users": users,
}


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"{PYTHON} -m ops",
        description=__doc__,
        epilog=exit_statuses(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_commands(parser, COMMANDS)
    return parser


def main(argv: Sequence[str] | None = None, tools: Tools | None = None) -> int:
    """Return the exit status."""
    arguments = parser().parse_args(argv)
    if getattr(arguments, "stage", "") == LOCAL_STAGE:
        arguments.usage_error(
            "stage local belongs to the local cloud, whose data `make clean` deletes"
        )
    return run_command(lambda: _run(arguments, tools or Tools()))


def _run(arguments: argparse.Namespace, tools: Tools) -> int | None:
    """Print the account and run the command. JSON output contains the account instead."""
    if not getattr(arguments, "reports", None):  # reports need no AWS
        arguments.caller = identify(tools, getattr(arguments, "stage", ""))
        if not getattr(arguments, "json", False):
            tools.report(str(arguments.caller))
    status: int | None = arguments.command.run(arguments, tools)
    return status


if __name__ == "__main__":
    sys.exit(main())
