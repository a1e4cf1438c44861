"""One release: read the bucket, create a plan, and write in the order that keeps the site whole.

docs/site.md has the protocol and its reasons. The tests run every interleaving of the calls of two
deployments, and end a deployment at every call.
"""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.site.bucket import Bucket, Version
from infra.site.clients import ClientOf, Workers
from infra.site.errors import Conflict, NotDeleted
from infra.site.files import File
from infra.site.headers import Phase
from infra.site.invalidation import Distribution
from infra.site.look import look, read_contents
from infra.site.manifest import Entry, Manifest, Pending
from infra.site.plan import Options, Plan, Seen, plan
from infra.site.target import Target
from tools.progress import Report

_SHOWN = {Phase.ASSETS: "assets", Phase.CONFIG: "other files", Phase.PAGES: "pages"}


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
            "uploaded_bytes": sum(file.size for file in self.plan.uploads),
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
    distribution = Distribution(client_of, target.distribution)
    with Workers(options.workers) as workers:
        bucket = Bucket(client_of("s3"), target.bucket, target.account, new_id(), workers)
        seen = look(bucket, source, target, options)
        todo = plan(seen, options, target.serving, now())
        if options.rollback:
            read_contents(bucket, todo)
        for warning in todo.warnings:
            report(f"warning: {warning}")
        if options.dry_run:
            return Summary(todo)
        summary = Summary(todo, invalidation=seen.manifest.invalidation)
        if not todo.is_empty:
            done = Run(bucket, distribution, seen, todo, report, seen.manifest).carry_out()
            if not options.no_verify:
                from infra.site.verify import verify  # most runs verify no file

                verify(bucket, done, todo)
            summary = Summary(todo, done.release, done.invalidation)
    if options.wait and summary.invalidation:
        distribution.wait(summary.invalidation)
    return summary


@dataclass
class Run:
    """One deployment that has changes to make or to record, in the six steps of `docs/site.md`.

    Each step may be the last, so it comes after the record that the next run needs to continue.
    `manifest` is the manifest that this run has written last, or read. If the bucket's manifest has
    another ETag, another run has overtaken this run.
    """

    bucket: Bucket
    distribution: Distribution
    seen: Seen
    todo: Plan
    report: Report
    manifest: Manifest

    def carry_out(self) -> Manifest:
        """Take all steps. Return the manifest of the site.

        Raises `NotDeleted` if S3 has kept a file, and `Conflict` if another deployment has begun.
        Before a `Conflict`, this reverts all its writes that overwrote another deployment's files.
        """
        # Read before the claim, so that later uploads are not among them.
        condemned = self.bucket.list_versions(self.todo.destroy) if self.todo.destroy else []
        self._claim()
        try:
            files = self._upload()
            undeleted = self.bucket.delete(Version(key) for key in self.todo.hide)
            invalidation = self._invalidate()
            self._record(files, undeleted, invalidation)
        except Exception:
            # The caller needs the first error, even if S3 is no longer reachable.
            with suppress(BotoCoreError, ClientError):
                self._take_back()
            raise
        if condemned and not undeleted:
            undeleted = self._destroy(condemned)
        if undeleted:
            reasons = ", ".join(f"{key} ({reason})" for key, reason in undeleted.items())
            raise NotDeleted(f"S3 did not delete {reasons}; run again")
        return self.manifest

    def _claim(self) -> None:
        """Write the keys and paths to change (step 1), if any.

        Raises `Conflict` if another run has changed the manifest since this run read it. The new
        claim includes the claim of an unfinished run.
        """
        before, uploads = self.manifest, self.todo.uploads
        if not (uploads or self.todo.delete or before.pending):
            return
        new_assets = {
            file.key
            for file, reason in uploads.items()
            if file.phase is Phase.ASSETS and reason == "new" and file.key not in before.files
        }
        touched = {*(file.key for file in uploads), *self.todo.delete} - new_assets
        touched |= before.touched
        claim = Pending(self.bucket.release, self.todo.invalidate, tuple(sorted(touched)))
        # A rollback shortens the history. If it is killed, the next run needs the longer history.
        history = max(self.seen.history, before.history, key=len)
        self.manifest = self.bucket.write_manifest(replace(before, pending=claim, history=history))

    def _upload(self) -> dict[str, Entry]:
        """Upload the changed files, phase by phase (step 2). Return the files of the site."""
        files = dict(self.todo.known)
        for phase in Phase:
            if uploads := [file for file in self.todo.uploads if file.phase is phase]:
                self.report(f"uploading {len(uploads)} {_SHOWN[phase]}")
                entries = self.bucket.workers.each(self._put, uploads)
                files |= {file.key: entry for file, entry in zip(uploads, entries, strict=True)}
        return files

    def _put(self, file: File) -> Entry:
        return self.bucket.put(file, self.seen.etag_to_replace(file))

    def _invalidate(self) -> str:
        """Invalidate the claimed paths (step 4). Return the id of the latest invalidation."""
        claim = self.manifest.pending
        if not claim or not claim.paths:
            return self.manifest.invalidation
        invalidation = self.distribution.invalidate(claim.reference, claim.paths)
        self.report(f"invalidated {len(claim.paths)} paths")
        return invalidation

    def _record(
        self, files: Mapping[str, Entry], undeleted: Mapping[str, str], invalidation: str
    ) -> None:
        """Write the manifest of the site (step 5). Raises `Conflict` if overtaken.

        Assets to delete stay claimed, unless a page that may name them still exists.
        """
        hidden = set(self.todo.hide) - undeleted.keys()
        condemned = self.todo.destroy if not undeleted else ()
        done = replace(
            self.manifest,
            release=self.bucket.release,
            files=files,
            stale={key: since for key, since in self.todo.stale.items() if key not in hidden},
            history=self.seen.history,
            invalidation=invalidation,
            pending=Pending(self.bucket.release, (), condemned) if condemned else None,
        )
        before = self.seen.manifest
        if done.content() == before.content():
            done = replace(done, release=before.release, history=before.history)
        self.manifest = self.bucket.write_manifest(done)

    def _destroy(self, condemned: Sequence[Version]) -> dict[str, str]:
        """Delete all versions of old assets, and their claim (step 6). Return the failed keys."""
        undeleted = self.bucket.delete(condemned)
        gone = set(self.todo.destroy) - undeleted.keys()
        stale = {key: since for key, since in self.manifest.stale.items() if key not in gone}
        try:
            done = replace(self.manifest, stale=stale, pending=None)
            self.manifest = self.bucket.write_manifest(done)
        except Conflict as conflict:
            self.report(f"the site was published completely, and then changed: {conflict}")
        return undeleted

    def _take_back(self) -> None:
        """Delete this run's late writes, if another run has begun meanwhile.

        The other run has uploaded all the files that it needs of our claim again. Therefore only
        our late writes are on top. Our versions in its manifest are from the manifest of step 5.
        """
        current, claim = self.bucket.read_manifest(), self.manifest.pending
        if not claim or current.etag == self.manifest.etag:
            return
        late = [
            each
            for each in self.bucket.find_own(claim.touched)
            if each.key not in current.files or current.files[each.key].version != each.id
        ]
        hidden = current.files.keys() | current.stale.keys()
        if hide := [key for key in self.todo.hide if key in hidden]:
            late += self.bucket.list_versions(hide, ["DeleteMarkers"])
        self.bucket.delete(late)
        if late and claim.paths:
            self.distribution.invalidate(f"{claim.reference}-undone", claim.paths)
        self.report(f"reverted {len(late)} changes, because another deployment has begun")
