"""Commands for people on duty: `python -m ops COMMAND --help`.

exit status: 0 done; 1 AWS failed, or what was found is not as it should be; 2 usage or
configuration; 3 refused
"""

import argparse
import sys
from collections.abc import Sequence
from types import ModuleType

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

from infra.errors import DeploymentFailed
from infra.stage import LOCAL_STAGE, UnknownStage
from ops import restore, rightsize, switch
from ops.errors import OpsError
from ops.tools import Tools

# By name. A command is a module whose docstring is its help, with `configure(parser)` and
# `run(arguments, tools)`, which returns when it is done and raises `OpsError` when it is not.
COMMANDS: dict[str, ModuleType] = {
    "restore": restore,
    "rightsize": rightsize,
    "switch": switch,
}


def _parser() -> argparse.ArgumentParser:
    about, _, statuses = (__doc__ or "").partition("\n")
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m ops", description=about, epilog=statuses, formatter_class=raw
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, module in COMMANDS.items():
        summary = (module.__doc__ or "").partition("\n")[0]
        command = commands.add_parser(
            name,
            help=summary[0].lower() + summary[1:].rstrip("."),
            description=module.__doc__,
            formatter_class=raw,
        )
        command.add_argument("--stage", required=True, help="a stage of .chalice/config.json")
        module.configure(command)
        command.set_defaults(run=module.run, usage_error=command.error)
    return parser


def main(argv: Sequence[str] | None = None, tools: Tools | None = None) -> int:
    """The exit status; see this module's docstring."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.stage == LOCAL_STAGE:
        parser.error("stage local is the local cloud's, whose data can be made again: `make clean`")
    try:
        arguments.run(arguments, tools or Tools())
        return 0
    except OpsError as error:
        status, said = error.exit_status, str(error)
    except (UnknownStage, NoCredentialsError, NoRegionError) as error:
        status, said = 2, str(error)
    except (DeploymentFailed, ClientError, BotoCoreError) as error:
        status, said = 1, str(error)
    print(f"error: {said}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
