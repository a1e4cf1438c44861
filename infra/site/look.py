"""Read the bucket and the site before any write."""

from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path

from infra.site.bucket import Bucket, Listed
from infra.site.errors import Refused, itemize
from infra.site.files import MANIFEST_PREFIX, File, collect
from infra.site.headers import Phase, Serving
from infra.site.manifest import HISTORY, MANIFEST_KEY, Entry, Manifest, Past
from infra.site.plan import Options, Plan, Seen
from infra.site.target import Target


def look(bucket: Bucket, source: Path, target: Target, options: Options) -> Seen:
    """Read the bucket, and the files to publish: of `source`, or of the previous release.

    Raises `Refused` if another program has put files into the bucket, or if there is no release to
    roll back to.
    """
    listing_of = bucket.workers.start(bucket.read_listing)
    manifest_of = bucket.workers.start(bucket.read_manifest)
    files = {} if options.rollback else collect(source, target.config, target.serving)
    listing, manifest = listing_of(), manifest_of()
    history = _add_present(manifest)
    if options.rollback:
        files, history = _read_previous(bucket, manifest, target.serving)
    known = known_by_manifest(listing, manifest)
    objects = {key: each for key, each in listing.items() if not key.startswith(MANIFEST_PREFIX)}
    if objects and not manifest.etag and not options.adopt:
        raise Refused(
            f"bucket {bucket.name} holds {len(objects)} files of another program; "
            "pass --adopt to make them this site"
        )
    unsure = keys_to_request(files, objects, known)
    heads = bucket.heads(unsure)
    for key in unsure:
        if key not in heads:
            del objects[key]
            continue
        objects[key] = objects[key]._replace(etag=heads[key].etag)
        # Another deployment may still revert its own writes, except for assets. Only a version that
        # a finished deployment has written is permanent.
        recorded = manifest.files.get(key)
        is_permanent = recorded and recorded.version == heads[key].version
        if is_permanent or files[key].phase is Phase.ASSETS:
            known[key] = heads[key]
    return Seen(manifest, objects, known, bool(unsure), files, history)


def known_by_manifest(listing: Mapping[str, Listed], manifest: Manifest) -> dict[str, Entry]:
    """Return the objects that certainly still match the manifest.

    An object does not match if its ETag or size differs, or if an unfinished deployment may have
    written it. It also does not match if it is newer than the manifest, because a change of only
    the headers leaves the ETag unchanged.
    """
    if MANIFEST_KEY not in listing:
        return {}
    written, touched = listing[MANIFEST_KEY].modified, manifest.touched
    return {
        key: entry
        for key, entry in manifest.files.items()
        if (listed := listing.get(key))
        and (listed.etag, listed.size) == (entry.etag, entry.size)
        and listed.modified <= written
        and key not in touched
    }


def keys_to_request(
    files: Mapping[str, File], objects: Mapping[str, Listed], known: Mapping[str, Entry]
) -> list[str]:
    """Return the keys that need a request to S3 to find out if they are unchanged."""
    return [
        key
        for key, file in files.items()
        if key in objects and key not in known and objects[key].size == file.size
    ]


def _add_present(manifest: Manifest) -> tuple[Past, ...]:
    """Return the history with the last completed release.

    The manifest of an unfinished release still describes the last completed release.
    """
    is_there_already = manifest.release in {each.release for each in manifest.history}
    if not manifest.release or is_there_already or manifest.version in ("", "null"):
        return manifest.history
    return (*manifest.history, Past(manifest.release, manifest.version))[-HISTORY:]


def _read_previous(
    bucket: Bucket, manifest: Manifest, serving: Serving
) -> tuple[dict[str, File], tuple[Past, ...]]:
    """Return the files of the previous release, and the history before it.

    If the current release is unfinished, the previous release is the last completed release.
    """
    for index in reversed(range(len(manifest.history))):
        past = bucket.read_manifest(manifest.history[index].manifest_version)
        if manifest.pending is None and past.content() == manifest.content():
            continue  # deployed again meanwhile, so a rollback would change no file
        files = {}
        for key, entry in past.files.items():
            phase = serving.phase_of(key)
            version = "" if phase is Phase.ASSETS else entry.version
            read = cache(partial(bucket.read, key, version))
            files[key] = File(key, entry.sha256, entry.size, entry.headers, phase, read)
        return files, manifest.history[:index]
    raise Refused("there is no earlier release to roll back to")


def read_contents(bucket: Bucket, todo: Plan) -> None:
    """Read the contents of a rollback, which keep them in memory, before any overwrite.

    Raises `Refused` if a file's content is gone.
    """
    gone = [
        file.key
        for file, reason in todo.uploads.items()
        if file.phase is Phase.ASSETS and reason in ("new", "content")
    ]
    if gone:
        raise Refused(itemize("the earlier release needs assets that are gone:", gone))
    bucket.workers.each(lambda file: file.read(), todo.uploads)
