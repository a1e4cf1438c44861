"""Read the bucket and the site before any write."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from infra.site.bucket import Bucket, Listed, Loaded
from infra.site.errors import Refused
from infra.site.files import MANIFEST_PREFIX, File
from infra.site.headers import Phase, Serving
from infra.site.manifest import HISTORY, Entry, Manifest, Past
from infra.site.plan import Options, Plan, known_by_manifest, to_ask_for
from infra.site.workers import Workers


class Seen(NamedTuple):
    """The state of the bucket and the site before any write.

    `files` are the files of the new site. `history` is the history of the new release.
    `history_meanwhile` is the history that the next run needs if this run does not end.
    """

    loaded: Loaded
    listing: Mapping[str, Listed]
    known: Mapping[str, Entry]
    asked: bool  # this run sent requests for single files, which the manifest can save
    files: Mapping[str, File]
    history: tuple[Past, ...]
    history_meanwhile: tuple[Past, ...]

    @property
    def manifest(self) -> Manifest:
        return self.loaded.manifest


def look(
    bucket: Bucket,
    collect: Callable[[], Mapping[str, File]],
    serving: Serving,
    options: Options,
    workers: Workers,
) -> Seen:
    """Read the bucket, and the site to publish: from `collect`, or from the previous release.

    Raises `Refused` if another program has put files into the bucket, or if there is no release to
    roll back to.
    """
    listing_of, manifest_of = workers.start(bucket.listing), workers.start(bucket.manifest)
    files = {} if options.rollback else collect()
    listing, loaded = listing_of(), manifest_of()
    history = meanwhile = _with_present(loaded)
    if options.rollback:
        files, history = _earlier(bucket, loaded.manifest, serving)
        meanwhile = loaded.manifest.history
    strangers = [key for key in listing if not key.startswith(MANIFEST_PREFIX)]
    if strangers and not loaded.etag and not options.adopt:
        raise Refused(
            f"bucket {bucket.name} holds {len(strangers)} files of another program; "
            "pass --adopt to make them this site"
        )
    known = known_by_manifest(listing, loaded.manifest)
    unsure = to_ask_for(files, listing, known)
    for key, entry in zip(unsure, workers.each(bucket.head, unsure), strict=True):
        if entry:
            if files[key].phase is Phase.ASSETS or entry.version == _version(loaded.manifest, key):
                known[key] = entry
            listing[key] = listing[key]._replace(etag=entry.etag)
        else:
            del listing[key]
    return Seen(loaded, listing, known, bool(unsure), files, history, meanwhile)


def _version(manifest: Manifest, key: str) -> str | None:
    """Return the version that a finished deployment has written, the only permanent version.

    Another deployment may still revert its own writes, except for assets.
    """
    return manifest.files[key].version if key in manifest.files else None


def _with_present(loaded: Loaded) -> tuple[Past, ...]:
    """Return the history with the last completed release.

    The manifest of an unfinished release still describes the last completed release.
    """
    release, history = loaded.manifest.release, loaded.manifest.history
    is_there_already = release in {each.release for each in history}
    if not release or is_there_already or loaded.version in ("", "null"):
        return history
    return (*history, Past(release, loaded.version))[-HISTORY:]


def _earlier(
    bucket: Bucket, manifest: Manifest, serving: Serving
) -> tuple[dict[str, File], tuple[Past, ...]]:
    """Return the files of the previous release, and the history before it.

    If the current release is unfinished, the previous release is the last completed release.
    """
    for index in reversed(range(len(manifest.history))):
        past = bucket.manifest(manifest.history[index].manifest_version).manifest
        if manifest.pending is None and past.content() == manifest.content():
            continue  # deployed again meanwhile, so a rollback would change no file
        files = {
            key: File(
                key,
                entry.sha256,
                entry.size,
                entry.headers,
                serving.phase_of(key),
                partial(bucket.read, key, "" if serving.is_immutable(key) else entry.version),
            )
            for key, entry in past.files.items()
        }
        return files, manifest.history[:index]
    raise Refused("there is no earlier release to go back to")


def with_contents(todo: Plan, workers: Workers) -> Plan:
    """Return the plan of a rollback with all contents in memory, before any overwrite.

    Raises `Refused` if a file's content is gone.
    """
    gone = [
        each.key
        for each in todo.uploads
        if each.phase is Phase.ASSETS and each.reason in ("new", "content")
    ]
    if gone:
        raise Refused("the earlier release needs assets that are gone:", gone)
    contents = workers.each(lambda each: each.file.read(), todo.uploads)
    uploads = (
        each._replace(file=replace(each.file, read=partial(bytes, content)))
        for each, content in zip(todo.uploads, contents, strict=True)
    )
    return replace(todo, uploads=tuple(uploads))
