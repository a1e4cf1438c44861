"""What a deployment remembers, kept in the bucket under a prefix that is not served.

A listing tells a key's ETag and size, not its checksum or headers. The manifest has both, so a run
in which nothing has changed need not ask for each file.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from infra.site.errors import Misconfigured, Refused
from infra.site.files import MANIFEST_PREFIX
from infra.site.headers import Headers

MANIFEST_KEY = f"{MANIFEST_PREFIX}manifest.json"
FORMAT = 1
HISTORY = 10


class Entry(NamedTuple):
    """An object as we left it. `etag` and `size` are as a listing shows them; the ETag is only
    compared with another ETag, never taken for a digest of the content."""

    sha256: str
    content_type: str
    cache_control: str
    etag: str
    size: int
    version: str

    @property
    def headers(self) -> Headers:
        return Headers(self.content_type, self.cache_control)


class Past(NamedTuple):
    """An earlier release, by the version of the manifest that describes it."""

    release: str
    manifest_version: str


@dataclass(frozen=True)
class Pending:
    """An intent: written before the first overwrite, removed when CloudFront has accepted.

    `touched` are keys that may have been overwritten, so that what the manifest says about them
    is not to be believed.
    """

    reference: str
    paths: tuple[str, ...]
    touched: tuple[str, ...]


@dataclass(frozen=True)
class Manifest:
    """`stale` says since when (Unix time) a key in the bucket has not been part of the site."""

    release: str = ""
    files: Mapping[str, Entry] = field(default_factory=dict)
    stale: Mapping[str, float] = field(default_factory=dict)
    history: tuple[Past, ...] = ()
    pending: Pending | None = None
    invalidation: str = ""

    def content(self) -> dict[str, tuple[str, Headers]]:
        """What the release consists of, whenever and however it was uploaded."""
        return {key: (entry.sha256, entry.headers) for key, entry in self.files.items()}

    def encode(self) -> bytes:
        pending = self.pending
        document = {
            "format": FORMAT,
            "release": self.release,
            "invalidation": self.invalidation,
            "pending": pending and [pending.reference, pending.paths, pending.touched],
            "history": self.history,
            "stale": dict(self.stale),
            "files": dict(self.files),
        }
        return json.dumps(document, separators=(",", ":")).encode()


def decode(text: bytes) -> Manifest:
    """Raises `Misconfigured` if a later program wrote it, `Refused` if none of ours did."""
    try:
        document = json.loads(text)
        if document["format"] > FORMAT:
            raise Misconfigured("a newer version of this program has deployed here; update yours")
        pending = document["pending"]
        return Manifest(
            release=document["release"],
            files={key: Entry(*entry) for key, entry in document["files"].items()},
            stale=document["stale"],
            history=tuple(Past(*past) for past in document["history"]),
            pending=pending and Pending(pending[0], tuple(pending[1]), tuple(pending[2])),
            invalidation=document["invalidation"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(f"{MANIFEST_KEY} in the bucket cannot be read: {error!r}") from error
