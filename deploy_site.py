"""Publish the website: upload changed files to S3, then invalidate them in CloudFront.

    .venv/bin/python deploy_site.py --stage dev             build website/ and publish it
    .venv/bin/python deploy_site.py --stage dev --dry-run   show the changes, and write nothing
    .venv/bin/python deploy_site.py --stage dev --rollback  roll back to the previous release

A release that is killed half way leaves a working site. Running again finishes it. docs/site.md
explains how.
"""

import argparse
import gc
import json
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from infra.site.clients import ClientOf, create_clients
from infra.site.errors import NotInvalidated
from infra.site.plan import Options
from infra.site.release import Summary, deploy
from infra.site.target import Target, target_of_stage
from infra.stage import LOCAL_STAGE, Stage
from tools import node
from tools.command import exit_statuses, run_command
from tools.progress import Report
from tools.project import PROJECT, PYTHON

__all__ = ["Options", "Summary", "Target", "build", "deploy", "main"]

WEBSITE = PROJECT / "website"
DIST = WEBSITE / "dist"

#: The meaning of an exit status that only this program has.
NOT_INVALIDATED = "uploaded but not invalidated; running again finishes"

Connect = Callable[[str], ClientOf]


def build(report: Report = print, out: Path = DIST) -> Path:
    """Build the website into `out`, and return `out`. Raises `tools.node.NodeError`."""
    report("building the website")
    node.npm(["run", "build", "--", "--outDir", str(out), "--emptyOutDir"], WEBSITE, report)
    return out


def connect(stage: str) -> ClientOf:
    """Return a factory of clients for the stage: AWS, or the local cloud on this machine."""
    if stage != LOCAL_STAGE:
        return create_clients({})
    # Imported here, because a deployment to AWS does not need the local cloud.
    from local.cloud import become_root_of_the_local_cloud
    from local.home import current_home

    stack = current_home().running_stack()
    become_root_of_the_local_cloud()
    return create_clients({"endpoint_url": stack["endpoint_url"], "region_name": stack["region"]})


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"{PYTHON} deploy_site.py",
        description=__doc__,
        epilog=exit_statuses({NotInvalidated.exit_status: NOT_INVALIDATED}),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--stage", required=True, help="use this stage of .chalice/config.json")
    add_source = parser.add_mutually_exclusive_group().add_argument
    add_source("--source", type=Path, metavar="DIR", help="publish this directory, without a build")
    add_source("--no-build", action="store_true", help="publish website/dist, without a build")
    add_source(
        "--rollback", action="store_true", help="roll back to the previous release; repeatable"
    )
    add("--dry-run", action="store_true", help="show the changes, and write nothing")
    add("--json", action="store_true", help="print only the plan or the result, as JSON")
    add("--delete", action="store_true", help="delete files that are no longer part of the site")
    add(
        "--allow-delete",
        type=int,
        metavar="N",
        help="with --delete: delete at most N files (default: 20 or a quarter of all, if more)",
    )
    add(
        "--grace-days",
        type=float,
        metavar="N",
        default=Options.grace_days,
        help="with --delete: days to keep old assets for open tabs (default: %(default)g)",
    )
    add("--wait", action="store_true", help="wait for the invalidation to end, at most 10 minutes")
    add("--no-verify", action="store_true", help="skip the check of the live files at the end")
    add("--adopt", action="store_true", help="take over a bucket that has files of another program")
    return parser


def _check(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Exit with a usage error if a number is wrong, or if an option would silently be ignored."""
    if not 0 <= arguments.grace_days < float("inf") or (arguments.allow_delete or 0) < 0:
        parser.error("--allow-delete and --grace-days must be 0 or more")
    if arguments.allow_delete is not None and not arguments.delete:
        parser.error("--allow-delete needs --delete")
    if arguments.rollback and arguments.delete:
        parser.error("--rollback excludes --delete, because it deletes no file")


def _run(arguments: argparse.Namespace, report: Report, connect: Connect) -> None:
    stage = Stage.load(PROJECT, arguments.stage)
    options = Options(**{k: v for k, v in vars(arguments).items() if hasattr(Options, k)})
    client_of = connect(stage.name)
    target = target_of_stage(stage, client_of("cloudformation"))
    source = arguments.source or DIST
    if not (arguments.source or arguments.no_build or options.rollback):
        source = build(report)
    summary = deploy(source, target, client_of, options=options, report=report)
    plan, document = summary.plan, summary.document()
    if arguments.json:
        print(json.dumps(plan.document() if arguments.dry_run else document, indent=2))
    elif arguments.dry_run:
        print("\n".join(plan.lines() or ["no changes"]))
        keys = [*(file.key for file in plan.uploads), *plan.known]
        for pattern, count in target.serving.count(keys).items():
            print(f"immutable   {count} names match {pattern}")
        print(
            f"dry run: {len(plan.uploads)} to upload, {len(plan.known)} unchanged, "
            f"{len(plan.delete)} to delete"
        )
    elif not summary.release:
        print(f"no changes: {len(plan.known)} files unchanged at {target.url}")
    else:
        print(
            "release {release}: {uploaded} uploaded ({uploaded_bytes:,} bytes), {unchanged} "
            "unchanged, {deleted} deleted, ".format(**document)
            + f"{len(plan.invalidate)} paths invalidated; {target.url}"
        )


def main(argv: Sequence[str] | None = None, connect: Connect = connect) -> int:
    """Publish the site, and return the exit status. `connect` creates the clients of AWS."""
    own = parser()
    arguments = own.parse_args(argv)
    _check(own, arguments)
    # The standard output of --json is JSON only.
    report = partial(print, file=sys.stderr if arguments.json else sys.stdout, flush=True)
    return run_command(
        lambda: _run(arguments, report, connect), interrupted="interrupted; run again to finish"
    )


if __name__ == "__main__":
    # A short run creates many long-lived objects. Frequent garbage collection would free no memory.
    gc.set_threshold(100_000)
    exit_status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Do not wait for uploads that Ctrl-C has left hanging. No other resource is open.
    os._exit(exit_status)
