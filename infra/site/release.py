"""Deploy a site: look at the bucket, plan, and carry out the plan."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from infra.site import invalidation
from infra.site.bucket import Bucket
from infra.site.files import collect
from infra.site.look import look, look_back, with_contents
from infra.site.plan import DAY, Plan, Rules, plan
from infra.site.progress import Progress, silent
from infra.site.run import Run
from infra.site.target import Target
from infra.site.workers import Workers
from tools.progress import Report


@dataclass(frozen=True)
class Options:
    """What a person asks for; `deploy_site.py --help` explains each."""

    delete: bool = False
    allow_delete: int | None = None
    grace_days: float = 7.0
    wait: bool = False
    wait_timeout: float = 900.0
    rollback: bool = False
    adopt: bool = False
    dry_run: bool = False
    no_verify: bool = False
    workers: int = 16


@dataclass(frozen=True)
class Summary:
    """What has been done; `release` is "" if nothing had to be, or was only planned."""

    plan: Plan = field(repr=False)
    release: str = ""
    uploaded: int = 0
    uploaded_bytes: int = 0
    deleted: int = 0
    invalidated: tuple[str, ...] = ()
    invalidation: str = ""

    def document(self) -> dict[str, Any]:
        """For machines."""
        return {
            "release": self.release,
            "uploaded": self.uploaded,
            "uploaded_bytes": self.uploaded_bytes,
            "unchanged": len(self.plan.known),
            "deleted": self.deleted,
            "invalidated": list(self.invalidated),
            "invalidation": self.invalidation,
        }


def new_release_id() -> str:
    """Never the same twice, and in the order of time."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def deploy(
    source: Path,
    target: Target,
    *,
    s3: Any,
    cloudfront: Any,
    options: Options = Options(),
    report: Report = print,
    progress: Progress = silent,
    now: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
    new_id: Callable[[], str] = new_release_id,
) -> Summary:
    """Make the bucket hold what `source` holds or, with `rollback`, what it held before.

    `report` is given lines, `progress` what a bar shows. Raises the errors of
    `infra.site.errors`, and botocore's.
    """
    bucket, serving = Bucket(s3, target.bucket, target.account), target.serving
    rules = Rules(options.delete, options.grace_days * DAY, options.allow_delete)
    with Workers(options.workers) as workers:
        if options.rollback:
            seen = look_back(bucket, serving, options.adopt, workers)
        else:
            files = partial(collect, source, target.config, serving)
            seen = look(bucket, files, options.adopt, workers)
        todo = plan(seen.files, seen.listing, seen.known, seen.manifest, rules, serving, now())
        if options.rollback:
            todo = with_contents(todo, workers)
        for warning in todo.warnings:
            report(f"warning: {warning}")
        if options.dry_run:
            return Summary(todo)
        summary = Summary(todo, invalidation=seen.manifest.invalidation)
        if not todo.is_empty or seen.asked:
            run = Run(
                bucket, cloudfront, target.distribution, seen, todo, workers, report, progress
            )
            done = run.carry_out(new_id())
            if not options.no_verify:
                from infra.site.verify import verify  # most runs have nothing to verify

                verify(bucket, done, run.etag, todo, workers)
            summary = Summary(
                todo,
                release=done.release,
                uploaded=len(todo.uploads),
                uploaded_bytes=sum(each.file.size for each in todo.uploads),
                deleted=len(todo.delete),
                invalidated=run.claimed.paths if run.claimed else (),
                invalidation=done.invalidation,
            )
    if options.wait and summary.invalidation:
        invalidation.wait(
            cloudfront,
            target.distribution,
            summary.invalidation,
            options.wait_timeout,
            now,
            sleep,
            progress,
        )
    return summary
