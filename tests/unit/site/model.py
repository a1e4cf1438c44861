"""A bucket as a dictionary, and a deployment that carries out a plan."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from infra.site.bucket import Listed
from infra.site.files import File, checksum, make_file
from infra.site.headers import Headers, Serving
from infra.site.look import keys_to_request, known_by_manifest
from infra.site.manifest import MANIFEST_KEY, Entry, Manifest
from infra.site.plan import Options, Plan, Seen, plan


def site(
    contents: Mapping[str, str], headers: Mapping[str, Headers] | None = None
) -> dict[str, File]:
    """Return files with these contents. `headers` replace the usual headers by key."""
    files = {key: make_file(key, content.encode(), Serving()) for key, content in contents.items()}
    for key, other in (headers or {}).items():
        files[key] = replace(files[key], headers=other)
    return files


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@dataclass
class Stored:
    content: bytes
    headers: Headers
    modified: float

    @property
    def etag(self) -> str:
        # Headers do not change it, as in S3.
        return hashlib.sha1(self.content, usedforsecurity=False).hexdigest()

    @property
    def entry(self) -> Entry:
        return Entry(checksum(self.content), self.headers, self.etag, len(self.content), "")


@dataclass
class ModelBucket:
    """`requested` are the keys that the last plan had to read, beyond the manifest."""

    objects: dict[str, Stored] = field(default_factory=dict)
    manifest: Manifest = field(default_factory=Manifest)
    written: float = 0.0
    requested: list[str] = field(default_factory=list)

    def listing(self) -> dict[str, Listed]:
        listing = {
            key: Listed(stored.etag, len(stored.content), _time(stored.modified))
            for key, stored in self.objects.items()
        }
        if self.written:
            listing[MANIFEST_KEY] = Listed("m", 1, _time(self.written))
        return listing

    def plan(self, files: Mapping[str, File], options: Options, now: float) -> Plan:
        listing = self.listing()
        known = known_by_manifest(listing, self.manifest)
        listing.pop(MANIFEST_KEY, None)
        self.requested = keys_to_request(files, listing, known)
        known |= {key: self.objects[key].entry for key in self.requested}
        self.seen = Seen(self.manifest, listing, known, bool(self.requested), files, ())
        return plan(self.seen, options, Serving(), now)

    def deploy(self, files: Mapping[str, File], options: Options, now: float) -> Plan:
        todo = self.plan(files, options, now)
        if todo.is_empty:
            return todo
        for file in todo.uploads:
            self.objects[file.key] = Stored(file.read(), file.headers, now)
        for key in todo.delete:
            del self.objects[key]
        uploaded = {file.key: self.objects[file.key].entry for file in todo.uploads}
        stale = {key: since for key, since in todo.stale.items() if key not in todo.delete}
        self.manifest = Manifest(files={**todo.known, **uploaded}, stale=stale)
        self.written = now
        return todo
