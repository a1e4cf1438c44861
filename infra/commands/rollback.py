"""Roll back to the previous version of the function."""

import argparse

from infra.commands.options import add_stage, stacks_of


def configure(parser: argparse.ArgumentParser) -> None:
    add_stage(parser)


def run(arguments: argparse.Namespace) -> None:
    stacks_of(arguments).roll_back()
