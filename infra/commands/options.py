"""The options that several commands share."""

import argparse

from infra.aws import client_of
from infra.stacks.deployment import Stacks
from infra.stage import Stage
from tools.project import PROJECT


def add_stage(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stage", required=True, help="use this stage of .chalice/config.json")


def add_parameters(parser: argparse.ArgumentParser, stack: str) -> None:
    """Add `--parameter`, whose value is a list of pairs. `stack` is for the help."""
    parser.add_argument(
        "--parameter",
        action="append",
        default=[],
        type=_pair,
        metavar="NAME=VALUE",
        help=f"set a parameter of the stack {stack} (docs/parameters.md); repeatable "
        "(default: its current value)",
    )


def stage_of(arguments: argparse.Namespace) -> Stage:
    """Return the stage of `--stage`. Raises `UnknownStage`."""
    return Stage.load(PROJECT, arguments.stage)


def stacks_of(arguments: argparse.Namespace) -> Stacks:
    """Return the stacks of the stage of `--stage`. Raises `UnknownStage`."""
    return Stacks(stage_of(arguments), client_of)


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value
