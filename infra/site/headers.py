"""The Content-Type, the Cache-Control and the upload phase of each file.

We have our own table, because the operating system's file types differ between machines. One site
would then have different headers depending on the machine that deploys it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, NamedTuple

from infra.site.errors import Misconfigured

UNKNOWN_TYPE = "application/octet-stream"

_TEXT = {
    "css": "text/css",
    "csv": "text/csv",
    "htm": "text/html",
    "html": "text/html",
    "js": "text/javascript",
    "md": "text/markdown",
    "mjs": "text/javascript",
    "txt": "text/plain",
}
_TYPES = {extension: f"{media_type}; charset=utf-8" for extension, media_type in _TEXT.items()} | {
    # JSON is UTF-8 by definition, and XML declares its own encoding.
    "apple-app-site-association": "application/json",  # a whole name, which Apple requires
    "avif": "image/avif",
    "gif": "image/gif",
    "ico": "image/x-icon",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "json": "application/json",
    "map": "application/json",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "ogg": "audio/ogg",
    "otf": "font/otf",
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
    "ttf": "font/ttf",
    "wasm": "application/wasm",
    "wav": "audio/wav",
    "webm": "video/webm",
    "webmanifest": "application/manifest+json",
    "webp": "image/webp",
    "woff": "font/woff",
    "woff2": "font/woff2",
    "xml": "application/xml",
    "zip": "application/zip",
}

CONFIG_KEY = "config.json"
_PAGE = re.compile(r".*\.html?", re.IGNORECASE)

#: The names that common builders give to files whose content never changes.
IMMUTABLE_NAMES = (
    # Vite: 8 characters of base64url. Except in code files, eight lower-case letters are far more
    # likely a word (`assets/team-portrait.jpg`, copied from public/). Such a file may change.
    r"assets/(?:.+/)?[^/]+-(?![a-z]{8}\.(?!m?js|css))[A-Za-z0-9_-]{8}\.[A-Za-z0-9.]+",
    # Vite with longer hashes. A word never has all three kinds of characters.
    r"assets/(?:.+/)?[^/]+-(?=\w*[0-9])(?=\w*[a-z])(?=\w*[A-Z])[A-Za-z0-9_]{10,64}\.[A-Za-z0-9.]+",
    r"static/(?:js|css|media)/[^/]+\.[0-9a-f]{8,32}\.[A-Za-z0-9.]+",  # Create React App
    r"(?:media/)?[^/]+-[A-Z0-9]{8}\.(?:m?js|css)(?:\.map)?|media/[^/]+-[A-Z0-9]{8}\.\w+",  # Angular
    r"_next/static/.+",  # Next.js
    r"_app/immutable/.+",  # SvelteKit
    # Gatsby, Angular before 17 and other webpack builders: 16, 20 or 32 hexadecimal digits. Digits
    # alone are more likely a date or a number.
    r"(?:.+/)?[^/]+[.-](?=[0-9]*[a-f])[0-9a-f]{16,64}\.(?!html?$)[A-Za-z0-9.]+",
    r"static/[0-9a-f]{32}/.+",  # Gatsby's images
)
IMMUTABLE = "public, max-age=31536000, immutable"


class Headers(NamedTuple):
    """The headers that S3 stores with an object and returns with it."""

    content_type: str
    cache_control: str


class Phase(IntEnum):
    """The order of uploads. Each phase begins after the previous phase has ended."""

    ASSETS = 1  # must exist before the pages that name them
    CONFIG = 2  # config.json, and all other files without a hash
    PAGES = 3


_CACHED = {
    Phase.ASSETS: IMMUTABLE,
    Phase.CONFIG: "public, max-age=300",
    Phase.PAGES: "no-cache",
}


@dataclass(frozen=True)
class Serving:
    """The rules of a stage. A pattern matches the whole key, and the first match applies.

    `types` and `cache_control` override the rules that all stages share.
    """

    immutable: Sequence[str] = IMMUTABLE_NAMES
    types: Mapping[str, str] = field(default_factory=dict)
    cache_control: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_settings(cls, settings: Mapping[str, Any]) -> "Serving":
        """Read the keys `site_…` of a stage's settings. Raises `Misconfigured`."""
        names = settings.get("site_immutable", list(IMMUTABLE_NAMES))
        types = settings.get("site_content_types", {})
        cached = settings.get("site_cache_control", {})
        if not (isinstance(names, list) and isinstance(types, dict) and isinstance(cached, dict)):
            raise Misconfigured(
                "in .chalice/config.json, site_immutable must be a list of patterns; "
                "site_content_types and site_cache_control must be objects with a value for each "
                "pattern"
            )
        for pattern in (*names, *types, *cached):
            try:
                re.compile(pattern)
            except (re.error, TypeError) as error:
                raise Misconfigured(
                    f"{pattern!r} in .chalice/config.json is not a regular expression: {error}"
                ) from error
        return cls(tuple(names), types, cached)

    def is_immutable(self, key: str) -> bool:
        """Return true if the name changes with the content, so that caches keep it forever."""
        return any(re.fullmatch(pattern, key) for pattern in self.immutable)

    def phase_of(self, key: str) -> Phase:
        if self.is_immutable(key):
            return Phase.ASSETS
        return Phase.PAGES if _PAGE.fullmatch(key) else Phase.CONFIG

    def serve(self, key: str) -> tuple[Headers, Phase]:
        """Return the headers and the upload phase of the file.

        An unknown type is `UNKNOWN_TYPE`. A browser then offers the file for download.
        """
        extension, phase = key.rpartition("/")[2].rpartition(".")[2].lower(), self.phase_of(key)
        usual = "no-store" if key == CONFIG_KEY else _CACHED[phase]
        content_type = _first(self.types, key) or _TYPES.get(extension, UNKNOWN_TYPE)
        return Headers(content_type, _first(self.cache_control, key) or usual), phase

    def count(self, keys: Iterable[str]) -> dict[str, int]:
        """Count the keys by the first pattern of immutable names that matches them."""
        patterns = {pattern: pattern for pattern in self.immutable}
        counts = Counter(_first(patterns, key) for key in keys)
        return {pattern: count for pattern, count in counts.items() if pattern}


def _first(rules: Mapping[str, str], key: str) -> str:
    return next((value for pattern, value in rules.items() if re.fullmatch(pattern, key)), "")
