"""One deployment's writes, in the order that keeps the live site whole.

docs/site.md has the protocol and its reasons. The tests run every interleaving of the calls of two
deployments, and end a deployment at every call.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from botocore.exceptions import BotoCoreError, ClientError

from infra.site import invalidation
from infra.site.bucket import Bucket, Version
from infra.site.clients import ClientOf
from infra.site.errors import Conflict, NotDeleted
from infra.site.headers import Phase
from infra.site.look import Seen
from infra.site.manifest import Entry, Manifest, Pending
from infra.site.plan import Plan, Upload
from infra.site.workers import Workers
from tools.progress import Report

_SHOWN = {Phase.ASSETS: "assets", Phase.CONFIG: "other files", Phase.PAGES: "pages"}


@dataclass
class Run:
    """One deployment that has changes to make or to record, in the six steps of `docs/site.md`.

    Each step may be the last, so it comes after the record that the next run needs to continue.
    `etag` is the ETag of the manifest that this run has written. If the bucket's manifest has
    another ETag, another run has overtaken this run.
    """

    bucket: Bucket
    client_of: ClientOf
    distribution: str
    seen: Seen
    todo: Plan
    workers: Workers
    report: Report
    etag: str = ""
    claimed: Pending | None = None

    def carry_out(self, release: str) -> Manifest:
        """Take all steps. Return the manifest of the site.

        Raises `NotDeleted` if S3 has kept a file, and `Conflict` if another deployment has begun.
        Before a `Conflict`, this reverts all its writes that overwrote another deployment's files.
        """
        # Read before the claim, so that later uploads are not among them.
        kinds, condemned = ("Versions", "DeleteMarkers"), list[Version]()
        if self.todo.destroy:
            condemned = self.bucket.versions(self.todo.destroy, *kinds)
        self.etag, self.bucket.writer = self.seen.loaded.etag, release
        try:
            self._claim(release)
            files = self._upload()
            undeleted = self.bucket.delete(self.todo.hide)
            accepted = self._invalidate()
            done = self._record(release, files, undeleted, accepted)
        except Exception:
            # The caller needs the first error, even if S3 is no longer reachable.
            with suppress(BotoCoreError, ClientError):
                self._take_back()
            raise
        if not undeleted:
            undeleted = self._destroy(condemned, done)
        if undeleted:
            reasons = ", ".join(f"{key} ({reason})" for key, reason in undeleted.items())
            raise NotDeleted(f"S3 did not delete {reasons}; run again")
        return done

    def _claim(self, release: str) -> None:
        """Write the keys and paths to change (step 1), if any.

        Raises `Conflict` if another run has changed the manifest since this run read it. The new
        claim includes the claim of an unfinished run.
        """
        before = self.seen.manifest.pending
        if not (self.todo.uploads or self.todo.delete or before):
            return
        touched = {each.key for each in self.todo.uploads if not self._is_new_asset(each)}
        touched |= {*self.todo.delete, *self.seen.manifest.touched}
        claim = Pending(release, self.todo.invalidate, tuple(sorted(touched)))
        history = self.seen.history_meanwhile
        self._write(replace(self.seen.manifest, pending=claim, history=history), release)
        self.claimed = claim

    def _upload(self) -> dict[str, Entry]:
        """Upload the changed files, phase by phase (step 2). Return the files of the site."""
        files = dict(self.todo.known)
        for phase in Phase:
            if uploads := [each for each in self.todo.uploads if each.phase is phase]:
                self.report(f"uploading {len(uploads)} {_SHOWN[phase]}")
                entries = self.workers.each(self._put, uploads)
                files |= {each.key: entry for each, entry in zip(uploads, entries, strict=True)}
        return files

    def _invalidate(self) -> str:
        """Invalidate the claimed paths (step 4). Return the id of the latest invalidation."""
        if not self.claimed or not self.claimed.paths:
            return self.seen.manifest.invalidation
        accepted = self._invalidate_paths(self.claimed, self.claimed.reference)
        self.report(f"invalidated {len(self.claimed.paths)} paths")
        return accepted

    def _invalidate_paths(self, claim: Pending, reference: str) -> str:
        cloudfront = self.client_of("cloudfront")
        return invalidation.invalidate(cloudfront, self.distribution, reference, claim.paths)

    def _record(
        self, release: str, files: Mapping[str, Entry], undeleted: Mapping[str, str], accepted: str
    ) -> Manifest:
        """Write the manifest of the site (step 5). Raises `Conflict` if overtaken.

        Assets to delete stay claimed, unless a page that may name them still exists.
        """
        before, hidden = self.seen.manifest, set(self.todo.hide) - undeleted.keys()
        condemned = self.todo.destroy if not undeleted else ()
        done = Manifest(
            release=release,
            files=files,
            stale={key: since for key, since in self.todo.stale.items() if key not in hidden},
            history=self.seen.history,
            invalidation=accepted,
            pending=Pending(release, (), condemned) if condemned else None,
        )
        if done.content() == before.content():
            done = replace(done, release=before.release, history=before.history)
        self._write(done, release)
        return done

    def _destroy(self, condemned: list[Version], done: Manifest) -> dict[str, str]:
        """Delete all versions of old assets, and their claim (step 6). Return the failed keys."""
        if not condemned:
            return {}
        undeleted = self.bucket.delete_versions(condemned)
        gone = set(self.todo.destroy) - undeleted.keys()
        stale = {key: since for key, since in done.stale.items() if key not in gone}
        try:
            self._write(replace(done, stale=stale, pending=None), done.release)
        except Conflict as conflict:
            self.report(f"the site was published as it is to be, and then changed: {conflict}")
        return undeleted

    def _take_back(self) -> None:
        """Delete this run's late writes, if another run has begun meanwhile.

        The other run has uploaded all the files that it needs of our claim again. Therefore only
        our late writes are on top. Our versions in its manifest are from the manifest of step 5.
        """
        current = self.bucket.manifest()
        if not self.claimed or current.etag == self.etag:
            return
        manifest = current.manifest
        found = filter(None, self.workers.each(self.bucket.ours, self.claimed.touched))
        late = [
            each
            for each in found
            if each.key not in manifest.files or manifest.files[each.key].version != each.id
        ]
        hidden = manifest.files.keys() | manifest.stale.keys()
        if hide := [key for key in self.todo.hide if key in hidden]:
            late += self.bucket.versions(hide, "DeleteMarkers")
        self.bucket.delete_versions(late)
        if late and self.claimed.paths:
            self._invalidate_paths(self.claimed, f"{self.claimed.reference}-undone")
        self.report(f"took back {len(late)} changes, because another deployment has begun")

    def _write(self, manifest: Manifest, release: str) -> None:
        self.etag = self.bucket.write_manifest(replace(manifest, writer=release), self.etag).etag

    def _is_new_asset(self, upload: Upload) -> bool:
        """Return true if the upload creates an asset that is not in the manifest."""
        known = self.seen.manifest.files
        return upload.phase is Phase.ASSETS and upload.reason == "new" and upload.key not in known

    def _put(self, upload: Upload) -> Entry:
        # Two deployments that overwrite an asset write identical content. Their pages may differ,
        # so the later deployment must fail.
        replaces = None if upload.phase is Phase.ASSETS else upload.replaces
        return self.bucket.put(upload.file, replaces)
