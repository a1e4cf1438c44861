"""Build the zip that a release deploys, without AWS."""

import argparse
from pathlib import Path

from infra.commands.options import add_stage, stage_of
from infra.function import archive
from infra.function.package import package_code
from tools.project import PROJECT


def configure(parser: argparse.ArgumentParser) -> None:
    add_stage(parser)
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIRECTORY",
        help="write the zip into this directory (default: .local/packages/STAGE)",
    )


def run(arguments: argparse.Namespace) -> None:
    stage = stage_of(arguments)
    out = arguments.out or PROJECT / ".local" / "packages" / stage.name
    print(archive.summary(package_code(stage, out)))
