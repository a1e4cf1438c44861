"""Roll back to the previous version, or stop a release in progress."""

import argparse

from infra.commands.options import add_stage, stacks_of


def configure(parser: argparse.ArgumentParser) -> None:
    add_stage(parser)
    parser.add_argument(
        "--to", default="", metavar="VERSION", help="roll back to this version of the function"
    )
    parser.add_argument(
        "--bucket",
        default="",
        help="read the record of releases from this bucket (default: the account's)",
    )


def run(arguments: argparse.Namespace) -> None:
    stacks_of(arguments).roll_back(arguments.to, arguments.bucket)
