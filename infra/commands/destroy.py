"""Delete the stacks of a stage, but retain its data.

Prints the plan, then asks for the stage's name.
"""

import argparse

from infra.aws import client_of
from infra.commands.options import add_stage, stage_of
from infra.stacks import destroy
from tools.confirmation import is_confirmed


def configure(parser: argparse.ArgumentParser) -> None:
    add_stage(parser)
    parser.add_argument("--dry-run", action="store_true", help="print the plan without deleting")
    parser.add_argument(
        "--confirm",
        default="",
        metavar="STAGE",
        help="confirm with the stage's name (default: prompt at the terminal)",
    )


def run(arguments: argparse.Namespace) -> None:
    def confirmed(name: str) -> bool:
        request = "Type the stage's name to confirm"
        return is_confirmed(name, arguments.confirm, request)

    destroy.destroy(stage_of(arguments), client_of, confirmed, dry_run=arguments.dry_run)
