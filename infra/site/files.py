"""The files to publish, and those that must never be."""

import base64
import hashlib
import json
import os
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from infra.site.errors import Misconfigured, Refused
from infra.site.headers import CONFIG_KEY, Headers, Phase, Serving

MANIFEST_PREFIX = "_releases/"

# XML cannot hold these, so S3 could neither list them as they are nor delete them with others.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ufffe\uffff]")

_SECRET_NAMES = re.compile(
    r"\.env.*|.*\.(pem|key|p12|pfx)|id_(rsa|dsa|ecdsa|ed25519)(\..*)?", re.IGNORECASE
)
# Exact forms, so that minified code, which holds every short string there is, does not match.
_SECRET_CONTENTS = (
    (re.compile(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY"), "holds a private key"),
    (
        re.compile(rb"(?<![A-Za-z0-9])A[KS]IA[A-Z0-9]{16}(?![A-Za-z0-9])"),
        "holds what looks like an AWS access key id",
    ),
    (
        re.compile(
            rb"(?:[Ss]ecret_?[Aa]ccess_?[Kk]ey|SECRET_ACCESS_KEY)[\"']?\s*[=:]\s*[\"']?"
            rb"[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])"
        ),
        "holds what looks like an AWS secret access key",
    ),
)


@dataclass(frozen=True)
class File:
    """Something to publish under `key`. `sha256` is in base64, S3's own form of it.

    The content is read again when it is uploaded; if it is another by then, S3 refuses it, because
    the checksum goes with it.
    """

    key: str
    sha256: str
    size: int
    headers: Headers
    phase: Phase
    read: Callable[[], bytes] = field(compare=False, repr=False)


def checksum(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def file_of(
    key: str, content: bytes, serving: Serving, read: Callable[[], bytes] | None = None
) -> File:
    """Return the file. Without `read` it is kept in memory."""
    kept = read or (lambda: content)
    return File(key, checksum(content), len(content), *serving.serve(key), kept)


def collect(source: Path, config: Mapping[str, str], serving: Serving) -> dict[str, File]:
    """Return the files of the built site, by key, with the generated `config.json` among them.

    A key is the file's name in composed form, as links have it; a Mac may decompose names.
    Raises `Misconfigured` if there is no such directory, `Refused` if the site has no index.html
    or holds anything that must not become public; then the error names every such file.
    """
    if not source.is_dir():
        raise Misconfigured(f"there is no directory {source}")
    root, found, refusals = os.path.realpath(source), dict[str, File](), list[str]()
    for name, entry in _walk(source, ""):
        key = unicodedata.normalize("NFC", name)
        reason = _refusal_by_name(key, entry, root)
        if not reason:
            read = Path(entry.path).read_bytes
            content = read()
            reason = next((why for what, why in _SECRET_CONTENTS if what.search(content)), "")
            if key in found:
                reason = "two files have this name, composed and decomposed; rename one"
            found[key] = file_of(key, content, serving, read)
        if reason:
            refusals.append(f"{key if key.isprintable() else ascii(key)}: {reason}")
    if refusals:
        raise Refused("this must not be published, so nothing was uploaded:", sorted(refusals))
    if "index.html" not in found:
        raise Refused(f"{source} has no index.html; is the site built?")
    text = json.dumps(dict(config), indent=2, sort_keys=True) + "\n"
    found[CONFIG_KEY] = file_of(CONFIG_KEY, text.encode(), serving)
    return found


def _walk(directory: str | Path, prefix: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Keys and files; a link to a directory is not followed but comes as if it were a file."""
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(entry.path, f"{prefix}{entry.name}/")
            else:
                yield f"{prefix}{entry.name}", entry


def _refusal_by_name(key: str, entry: os.DirEntry[str], root: str) -> str:
    """Why the file must not be read at all, or "". The directory has told what is asked here."""
    parts = key.split("/")
    if any(_SECRET_NAMES.fullmatch(part) for part in parts):
        return "its name is that of a secret"
    if any(part.startswith(".") and part != ".well-known" for part in parts):
        return "hidden files are not published"
    if _UNPRINTABLE.search(key):
        return "its name has a control character; rename it"
    if key.startswith(MANIFEST_PREFIX):
        return f"{MANIFEST_PREFIX} is where deployments keep their own records"
    if entry.is_symlink() and not os.path.realpath(entry.path).startswith(root + os.sep):
        return "a link that leads out of the site"
    if not _is_file(entry):
        return "neither a file nor a link to one"
    try:
        key.encode()
    except UnicodeEncodeError:
        return "its name is not UTF-8"
    return ""


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # a link to itself
        return False
