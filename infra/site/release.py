"""Deploying a site: what is written, and in which order.

At no instant does a page that is live name an asset that is not there, and what a deployment that
is killed at any instant leaves undone, the next one does: see `docs/site.md`.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from infra.site import invalidation
from infra.site.bucket import Bucket
from infra.site.errors import NotDeleted
from infra.site.files import collect
from infra.site.headers import Phase, is_immutable
from infra.site.look import Seen, look, look_back, with_contents
from infra.site.manifest import Entry, Manifest, Pending
from infra.site.plan import DAY, Plan, Rules, Upload, plan
from infra.site.progress import Progress, silent
from infra.site.target import Target
from infra.site.workers import Workers
from tools.progress import Report

_SHOWN = {Phase.ASSETS: "assets", Phase.CONFIG: "other files", Phase.PAGES: "pages"}


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

    `report` is given lines, `progress` what a bar shows. Raises `infra.site.errors.SiteError`, and
    botocore's errors as they are.
    """
    bucket = Bucket(s3, target.bucket, target.account)
    rules = Rules(options.delete, options.grace_days * DAY, options.allow_delete)
    with Workers(options.workers) as workers:
        if options.rollback:
            seen = look_back(bucket, options.adopt, workers)
        else:
            seen = look(bucket, partial(collect, source, target.config), options.adopt, workers)
        todo = plan(seen.files, seen.listing, seen.known, seen.manifest, rules, now())
        if options.rollback:
            todo = with_contents(todo, workers)
        for warning in todo.warnings:
            report(f"warning: {warning}")
        if options.dry_run:
            return Summary(todo)
        summary = Summary(todo, invalidation=seen.manifest.invalidation)
        if not todo.is_empty or seen.asked:
            run = _Run(bucket, cloudfront, target, seen, todo, workers, report, progress)
            summary = run.carry_out(new_id())
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


@dataclass
class _Run:
    """One deployment that has something to do, or something to remember."""

    bucket: Bucket
    cloudfront: Any
    target: Target
    seen: Seen
    todo: Plan
    workers: Workers
    report: Report
    progress: Progress

    def carry_out(self, release: str) -> Summary:
        """Each step may be the last; what the next run needs to go on is written before it.

        Pages that are gone are deleted before the invalidation, or an edge could fetch them
        again; assets after it, when no edge serves a page that names them.
        """
        todo, before = self.todo, self.seen.manifest
        etag, pending = self._announce(release)
        files = self._upload()
        retired = [key for key in todo.delete if not is_immutable(key)]
        kept = self.bucket.delete(retired)
        accepted = before.invalidation
        if pending and pending.paths:
            accepted = invalidation.invalidate(
                self.cloudfront, self.target.distribution, pending.reference, pending.paths
            )
            self.report(f"invalidated {len(pending.paths)} paths")
        gone = set(retired) - kept.keys()
        done = Manifest(
            release=before.release,
            files=files,
            stale={key: since for key, since in todo.stale.items() if key not in gone},
            history=before.history,
            invalidation=accepted,
        )
        if pending:
            done = replace(done, release=pending.reference, history=self.seen.history)
        elif done.content() != before.content():
            done = replace(done, release=release, history=self.seen.history)
        # Fails if another deployment has begun, which may count on what would be deleted now.
        self.bucket.write_manifest(done, etag)
        kept |= self.bucket.delete([key for key in todo.delete if is_immutable(key)])
        if kept:
            raise NotDeleted(
                "S3 did not delete " + ", ".join(f"{key} ({why})" for key, why in kept.items())
            )
        return Summary(
            todo,
            release=done.release,
            uploaded=len(todo.uploads),
            uploaded_bytes=sum(each.file.size for each in todo.uploads),
            deleted=len(todo.delete),
            invalidated=pending.paths if pending else (),
            invalidation=accepted,
        )

    def _announce(self, release: str) -> tuple[str, Pending | None]:
        """Write the intent, if one is needed; the manifest's ETag, and what to invalidate.

        For new assets alone it is not: nobody asks for them yet. What an earlier run has announced
        keeps its reference if nothing is added: CloudFront may have accepted it already.
        """
        loaded, todo = self.seen.loaded, self.todo
        touched = {each.key for each in todo.uploads if not self._is_unheard_of(each)}
        touched |= {key for key in todo.delete if not is_immutable(key)}
        before = loaded.manifest.pending
        if not touched:
            return loaded.etag, before
        touched |= set(before.touched) if before else set()
        pending = Pending(release, todo.invalidate, tuple(sorted(touched)))
        intent = replace(loaded.manifest, pending=pending, history=self.seen.history_meanwhile)
        return self.bucket.write_manifest(intent, loaded.etag), pending

    def _is_unheard_of(self, upload: Upload) -> bool:
        known = self.seen.manifest.files
        return upload.phase is Phase.ASSETS and upload.reason == "new" and upload.key not in known

    def _upload(self) -> dict[str, Entry]:
        """Upload what differs, phase by phase; what the site then consists of."""
        files, total, done = dict(self.todo.known), len(self.todo.uploads), 0
        for phase in Phase:
            uploads = [each for each in self.todo.uploads if each.phase is phase]
            entries = self.workers.each(self._put, uploads, partial(self._tick, done, total))
            files |= {each.key: entry for each, entry in zip(uploads, entries, strict=True)}
            done += len(uploads)
            if uploads:
                self.report(f"uploaded {len(uploads)} {_SHOWN[phase]}")
        return files

    def _put(self, upload: Upload) -> Entry:
        # Two deployments that overwrite an asset write the same; of a page, only one may be last.
        replaces = None if upload.phase is Phase.ASSETS else upload.replaces
        return self.bucket.put(upload.file, replaces)

    def _tick(self, before: int, total: int, done: int) -> None:
        self.progress("uploading", before + done, total)
