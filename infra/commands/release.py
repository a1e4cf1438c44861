"""Deploy the stacks of a stage again, except edge, with the parameters they have.

The page is not among them: deploy_site.py publishes it. With --dry-run, the page's changes are
shown as well.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from infra.commands.options import add_stage, client_of, stacks_of, stage_of
from infra.stacks import dry_run
from infra.stage import Stage
from tools.project import PROJECT


def configure(parser: argparse.ArgumentParser) -> None:
    add_stage(parser)
    parser.add_argument(
        "--dry-run", action="store_true", help="show the changes, and make none of them"
    )


def run(arguments: argparse.Namespace) -> int:
    if arguments.dry_run:
        return _show(stage_of(arguments))
    stacks = stacks_of(arguments)
    stacks.data({})
    stacks.api({})
    stacks.monitoring({})
    stacks.site({})
    return 0


def _show(stage: Stage) -> int:
    """Print the changes of a release, and then of the page if there is a site."""
    out = Path(".local", "release", stage.name)
    has_site = dry_run.show(stage, client_of, PROJECT / out)
    print(f"nothing was changed; the templates are in {out}")
    if not has_site:
        print("there is no site yet, so no page to compare")
        return 0
    sys.stdout.flush()
    command = [sys.executable, str(PROJECT / "deploy_site.py"), "--stage", stage.name]
    return subprocess.run([*command, "--dry-run"]).returncode  # noqa: S603 - our own, no shell
