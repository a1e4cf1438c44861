"""Plan a deployment's changes without any request."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from infra.site.bucket import Listed
from infra.site.clients import WORKERS
from infra.site.errors import Refused, itemize
from infra.site.files import File
from infra.site.headers import UNKNOWN_TYPE, Phase, Serving
from infra.site.invalidation import fold, paths_of
from infra.site.manifest import Entry, Manifest, Past

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
    rollback: bool = False
    adopt: bool = False
    dry_run: bool = False
    no_verify: bool = False
    workers: int = WORKERS


class Seen(NamedTuple):
    """The state of the bucket and the site before any write.

    `objects` are the bucket's objects without the manifest. `known` has the checksums and headers
    that are known. `asked` is true if this took requests for single files, which a new manifest
    saves. `files` are the files of the new site. `history` is the history of the new release.
    """

    manifest: Manifest
    objects: Mapping[str, Listed]
    known: Mapping[str, Entry]
    asked: bool
    files: Mapping[str, File]
    history: tuple[Past, ...]

    def etag_to_replace(self, file: File) -> str | None:
        """Return the ETag of the object to overwrite, "" to create one, or None for any object.

        Two deployments that overwrite an asset write identical content. Their pages may differ, so
        the later deployment must fail.
        """
        if file.phase is Phase.ASSETS:
            return None
        return self.objects[file.key].etag if file.key in self.objects else ""


@dataclass(frozen=True)
class Plan:
    """The planned changes of a deployment.

    `uploads` has the files in the order of their uploads. `known` has the unchanged objects.
    `stale` has the keys in the bucket that are not in the site, and since when. Of these, `hide`
    are the keys to hide behind a delete marker. `destroy` are the assets to delete with all
    versions. An empty plan changes no object, and the manifest is up to date.
    """

    uploads: Mapping[File, Reason]
    known: Mapping[str, Entry]
    stale: Mapping[str, float]
    hide: tuple[str, ...]
    destroy: tuple[str, ...]
    invalidate: tuple[str, ...]
    warnings: tuple[str, ...]
    is_empty: bool

    @property
    def delete(self) -> tuple[str, ...]:
        return tuple(sorted(self.hide + self.destroy))

    def document(self) -> dict[str, Any]:
        """Return the plan as JSON data, for programs."""
        return {
            "upload": [
                {"key": file.key, "reason": reason, "size": file.size}
                for file, reason in self.uploads.items()
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
            *(f"upload      {file.key}  ({reason})" for file, reason in self.uploads.items()),
            *(f"delete      {key}" for key in self.delete),
            *(f"invalidate  {path}" for path in self.invalidate),
        ]


def plan(seen: Seen, options: Options, serving: Serving, now: float) -> Plan:
    """Compare the site with the bucket.

    An object that is not known counts as different. `now` is Unix time. Raises `Refused` if the
    plan would delete too many files.
    """
    manifest, pending, objects = seen.manifest, seen.manifest.pending, seen.objects
    uploads, unchanged = dict[File, Reason](), dict[str, Entry]()
    for file in sorted(seen.files.values(), key=lambda file: (file.phase, file.key)):
        if reason := _reason(file, seen):
            uploads[file] = reason
        else:
            unchanged[file.key] = seen.known[file.key]
    stale = {key: manifest.stale.get(key, now) for key in sorted(objects.keys() - seen.files)}
    hide = tuple(key for key in stale if options.delete and not serving.is_immutable(key))
    destroy = tuple(
        key
        for key, since in stale.items()
        if options.delete and serving.is_immutable(key) and now - since >= options.grace_days * DAY
    )
    warnings = list(_warnings(uploads))
    if pending and (hide or destroy):
        # The earlier deployment may still upload its pages, which may name any of these files.
        warnings.append(
            f"an earlier deployment has not ended, so {len(hide + destroy)} files are not deleted "
            "yet; run again to delete them"
        )
        hide = destroy = ()
    _refuse_too_many(hide + destroy, len(objects), options)
    paths = paths_of({*(file.key for file in uploads), *hide}, serving)
    paths |= set(pending.paths if pending else ())
    invalidate = tuple(fold(paths, seen.files.keys() | objects, serving))
    is_recorded = unchanged == manifest.files and stale.keys() <= manifest.stale.keys()
    has_changes = bool(uploads or hide or destroy or invalidate or pending or seen.asked)
    return Plan(
        uploads=uploads,
        known=unchanged,
        stale=stale,
        hide=hide,
        destroy=destroy,
        invalidate=invalidate,
        warnings=tuple(warnings),
        is_empty=is_recorded and not has_changes,
    )


def _reason(file: File, seen: Seen) -> Reason | None:
    entry = seen.known.get(file.key)
    if file.key not in seen.objects:
        return "new"
    if entry is None or entry.sha256 != file.sha256:
        return "content"
    if entry.headers != file.headers:
        return "headers"
    return "again" if file.key in seen.manifest.touched else None


def _refuse_too_many(delete: tuple[str, ...], total: int, options: Options) -> None:
    usual = max(FEW_DELETES, int(total * SMALL_SHARE))
    most = usual if options.allow_delete is None else options.allow_delete
    if len(delete) > most:
        message = f"{len(delete)} of {total} files would be deleted, which is more than {most}"
        command = f"to delete them, pass --allow-delete {len(delete)}:"
        raise Refused(itemize(f"{message}; {command}", delete))


def _warnings(uploads: Mapping[File, Reason]) -> Iterator[str]:
    for file, reason in uploads.items():
        if file.headers.content_type == UNKNOWN_TYPE:
            yield (
                f"{file.key}: unknown type, served as {UNKNOWN_TYPE}; "
                "set site_content_types in .chalice/config.json"
            )
        if reason == "content" and file.phase is Phase.ASSETS:
            yield (
                f"{file.key}: the content changed under an immutable name; "
                "browsers may keep the older content"
            )
