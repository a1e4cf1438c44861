"""How each file is served: its Content-Type and its Cache-Control, and when it is uploaded.

The table is our own. What the operating system believes about file types differs between
machines, so that the same site would be served differently depending on who deploys it.
"""

import re
from enum import IntEnum
from typing import NamedTuple

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
    # JSON is UTF-8 by definition, and XML says itself what it is.
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

# Vite's names: `assets/name-`, 8 characters of base64url, extension. Eight lower-case letters of
# anything but code are far more likely a word (`assets/team-portrait.jpg`, copied from public/),
# which must not be cached for ever.
_HASHED = re.compile(
    r"assets/(?:.+/)?[^/]+-(?![a-z]{8}\.(?!m?js|css))[A-Za-z0-9_-]{8}\.[A-Za-z0-9.]+"
)
_PAGE = re.compile(r".*\.html?", re.IGNORECASE)
_ANY = re.compile(r".*", re.DOTALL)

IMMUTABLE = "public, max-age=31536000, immutable"
# The first that matches the whole key counts.
CACHE_RULES = (
    (_HASHED, IMMUTABLE),
    (_PAGE, "no-cache"),
    (re.compile(re.escape(CONFIG_KEY)), "no-store"),
    (_ANY, "public, max-age=300"),
)


class Headers(NamedTuple):
    """What S3 keeps with an object and serves it with."""

    content_type: str
    cache_control: str


class Phase(IntEnum):
    """The order of uploads; none begins before the one before it has ended."""

    ASSETS = 1  # what pages name must be there before they do
    CONFIG = 2  # config.json, and whatever else is not hashed
    PAGES = 3


def is_immutable(key: str) -> bool:
    """Whether the name changes with the content, so that no cache ever need forget it."""
    return _HASHED.fullmatch(key) is not None


def phase_of(key: str) -> Phase:
    if is_immutable(key):
        return Phase.ASSETS
    return Phase.PAGES if _PAGE.fullmatch(key) else Phase.CONFIG


def headers_of(key: str) -> Headers:
    """An unknown type is `UNKNOWN_TYPE`, with which a browser offers the file for download."""
    extension = key.rpartition("/")[2].rpartition(".")[2].lower()
    cache_control = next(value for rule, value in CACHE_RULES if rule.fullmatch(key))
    return Headers(_TYPES.get(extension, UNKNOWN_TYPE), cache_control)
