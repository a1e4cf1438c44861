"""Publish the website: upload what has changed to S3, then have CloudFront forget what was there.

    python deploy_site.py --stage dev             build website/ and publish it
    python deploy_site.py --stage dev --dry-run   only say what that would do
    python deploy_site.py --stage dev --rollback  put back the release before

A release that is killed half way leaves a working site; run again, and it is finished. How and why
is in docs/site.md.

exit status: 0 done, or nothing to do; 1 AWS failed; 2 usage or configuration; 3 refused;
4 uploaded but not invalidated (running again finishes)
"""

import argparse
import gc
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    NoRegionError,
    ProfileNotFound,
)

from infra.site.clients import ClientOf, Later, clients
from infra.site.errors import Misconfigured, SiteError
from infra.site.progress import Display
from infra.site.release import Options, Summary, deploy
from infra.site.target import Target, of_stage
from infra.stage import LOCAL_STAGE, Stage, UnknownStage
from tools import node
from tools.progress import Report
from tools.project import PROJECT

__all__ = ["Options", "Summary", "Target", "build", "deploy", "main"]

WEBSITE = PROJECT / "website"
DIST = WEBSITE / "dist"

# What is to be put right here, not at AWS: exit status 2, like `Misconfigured`.
_CONFIGURATION = (
    *(UnknownStage, node.NodeError, OSError),
    *(NoCredentialsError, NoRegionError, ProfileNotFound),
)

ClientsOf = Callable[[str, Options], ClientOf]


def build(report: Report = print, out: Path = DIST) -> Path:
    """Build the website into `out`, and return that. Raises `tools.node.NodeError`."""
    report("building the website")
    node.npm(["run", "build", "--", "--outDir", str(out), "--emptyOutDir"], WEBSITE, report)
    return out


def clients_of(stage: str, options: Options) -> ClientOf:
    """Makes clients for where the stage is: AWS, or the local cloud that runs on this machine."""
    if stage != LOCAL_STAGE:
        return clients({}, options.workers)
    # Only here: a deployment to AWS needs nothing of the local cloud's.
    from local.cloud import become_root_of_the_local_cloud
    from local.home import LocalError, current_home

    try:
        stack = current_home().stack()
    except LocalError as error:
        raise Misconfigured(str(error)) from error
    become_root_of_the_local_cloud()
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"
    where = {"endpoint_url": stack["endpoint_url"], "region_name": stack["region"]}
    return clients(where, options.workers)


def _parser() -> argparse.ArgumentParser:
    about, _, rest = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(
        prog="deploy_site.py",
        description=about,
        epilog=rest,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--stage", required=True, help="a stage of .chalice/config.json")
    add("--source", type=Path, metavar="DIR", help="publish this directory; build nothing")
    add("--no-build", action="store_true", help="publish website/dist as it is")
    add("--dry-run", action="store_true", help="say what would be done, and write nothing")
    add("--json", action="store_true", help="print the plan or the result as JSON, nothing else")
    add("--delete", action="store_true", help="delete what is no longer part of the site")
    add(
        "--allow-delete",
        type=_count,
        metavar="N",
        help="with --delete: up to so many files (default: 20, or a quarter of all)",
    )
    add(
        "--grace-days",
        type=_amount,
        metavar="N",
        default=Options.grace_days,
        help="with --delete: keep assets so long for tabs still open (default: %(default)g)",
    )
    add("--wait", action="store_true", help="wait until no cache holds the older files")
    add(
        "--wait-timeout",
        type=_amount,
        metavar="S",
        default=Options.wait_timeout,
        help="with --wait: for at most so many seconds (default: %(default)g)",
    )
    add(
        "--rollback",
        action="store_true",
        help="put back pages and config of the release before; again: of the one before that",
    )
    add("--adopt", action="store_true", help="take over a bucket that others have filled")
    return parser


def _amount(text: str) -> float:
    amount = float(text)
    if not 0 <= amount < float("inf"):
        raise ValueError(text)
    return amount


def _count(text: str) -> int:
    return int(_amount(str(int(text))))


def _check(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Combinations of which one half would silently do nothing."""
    if arguments.allow_delete is not None and not arguments.delete:
        parser.error("--allow-delete is for --delete")
    if arguments.rollback and (arguments.delete or arguments.source or arguments.no_build):
        parser.error("--rollback puts back what was published: no --delete, --source, --no-build")
    if arguments.source and arguments.no_build:
        parser.error("--source builds nothing; --no-build is for website/dist")


def _run(arguments: argparse.Namespace, display: Display, reach: ClientsOf) -> Summary:
    stage = Stage.load(PROJECT, arguments.stage)
    options = Options(
        delete=arguments.delete,
        allow_delete=arguments.allow_delete,
        grace_days=arguments.grace_days,
        wait=arguments.wait,
        wait_timeout=arguments.wait_timeout,
        rollback=arguments.rollback,
        adopt=arguments.adopt,
        dry_run=arguments.dry_run,
    )
    client_of = reach(stage.name, options)
    target = of_stage(stage, client_of("cloudformation"))
    source = arguments.source or DIST
    if not (arguments.source or arguments.no_build or options.rollback):
        source = build(display.report)
    summary = deploy(
        source,
        target,
        s3=client_of("s3"),
        cloudfront=Later(lambda: client_of("cloudfront")),
        options=options,
        report=display.report,
        progress=display.progress,
    )
    display.close()
    _tell(summary, target, arguments)
    return summary


def _tell(summary: Summary, target: Target, arguments: argparse.Namespace) -> None:
    plan, document = summary.plan, summary.document()
    if arguments.json:
        print(json.dumps(plan.document() if arguments.dry_run else document, indent=2))
        return
    if arguments.dry_run:
        print("\n".join(plan.lines() or ["nothing to do"]))
        print(
            f"nothing was written: {len(plan.uploads)} to upload, {len(plan.known)} unchanged, "
            f"{len(plan.delete)} to delete"
        )
    elif not summary.release:
        print(f"nothing to do: {len(plan.known)} files unchanged at {target.url}")
    else:
        print(
            f"release {summary.release}: {summary.uploaded} uploaded "
            f"({summary.uploaded_bytes:,} bytes), {len(plan.known)} unchanged, "
            f"{summary.deleted} deleted, {len(summary.invalidated)} paths invalidated; "
            f"{target.url}"
        )


def main(argv: Sequence[str] | None = None, reach: ClientsOf = clients_of) -> int:
    """The exit status; see this module's docstring. `reach` is how to reach AWS."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    _check(parser, arguments)
    # What a machine reads must not have anything else in it.
    display = Display(sys.stderr if arguments.json else sys.stdout)
    try:
        _run(arguments, display, reach)
        return 0
    except KeyboardInterrupt:
        status, said = 130, "interrupted; run again to finish"
    except SiteError as error:
        status, said = error.exit_status, str(error)
    except _CONFIGURATION as error:
        status, said = 2, str(error)
    except (ClientError, BotoCoreError) as error:
        status, said = 1, str(error)
    finally:
        display.close()
    print(f"error: {said}", file=sys.stderr)
    return status


if __name__ == "__main__":
    # A short run makes much that lasts, and looking through it again and again frees nothing.
    gc.set_threshold(100_000)
    exit_status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Without waiting for uploads that Ctrl-C has left hanging; nothing else is open.
    os._exit(exit_status)
