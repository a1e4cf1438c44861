"""Plan a deployment's changes without any request."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from infra.site.bucket import Listed
from infra.site.errors import Refused
from infra.site.files import MANIFEST_PREFIX, File
from infra.site.headers import UNKNOWN_TYPE, Phase, Serving
from infra.site.invalidation import fold, paths_of
from infra.site.manifest import MANIFEST_KEY, Entry, Manifest

#: "again": an unfinished deployment may still overwrite or delete the object.
Reason = Literal["new", "content", "headers", "again"]

DAY = 86_400.0
FEW_DELETES = 20
SMALL_SHARE = 0.25


@dataclass(frozen=True)
class Options:
    """The command's options. `deploy_site.py --help` explains each option.

    Old assets stay for the grace period even with `delete`, because a tab that was opened before
    the release still requests them.
    """

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


class Upload(NamedTuple):
    """A file to upload. `replaces` is the ETag of the object to overwrite, "" for a new object."""

    file: File
    reason: Reason
    replaces: str

    @property
    def key(self) -> str:
        return self.file.key

    @property
    def phase(self) -> Phase:
        return self.file.phase


@dataclass(frozen=True)
class Plan:
    """The planned changes of a deployment.

    `known` has the unchanged objects. `stale` has the keys in the bucket that are not in the site,
    and since when. Of these, `hide` are the keys to hide behind a delete marker. `destroy` are the
    assets to delete with all versions.
    """

    uploads: tuple[Upload, ...]
    known: Mapping[str, Entry]
    stale: Mapping[str, float]
    hide: tuple[str, ...]
    destroy: tuple[str, ...]
    invalidate: tuple[str, ...]
    warnings: tuple[str, ...]
    in_order: bool

    @property
    def delete(self) -> tuple[str, ...]:
        return tuple(sorted(self.hide + self.destroy))

    @property
    def is_empty(self) -> bool:
        """True if the plan changes no object and the manifest is up to date."""
        return not (self.uploads or self.delete or self.invalidate) and self.in_order

    def document(self) -> dict[str, Any]:
        """Return the plan as JSON data, for programs."""
        return {
            "upload": [
                {"key": each.key, "reason": each.reason, "size": each.file.size}
                for each in self.uploads
            ],
            "unchanged": len(self.known),
            "delete": list(self.delete),
            "stale": len(self.stale),
            "invalidate": list(self.invalidate),
            "warnings": list(self.warnings),
        }

    def lines(self) -> list[str]:
        """Return the plan as lines, for people."""
        return [
            *(f"upload      {each.key}  ({each.reason})" for each in self.uploads),
            *(f"delete      {key}" for key in self.delete),
            *(f"invalidate  {path}" for path in self.invalidate),
        ]


def known_by_manifest(listing: Mapping[str, Listed], manifest: Manifest) -> dict[str, Entry]:
    """Return the objects that certainly still match the manifest.

    An object does not match if its ETag or size differs, or if an unfinished deployment may have
    written it. It also does not match if it is newer than the manifest, because a change of only
    the headers leaves the ETag unchanged.
    """
    if MANIFEST_KEY not in listing:
        return {}
    written = listing[MANIFEST_KEY].modified
    touched = manifest.touched
    return {
        key: entry
        for key, entry in manifest.files.items()
        if (listed := listing.get(key))
        and (listed.etag, listed.size) == (entry.etag, entry.size)
        and listed.modified <= written
        and key not in touched
    }


def to_ask_for(
    files: Mapping[str, File], listing: Mapping[str, Listed], known: Mapping[str, Entry]
) -> list[str]:
    """Return the keys that need a request to S3 to find out if they are unchanged."""
    return [
        key
        for key, file in files.items()
        if key in listing and key not in known and listing[key].size == file.size
    ]


def plan(
    files: Mapping[str, File],
    listing: Mapping[str, Listed],
    known: Mapping[str, Entry],
    manifest: Manifest,
    options: Options,
    serving: Serving,
    now: float,
) -> Plan:
    """Compare the site with the bucket.

    `known` has the objects whose checksum and headers are known. A listed object that is not in
    `known` counts as different. `now` is Unix time. Raises `Refused` if the plan would delete too
    many files.
    """
    remote = {key for key in listing if not key.startswith(MANIFEST_PREFIX)}
    pending, paths = manifest.pending, set(manifest.pending.paths if manifest.pending else ())
    uploads, unchanged, touched = [], {}, manifest.touched
    for key, file in files.items():
        reason = _reason(file, key in remote, known.get(key), touched)
        if reason:
            uploads.append(Upload(file, reason, listing[key].etag if key in remote else ""))
        else:
            unchanged[key] = known[key]
    uploads.sort(key=lambda each: (each.phase, each.key))
    stale = {key: manifest.stale.get(key, now) for key in sorted(remote - files.keys())}
    hide = tuple(key for key in stale if options.delete and not serving.is_immutable(key))
    destroy = tuple(
        key
        for key, since in stale.items()
        if options.delete and serving.is_immutable(key) and now - since >= options.grace_days * DAY
    )
    warnings = list(_warnings(uploads, serving))
    if pending and (hide or destroy):
        # The earlier deployment may still upload its pages, which may name any of these files.
        warnings.append(
            f"an earlier deployment has not ended, so {len(hide + destroy)} files are not deleted "
            "yet; run again to delete them"
        )
        hide = destroy = ()
    _refuse_too_many(hide + destroy, len(remote), options)
    changed = {*(each.key for each in uploads), *hide}
    return Plan(
        uploads=tuple(uploads),
        known=unchanged,
        stale=stale,
        hide=hide,
        destroy=destroy,
        invalidate=tuple(fold(paths_of(changed, serving) | paths, files.keys() | remote, serving)),
        warnings=tuple(warnings),
        in_order=unchanged == manifest.files
        and stale.keys() <= manifest.stale.keys()
        and pending is None,
    )


def _reason(
    file: File, is_there: bool, entry: Entry | None, touched: frozenset[str]
) -> Reason | None:
    if not is_there:
        return "new"
    if entry is None or entry.sha256 != file.sha256:
        return "content"
    if entry.headers != file.headers:
        return "headers"
    return "again" if file.key in touched else None


def _refuse_too_many(delete: tuple[str, ...], total: int, options: Options) -> None:
    most = max(FEW_DELETES, int(total * SMALL_SHARE))
    if options.allow_delete is not None:
        most = options.allow_delete
    if len(delete) > most:
        raise Refused(
            f"{len(delete)} of {total} files would be deleted, which is more than {most}; "
            f"if that is right, say --allow-delete {len(delete)}",
            delete,
        )


def _warnings(uploads: list[Upload], serving: Serving) -> Iterator[str]:
    for each in uploads:
        if each.file.headers.content_type == UNKNOWN_TYPE:
            yield (
                f"{each.key}: unknown type, served as {UNKNOWN_TYPE}; "
                "set site_content_types in .chalice/config.json"
            )
        if each.reason == "content" and serving.is_immutable(each.key):
            yield (
                f"{each.key}: this name promises that its content never changes, but it has; "
                "browsers may keep the older one"
            )
