"""A bucket as a dictionary, and a deployment that does what a plan says."""

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
    """Files with these contents, and other headers than the usual ones where given."""
    files = {key: make_file(key, content.encode(), Serving()) for key, content in contents.items()}
    for key, other in (headers or {}).items():
        files[key] = replace(files[key], headers=other)
    return files


@dataclass
class Stored:
    content: bytes
    headers: Headers
    modified: float

    @property
    def etag(self) -> str:
        # As S3's, it knows nothing of headers.
        return hashlib.sha1(self.content, usedforsecurity=False).hexdigest()

    @property
    def entry(self) -> Entry:
        return Entry(checksum(self.content), self.headers, self.etag, len(self.content), "")


@dataclass
class ModelBucket:
    """`asked` are the keys that the manifest could not tell about, last time."""

    objects: dict[str, Stored] = field(default_factory=dict)
    manifest: Manifest = field(default_factory=Manifest)
    written: float = 0.0
    asked: list[str] = field(default_factory=list)

    def listing(self) -> dict[str, Listed]:
        found = {
            key: Listed(each.etag, len(each.content), datetime.fromtimestamp(each.modified, UTC))
            for key, each in self.objects.items()
        }
        if self.written:
            found[MANIFEST_KEY] = Listed("m", 1, datetime.fromtimestamp(self.written, UTC))
        return found

    def plan(self, files: Mapping[str, File], options: Options, now: float) -> Plan:
        listing = self.listing()
        known = known_by_manifest(listing, self.manifest)
        listing.pop(MANIFEST_KEY, None)
        self.asked = keys_to_request(files, listing, known)
        known |= {key: self.objects[key].entry for key in self.asked}
        self.seen = Seen(self.manifest, listing, known, bool(self.asked), files, ())
        return plan(self.seen, options, Serving(), now)

    def deploy(self, files: Mapping[str, File], options: Options, now: float) -> Plan:
        todo = self.plan(files, options, now)
        if todo.is_empty:
            return todo
        for file in todo.uploads:
            self.objects[file.key] = Stored(file.read(), file.headers, now)
        for key in todo.delete:
            del self.objects[key]
        uploaded = {each.key: self.objects[each.key].entry for each in todo.uploads}
        stale = {key: since for key, since in todo.stale.items() if key not in todo.delete}
        self.manifest = Manifest(files={**todo.known, **uploaded}, stale=stale)
        self.written = now
        return todo
