"""Deploy a site: read the bucket, create a plan, and execute the plan."""

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
from infra.site.clients import ClientOf
from infra.site.files import collect
from infra.site.look import look, with_contents
from infra.site.plan import Options, Plan, plan
from infra.site.run import Run
from infra.site.target import Target
from infra.site.workers import Workers
from tools.progress import Report


@dataclass(frozen=True)
class Summary:
    """The result of a run. `release` is "" if there were no changes, or in a dry run."""

    plan: Plan = field(repr=False)
    release: str = ""
    invalidation: str = ""

    def document(self) -> dict[str, Any]:
        """Return the result as JSON data, for programs."""
        return {
            "release": self.release,
            "uploaded": len(self.plan.uploads),
            "uploaded_bytes": sum(each.file.size for each in self.plan.uploads),
            "unchanged": len(self.plan.known),
            "deleted": len(self.plan.delete),
            "invalidated": list(self.plan.invalidate),
            "invalidation": self.invalidation,
        }


def new_release_id() -> str:
    """Return a unique release id that sorts by time."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def deploy(
    source: Path,
    target: Target,
    client_of: ClientOf,
    *,
    options: Options,
    report: Report = print,
    now: Callable[[], float] = time.time,
    new_id: Callable[[], str] = new_release_id,
) -> Summary:
    """Upload the files of `source`, or restore the previous release with `rollback`.

    Raises the errors of `infra.site.errors`, and botocore's errors.
    """
    bucket, serving = Bucket(client_of("s3"), target.bucket, target.account), target.serving
    files = partial(collect, source, target.config, serving)
    with Workers(options.workers) as workers:
        seen = look(bucket, files, serving, options, workers)
        todo = plan(seen.files, seen.listing, seen.known, seen.manifest, options, serving, now())
        if options.rollback:
            todo = with_contents(todo, workers)
        for warning in todo.warnings:
            report(f"warning: {warning}")
        if options.dry_run:
            return Summary(todo)
        summary = Summary(todo, invalidation=seen.manifest.invalidation)
        if not todo.is_empty or seen.asked:
            run = Run(bucket, client_of, target.distribution, seen, todo, workers, report)
            done = run.carry_out(new_id())
            if not options.no_verify:
                from infra.site.verify import verify  # most runs verify no file

                verify(bucket, done, run.etag, todo, workers)
            summary = Summary(todo, done.release, done.invalidation)
    if options.wait and summary.invalidation:
        invalidation.wait(
            client_of("cloudfront"),
            target.distribution,
            summary.invalidation,
            options.wait_timeout,
        )
    return summary
