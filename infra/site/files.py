"""The files to publish, and the checks that exclude secrets."""

import base64
import hashlib
import json
import os
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from infra.site.errors import Misconfigured, Refused, itemize
from infra.site.headers import CONFIG_KEY, Headers, Phase, Serving

MANIFEST_PREFIX = "_releases/"

# XML cannot contain these characters, so S3 could not list such a key or delete it in a batch.
# Python reads a name that is not UTF-8 as surrogates.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

_SECRET_NAMES = re.compile(
    r"\.env.*|.*\.(pem|key|p12|pfx)|id_(rsa|dsa|ecdsa|ed25519)(\..*)?", re.IGNORECASE
)
# Exact forms, so that minified code, which contains most short strings, does not match.
_SECRET_CONTENTS = {
    rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY": "contains a private key",
    rb"(?<![A-Za-z0-9])A[KS]IA[A-Z0-9]{16}(?![A-Za-z0-9])": "contains an AWS access key id",
    rb"(?:[Ss]ecret_?[Aa]ccess_?[Kk]ey|SECRET_ACCESS_KEY)[\"']?\s*[=:]\s*[\"']?"
    rb"[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])": "contains an AWS secret access key",
}

Read = Callable[[], bytes]


@dataclass(frozen=True)
class File:
    """A file to publish under `key`. `sha256` is in base64, as S3 requires.

    The upload reads the content again. If it has changed, S3 rejects the upload, because the
    checksum does not match.
    """

    key: str
    sha256: str
    size: int
    headers: Headers
    phase: Phase
    read: Read = field(compare=False, repr=False)


def checksum(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def make_file(key: str, content: bytes, serving: Serving, read: Read | None = None) -> File:
    """Return the file. Without `read`, its content stays in memory."""
    kept = read or (lambda: content)
    return File(key, checksum(content), len(content), *serving.serve(key), kept)


def collect(source: Path, config: Mapping[str, str], serving: Serving) -> dict[str, File]:
    """Return the files of the built site by key, including the generated `config.json`.

    A key is the file's name in composed form, as links have it. macOS may decompose names.
    Raises `Misconfigured` if the directory does not exist. Raises `Refused` if the site has no
    index.html, or contains files that must not become public. The error then names every such file.
    """
    if not source.is_dir():
        raise Misconfigured(f"no directory {source}: build the site, or pass another --source")
    root, found, refusals = os.path.realpath(source), dict[str, File](), list[str]()
    for name, entry in _walk(source, ""):
        key = unicodedata.normalize("NFC", name)
        reason = _refusal_by_name(key, entry, root)
        if not reason:
            read = Path(entry.path).read_bytes
            content = read()
            reasons = (why for what, why in _SECRET_CONTENTS.items() if re.search(what, content))
            reason = next(reasons, "")
            if key in found:
                reason = "two files have this name, composed and decomposed; rename one"
            found[key] = make_file(key, content, serving, read)
        if reason:
            refusals.append(f"{key if key.isprintable() else ascii(key)}: {reason}")
    if refusals:
        raise Refused(itemize("no file was uploaded, because of these:", sorted(refusals)))
    if "index.html" not in found:
        raise Refused(f"{source} has no index.html: build the site, or pass another --source")
    text = json.dumps(dict(config), indent=2, sort_keys=True) + "\n"
    found[CONFIG_KEY] = make_file(CONFIG_KEY, text.encode(), serving)
    return found


def _walk(directory: str | Path, prefix: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Yield keys and files. A link to a directory is not followed, but yielded as a file."""
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(entry.path, f"{prefix}{entry.name}/")
            else:
                yield f"{prefix}{entry.name}", entry


def _refusal_by_name(key: str, entry: os.DirEntry[str], root: str) -> str:
    """Return the reason not to read the file, or "". The directory entry suffices for the check."""
    parts = key.split("/")
    if any(_SECRET_NAMES.fullmatch(part) for part in parts):
        return "its name is usual for a secret"
    if any(part.startswith(".") and part != ".well-known" for part in parts):
        return "hidden files are not published"
    if _UNPRINTABLE.search(key):
        return "its name has a control character, or is not UTF-8; rename it"
    if key.startswith(MANIFEST_PREFIX):
        return f"{MANIFEST_PREFIX} is reserved for the records of deployments"
    if entry.is_symlink() and not os.path.realpath(entry.path).startswith(root + os.sep):
        return "a link that leads out of the site"
    if not os.path.isfile(entry):
        return "neither a file nor a link to one"
    return ""
