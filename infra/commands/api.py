"""Deploy the API as a new version of the function."""

import argparse

from infra.commands.options import add_parameters, add_stage, stacks_of


def configure(parser: argparse.ArgumentParser) -> None:
    add_stage(parser)
    add_parameters(parser, "api")
    parser.add_argument(
        "--bucket",
        default="",
        help="upload the package to this bucket (default: the account's artifact bucket)",
    )


def run(arguments: argparse.Namespace) -> None:
    stacks_of(arguments).api(dict(arguments.parameter), arguments.bucket)
