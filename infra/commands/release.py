"""Deploy the stacks of a stage, except edge, with their current parameters.

deploy_site.py publishes the page. With --dry-run, this command also shows the page's changes.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from infra.aws import client_of
from infra.commands.options import add_stage, stage_of
from infra.release.version import Choices
from infra.stacks import dry_run
from infra.stacks.deployment import Stacks
from infra.stage import Stage
from tools.project import PROJECT


def configure(parser: argparse.ArgumentParser) -> None:
    add_stage(parser)
    parser.add_argument(
        "--dry-run", action="store_true", help="show the changes without applying them"
    )
    parser.add_argument(
        "--older", action="store_true", help="release a commit older than the live commit"
    )
    parser.add_argument(
        "--change-runtime",
        action="store_true",
        help="change the function's runtime to the Python of this environment",
    )
    parser.add_argument(
        "--no-canary",
        action="store_true",
        help="shift all traffic at once, as for a fix during an outage",
    )


def run(arguments: argparse.Namespace) -> int:
    if arguments.dry_run:
        return _show(stage_of(arguments))
    choices = Choices(
        older=arguments.older,
        change_runtime=arguments.change_runtime,
        canary=not arguments.no_canary,
    )
    Stacks(stage_of(arguments), client_of, choices=choices).release()
    return 0


def _show(stage: Stage) -> int:
    """Print the changes of a release, and then of the page if there is a site."""
    out = Path(".local", "release", stage.name)
    has_site = dry_run.show(stage, client_of, PROJECT / out)
    print(f"dry run: no changes were made, and the templates are in {out}")
    if not has_site:
        print("no site is deployed, so the page was not compared")
        return 0
    sys.stdout.flush()
    command = [sys.executable, str(PROJECT / "deploy_site.py"), "--stage", stage.name]
    return subprocess.run([*command, "--dry-run"]).returncode  # noqa: S603 - our own, no shell
