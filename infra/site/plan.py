"""What a deployment is going to do, decided without doing anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from infra.site.bucket import Listed
from infra.site.errors import Refused
from infra.site.files import MANIFEST_PREFIX, File
from infra.site.headers import UNKNOWN_TYPE, Phase, is_immutable, phase_of
from infra.site.invalidation import fold, paths_of
from infra.site.manifest import MANIFEST_KEY, Entry, Manifest

Reason = Literal["new", "content", "headers"]

DAY = 86_400.0
FEW_DELETES = 20
SMALL_SHARE = 0.25


@dataclass(frozen=True)
class Rules:
    """`delete`: whether anything may be. Assets stay for the grace period even then, because a
    tab that was opened before the release still asks for them."""

    delete: bool = False
    grace_seconds: float = 7 * DAY
    allow_delete: int | None = None


class Upload(NamedTuple):
    """`replaces` is the ETag of the object to overwrite, "" if there is none."""

    file: File
    reason: Reason
    replaces: str

    @property
    def key(self) -> str:
        return self.file.key

    @property
    def phase(self) -> Phase:
        return phase_of(self.file.key)


@dataclass(frozen=True)
class Plan:
    """`known` describes what is unchanged. `stale` is what the bucket has and the site has not,
    and since when; `delete` is the part of it that goes."""

    uploads: tuple[Upload, ...]
    known: Mapping[str, Entry]
    stale: Mapping[str, float]
    delete: tuple[str, ...]
    invalidate: tuple[str, ...]
    warnings: tuple[str, ...]
    in_order: bool

    @property
    def is_empty(self) -> bool:
        """Nothing to do, and nothing to remember."""
        return not (self.uploads or self.delete or self.invalidate) and self.in_order

    def document(self) -> dict[str, Any]:
        """For machines."""
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
        """For people."""
        found = [f"upload      {each.key}  ({each.reason})" for each in self.uploads]
        found += [f"delete      {key}" for key in self.delete]
        found += [f"invalidate  {path}" for path in self.invalidate]
        return found


def known_by_manifest(listing: Mapping[str, Listed], manifest: Manifest) -> dict[str, Entry]:
    """The objects that are surely still as the manifest describes them.

    Not so when ETag or size differ, when a deployment that did not end may have written them, or
    when they were written after the manifest was: new headers alone leave an ETag as it is.
    """
    if MANIFEST_KEY not in listing:
        return {}
    written = listing[MANIFEST_KEY].modified
    touched = set(manifest.pending.touched) if manifest.pending else set()
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
    """The keys about which only S3 itself can tell whether they are unchanged."""
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
    rules: Rules,
    now: float,
) -> Plan:
    """Compare the site with the bucket.

    `known` has the objects whose checksum and headers are known; an object that is listed and not
    in it is taken to differ. `now` is Unix time. Raises `Refused` if too much would be deleted.
    """
    remote = {key for key in listing if not key.startswith(MANIFEST_PREFIX)}
    uploads, unchanged = [], {}
    for key, file in files.items():
        reason = _reason(file, key in remote, known.get(key))
        if reason:
            uploads.append(Upload(file, reason, listing[key].etag if key in remote else ""))
        else:
            unchanged[key] = known[key]
    uploads.sort(key=lambda each: (each.phase, each.key))
    stale = {key: manifest.stale.get(key, now) for key in sorted(remote - files.keys())}
    delete = tuple(key for key, since in stale.items() if _goes(key, now - since, rules))
    _refuse_too_many(delete, len(remote), rules)
    changed = [each.key for each in uploads] + list(delete)
    pending = manifest.pending.paths if manifest.pending else ()
    return Plan(
        uploads=tuple(uploads),
        known=unchanged,
        stale=stale,
        delete=delete,
        invalidate=tuple(fold(paths_of(changed) | set(pending), files.keys() | remote)),
        warnings=tuple(_warnings(uploads)),
        in_order=unchanged == manifest.files
        and stale.keys() <= manifest.stale.keys()
        and manifest.pending is None,
    )


def _reason(file: File, is_there: bool, entry: Entry | None) -> Reason | None:
    if not is_there:
        return "new"
    if entry is None or entry.sha256 != file.sha256:
        return "content"
    return "headers" if entry.headers != file.headers else None


def _goes(key: str, stale_for: float, rules: Rules) -> bool:
    return rules.delete and (not is_immutable(key) or stale_for >= rules.grace_seconds)


def _refuse_too_many(delete: tuple[str, ...], total: int, rules: Rules) -> None:
    most = max(FEW_DELETES, int(total * SMALL_SHARE))
    if rules.allow_delete is not None:
        most = rules.allow_delete
    if len(delete) > most:
        raise Refused(
            f"{len(delete)} of {total} files would be deleted, which is more than {most}; "
            f"if that is right, say --allow-delete {len(delete)}",
            delete,
        )


def _warnings(uploads: list[Upload]) -> list[str]:
    unknown = [
        f"{each.key}: unknown type, served as {UNKNOWN_TYPE}"
        for each in uploads
        if each.file.headers.content_type == UNKNOWN_TYPE
    ]
    reused = [
        f"{each.key}: this name promises that its content never changes, but it has; "
        "browsers may keep the older one"
        for each in uploads
        if each.reason == "content" and is_immutable(each.key)
    ]
    return unknown + reused
