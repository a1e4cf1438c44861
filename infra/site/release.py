"""Deploy a site: make each write, in the order that keeps the live site whole.

A live page never names a missing asset. If a deployment is killed at any instant, the next one
finishes its work: see `docs/site.md`.
"""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
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

    `report` is given lines, `progress` what a bar shows. Raises the errors of
    `infra.site.errors`, and botocore's.
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
    """One deployment that has changes to make or to record, in the six steps of `docs/site.md`.

    Each step may be the last, so it comes after the record that the next run needs to continue.
    """

    bucket: Bucket
    cloudfront: Any
    target: Target
    seen: Seen
    todo: Plan
    workers: Workers
    report: Report
    progress: Progress

    def carry_out(self, release: str) -> Summary:
        """Take all steps. Raises `NotDeleted` at the end if S3 has kept any file."""
        etag, pending = self._write_intent(release)
        files = self._upload()
        undeleted = self._delete_mutable()
        accepted = self._invalidate(pending)
        done = self._write_manifest(etag, release, pending, files, undeleted, accepted)
        undeleted |= self._delete_assets()
        if undeleted:
            reasons = ", ".join(f"{key} ({reason})" for key, reason in undeleted.items())
            raise NotDeleted(f"S3 did not delete {reasons}")
        return Summary(
            self.todo,
            release=done.release,
            uploaded=len(self.todo.uploads),
            uploaded_bytes=sum(each.file.size for each in self.todo.uploads),
            deleted=len(self.todo.delete),
            invalidated=pending.paths if pending else (),
            invalidation=accepted,
        )

    def _write_intent(self, release: str) -> tuple[str, Pending | None]:
        """Write the intent if needed (step 1). Return the manifest's ETag and the intent.

        New assets alone need no intent, because no page names them yet. An intent of an earlier run
        keeps its reference if no key is added, because CloudFront may have accepted it already.
        """
        loaded, todo = self.seen.loaded, self.todo
        touched = {each.key for each in todo.uploads if not self._is_new_asset(each)}
        touched.update(_mutable(todo.delete))
        before = loaded.manifest.pending
        if not touched:
            return loaded.etag, before
        touched |= set(before.touched) if before else set()
        pending = Pending(release, todo.invalidate, tuple(sorted(touched)))
        intent = replace(loaded.manifest, pending=pending, history=self.seen.history_meanwhile)
        return self.bucket.write_manifest(intent, loaded.etag), pending

    def _upload(self) -> dict[str, Entry]:
        """Upload the changed files, phase by phase (step 2). Return the files of the site."""
        files, total, done = dict(self.todo.known), len(self.todo.uploads), 0
        for phase in Phase:
            uploads = [each for each in self.todo.uploads if each.phase is phase]
            entries = self.workers.each(self._put, uploads, partial(self._tick, done, total))
            files |= {each.key: entry for each, entry in zip(uploads, entries, strict=True)}
            done += len(uploads)
            if uploads:
                self.report(f"uploaded {len(uploads)} {_SHOWN[phase]}")
        return files

    def _delete_mutable(self) -> dict[str, str]:
        """Delete pages and other mutable files (step 3). Return the undeleted, with S3's reasons.

        This precedes the invalidation. Otherwise an edge could fetch a deleted page again.
        """
        return self.bucket.delete(_mutable(self.todo.delete))

    def _invalidate(self, pending: Pending | None) -> str:
        """Invalidate the intent's paths (step 4). Return the id of the latest invalidation."""
        if not pending or not pending.paths:
            return self.seen.manifest.invalidation
        accepted = invalidation.invalidate(
            self.cloudfront, self.target.distribution, pending.reference, pending.paths
        )
        self.report(f"invalidated {len(pending.paths)} paths")
        return accepted

    def _write_manifest(
        self,
        etag: str,
        release: str,
        pending: Pending | None,
        files: Mapping[str, Entry],
        undeleted: Mapping[str, str],
        accepted: str,
    ) -> Manifest:
        """Write the manifest without the intent, and return it (step 5).

        Raises `Conflict` if another deployment has begun, which may need the assets of step 6.
        """
        before = self.seen.manifest
        deleted = set(_mutable(self.todo.delete)) - undeleted.keys()
        done = Manifest(
            release=pending.reference if pending else release,
            files=files,
            stale={key: since for key, since in self.todo.stale.items() if key not in deleted},
            history=self.seen.history,
            invalidation=accepted,
        )
        if not pending and done.content() == before.content():
            done = replace(done, release=before.release, history=before.history)
        self.bucket.write_manifest(done, etag)
        return done

    def _delete_assets(self) -> dict[str, str]:
        """Delete assets that no page at an edge names any more (step 6). Return as step 3 does."""
        return self.bucket.delete([key for key in self.todo.delete if is_immutable(key)])

    def _is_new_asset(self, upload: Upload) -> bool:
        """Return whether the upload creates an asset that the manifest does not know."""
        known = self.seen.manifest.files
        return upload.phase is Phase.ASSETS and upload.reason == "new" and upload.key not in known

    def _put(self, upload: Upload) -> Entry:
        # Two deployments that overwrite an asset write the same content. Two that overwrite a page
        # may not, so the later one must fail.
        replaces = None if upload.phase is Phase.ASSETS else upload.replaces
        return self.bucket.put(upload.file, replaces)

    def _tick(self, before: int, total: int, done: int) -> None:
        self.progress("uploading", before + done, total)


def _mutable(keys: Sequence[str]) -> list[str]:
    return [key for key in keys if not is_immutable(key)]
