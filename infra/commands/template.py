"""Write the templates of a stage for checks, with made-up outputs of other stacks, without AWS."""

import argparse
from pathlib import Path

from infra.commands.options import add_stage, stage_of
from infra.stacks import dry_run


def configure(parser: argparse.ArgumentParser) -> None:
    add_stage(parser)
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIRECTORY",
        help="write the templates into this directory",
    )


def run(arguments: argparse.Namespace) -> None:
    dry_run.write_templates(stage_of(arguments), arguments.out)
    print(f"wrote the templates into {arguments.out}")
