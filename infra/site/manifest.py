"""The manifest: the record of the published site, in the bucket under a prefix that is not served.

A listing has each key's ETag and size, but not its checksum or headers. The manifest has all of
them, so a run without changes needs no request for each file.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from infra.site.errors import Misconfigured, Refused
from infra.site.files import MANIFEST_PREFIX
from infra.site.headers import Headers

MANIFEST_KEY = f"{MANIFEST_PREFIX}manifest.json"
FORMAT = 2
HISTORY = 10


class Entry(NamedTuple):
    """An uploaded object, with `etag` and `size` from a listing.

    The ETag is only compared with another ETag, never used as a digest of the content.
    """

    sha256: str
    headers: Headers
    etag: str
    size: int
    version: str


class Past(NamedTuple):
    """An earlier release, by the version of the manifest that describes it."""

    release: str
    manifest_version: str


class Pending(NamedTuple):
    """A claim: created before a deployment's first write, and removed after the last write.

    `touched` are the keys that may be overwritten or deleted. Their entries in the manifest are
    void. A deployment that takes over uploads the keys that it needs again.
    """

    reference: str
    paths: Sequence[str]
    touched: Sequence[str]


@dataclass(frozen=True)
class Manifest:
    """The record of the published site.

    `stale` has the keys in the bucket that have left the site, and the Unix time at which they
    left. `etag` and `version` are those of the object that has this manifest, or had it before a
    change. They are "" if no such object exists yet.
    """

    release: str = ""
    files: Mapping[str, Entry] = field(default_factory=dict)
    stale: Mapping[str, float] = field(default_factory=dict)
    history: tuple[Past, ...] = ()
    pending: Pending | None = None
    invalidation: str = ""
    etag: str = field(default="", compare=False)
    version: str = field(default="", compare=False)

    @property
    def touched(self) -> frozenset[str]:
        """The keys that an unfinished deployment may still overwrite or delete."""
        return frozenset(self.pending.touched if self.pending else ())

    def content(self) -> dict[str, tuple[str, Headers]]:
        """Return the release's checksums and headers, independent of the upload."""
        return {key: (entry.sha256, entry.headers) for key, entry in self.files.items()}

    def encode(self, writer: str = "") -> bytes:
        """Return the manifest as JSON, with the id of the run that writes it.

        The id gives all manifests different ETags. Thousands of files share a few pairs of headers.
        Each pair is written once, in `headers`, and a file has the index of its pair.
        """
        index: dict[Headers, int] = {}
        for entry in self.files.values():
            index.setdefault(entry.headers, len(index))
        document = {
            "format": FORMAT,
            "release": self.release,
            "writer": writer,
            "invalidation": self.invalidation,
            "pending": self.pending and self.pending._asdict(),
            "history": [past._asdict() for past in self.history],
            "stale": dict(self.stale),
            "headers": [headers._asdict() for headers in index],
            "files": {
                key: {**entry._asdict(), "headers": index[entry.headers]}
                for key, entry in self.files.items()
            },
        }
        return json.dumps(document, separators=(",", ":")).encode()


def decode(content: bytes) -> Manifest:
    """Return the manifest that `content` encodes.

    Raises `Misconfigured` if a newer version of this program wrote it, and `Refused` if the content
    is no manifest.
    """
    try:
        document = json.loads(content)
        if document["format"] > FORMAT:
            raise Misconfigured("a newer version of this program has deployed here; update yours")
        headers, pending = [Headers(**pair) for pair in document["headers"]], document["pending"]
        return Manifest(
            release=document["release"],
            files={
                key: Entry(**{**entry, "headers": headers[entry["headers"]]})
                for key, entry in document["files"].items()
            },
            stale=document["stale"],
            history=tuple(Past(**past) for past in document["history"]),
            pending=pending and Pending(**pending),
            invalidation=document["invalidation"],
        )
    except (ValueError, LookupError, TypeError) as error:
        raise Refused(f"{MANIFEST_KEY} in the bucket cannot be read: {error!r}") from error
