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
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

from infra.site.clients import ClientOf, clients
from infra.site.errors import NotInvalidated
from infra.site.plan import Options
from infra.site.release import Summary, deploy
from infra.site.target import Target, of_stage
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

ClientsOf = Callable[[str, Options], ClientOf]


def build(report: Report = print, out: Path = DIST) -> Path:
    """Build the website into `out`, and return `out`. Raises `tools.node.NodeError`."""
    report("building the website")
    node.npm(["run", "build", "--", "--outDir", str(out), "--emptyOutDir"], WEBSITE, report)
    return out


def clients_of(stage: str, options: Options) -> ClientOf:
    """Return a factory of clients for the stage: AWS, or the local cloud on this machine."""
    if stage != LOCAL_STAGE:
        return clients({}, options.workers)
    # Imported here, because a deployment to AWS does not need the local cloud.
    from local.cloud import become_root_of_the_local_cloud
    from local.home import current_home

    stack = current_home().running_stack()
    become_root_of_the_local_cloud()
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"
    where = {"endpoint_url": stack["endpoint_url"], "region_name": stack["region"]}
    return clients(where, options.workers)


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"{PYTHON} deploy_site.py",
        description=__doc__,
        epilog=exit_statuses({NotInvalidated.exit_status: NOT_INVALIDATED}),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--stage", required=True, help="use this stage of .chalice/config.json")
    add("--source", type=Path, metavar="DIR", help="publish this directory, without a build")
    add("--no-build", action="store_true", help="publish website/dist, without a build")
    add("--dry-run", action="store_true", help="show the changes, and write nothing")
    add("--json", action="store_true", help="print only the plan or the result, as JSON")
    add("--delete", action="store_true", help="delete files that are no longer part of the site")
    add(
        "--allow-delete",
        type=_count,
        metavar="N",
        help="with --delete: delete at most N files (default: 20, or a quarter of all)",
    )
    add(
        "--grace-days",
        type=_amount,
        metavar="N",
        default=Options.grace_days,
        help="with --delete: days to keep old assets for open tabs (default: %(default)g)",
    )
    add("--wait", action="store_true", help="wait until CloudFront has finished the invalidation")
    add(
        "--wait-timeout",
        type=_amount,
        metavar="S",
        default=Options.wait_timeout,
        help="with --wait: seconds to wait at most (default: %(default)g)",
    )
    add(
        "--rollback",
        action="store_true",
        help="restore pages and config of the previous release; repeatable",
    )
    add("--no-verify", action="store_true", help="skip the check of the live files at the end")
    add("--adopt", action="store_true", help="take over a bucket that has files of others")
    return parser


def _amount(text: str) -> float:
    amount = float(text)
    if not 0 <= amount < float("inf"):
        raise ValueError(text)
    return amount


def _count(text: str) -> int:
    return int(_amount(str(int(text))))


def _check(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Exit with a usage error if a combination of options would silently ignore an option."""
    if arguments.allow_delete is not None and not arguments.delete:
        parser.error("--allow-delete is for --delete")
    if arguments.rollback and (arguments.delete or arguments.source or arguments.no_build):
        parser.error("--rollback puts back what was published: no --delete, --source, --no-build")
    if arguments.source and arguments.no_build:
        parser.error("--source builds nothing; --no-build is for website/dist")


def _run(arguments: argparse.Namespace, report: Report, reach: ClientsOf) -> None:
    stage = Stage.load(PROJECT, arguments.stage)
    given: dict[str, Any] = {
        each.name: getattr(arguments, each.name, each.default) for each in fields(Options)
    }
    options = Options(**given)
    client_of = reach(stage.name, options)
    target = of_stage(stage, client_of("cloudformation"))
    source = arguments.source or DIST
    if not (arguments.source or arguments.no_build or options.rollback):
        source = build(report)
    summary = deploy(source, target, client_of, options=options, report=report)
    plan, document = summary.plan, summary.document()
    if arguments.json:
        print(json.dumps(plan.document() if arguments.dry_run else document, indent=2))
    elif arguments.dry_run:
        print("\n".join(plan.lines() or ["nothing to do"]))
        keys = [*(each.key for each in plan.uploads), *plan.known]
        for pattern, count in target.serving.counts(keys).items():
            print(f"immutable   {count} names match {pattern}")
        print(
            f"nothing was written: {len(plan.uploads)} to upload, {len(plan.known)} unchanged, "
            f"{len(plan.delete)} to delete"
        )
    elif not summary.release:
        print(f"nothing to do: {len(plan.known)} files unchanged at {target.url}")
    else:
        print(
            "release {release}: {uploaded} uploaded ({uploaded_bytes:,} bytes), {unchanged} "
            "unchanged, {deleted} deleted, ".format(**document)
            + f"{len(plan.invalidate)} paths invalidated; {target.url}"
        )


def main(argv: Sequence[str] | None = None, reach: ClientsOf = clients_of) -> int:
    """Publish the site, and return the exit status. `reach` creates the clients of AWS."""
    own = parser()
    arguments = own.parse_args(argv)
    _check(own, arguments)
    # The standard output of --json is JSON only.
    report = partial(print, file=sys.stderr if arguments.json else sys.stdout, flush=True)
    return run_command(
        lambda: _run(arguments, report, reach), interrupted="interrupted; run again to finish"
    )


if __name__ == "__main__":
    # A short run creates many long-lived objects. Frequent garbage collection would free no memory.
    gc.set_threshold(100_000)
    exit_status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Do not wait for uploads that Ctrl-C has left hanging. No other resource is open.
    os._exit(exit_status)
