"""Deploy the stacks of a stage: `.venv/bin/python -m infra COMMAND --help`."""

import argparse
import sys
from collections.abc import Sequence

from infra.commands import account, api, destroy, documents, package, release, rollback, template
from infra.commands.stack import DATA, EDGE, MONITORING, SITE
from infra.stage import LOCAL_STAGE
from tools.command import Command, add_commands, exit_statuses, run_command
from tools.project import PYTHON

COMMANDS: dict[str, Command] = {
    "account": account,
    "data": DATA,
    "api": api,
    "monitoring": MONITORING,
    "edge": EDGE,
    "site": SITE,
    "release": release,
    "rollback": rollback,
    "destroy": destroy,
    "package": package,
    "template": template,
    "documents": documents,
}
_INTERRUPTED = "interrupted, but CloudFormation completes an update that has started"


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"{PYTHON} -m infra",
        description=__doc__,
        epilog=exit_statuses(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_commands(parser, COMMANDS)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command, and return the exit status."""
    arguments = parser().parse_args(argv)
    if getattr(arguments, "stage", None) == LOCAL_STAGE:
        arguments.usage_error("stage local belongs to the local cloud: `make run` deploys it")
    return run_command(lambda: arguments.command.run(arguments), interrupted=_INTERRUPTED)


if __name__ == "__main__":
    sys.exit(main())
