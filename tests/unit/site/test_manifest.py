"""The manifest in the bucket: its file format, and the older format that buckets still have."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.site.errors import Misconfigured, Refused
from infra.site.headers import IMMUTABLE, Headers
from infra.site.manifest import FORMAT, Entry, Manifest, Past, Pending, decode

#: Written by the program of format 1, in a deployment that was killed after its last upload.
FORMAT_1 = (Path(__file__).parent / "manifest_1.json").read_bytes()

TEXT = st.text(max_size=8)
TUPLES = st.lists(TEXT, max_size=3).map(tuple)
HEADERS = st.builds(Headers, TEXT, TEXT)
ENTRIES = st.builds(Entry, TEXT, HEADERS, TEXT, st.integers(0), TEXT)
MANIFESTS = st.builds(
    Manifest,
    release=TEXT,
    files=st.dictionaries(TEXT, ENTRIES, max_size=3),
    stale=st.dictionaries(TEXT, st.floats(0, 4e9), max_size=3),
    history=st.lists(st.builds(Past, TEXT, TEXT), max_size=3).map(tuple),
    pending=st.none() | st.builds(Pending, TEXT, TUPLES, TUPLES),
    invalidation=TEXT,
)


@given(MANIFESTS)
def test_what_is_written_is_read(manifest: Manifest) -> None:
    assert decode(manifest.encode()) == manifest


def test_format_1_is_read() -> None:
    manifest = decode(FORMAT_1)
    assert manifest.release == "20261126T221257Z-d0a8b4c4"
    assert manifest.invalidation == "K5K4KE63GT2W3"
    assert manifest.pending == Pending(
        reference="20261126T221258Z-d57a0b4e",
        paths=("/", "/about/", "/about/index.html", "/favicon.svg", "/index.html"),
        touched=("about/index.html", "favicon.svg", "index.html"),
    )
    assert manifest.history == (
        Past("20261126T221257Z-f738bea6", "4b2b1d40-12d7-4411-ba4e-15cfdc4da447"),
        Past("20261126T221257Z-d0a8b4c4", "396dfbe5-6c60-4045-ab97-bb2f20cb3c03"),
    )
    assert manifest.stale == {"assets/app-aaaa1111.js": 1.8e9, "gone.html": 1.8e9}
    assert len(manifest.files) == 8
    assert manifest.files["assets/lib-cccc3333.js"] == Entry(
        sha256="drWjVzkSdrKCpRb1T0jvPCB/RtgZLcWMII1Rg9OEFfg=",
        headers=Headers("text/javascript; charset=utf-8", IMMUTABLE),
        etag='"e8acc63b1e238f3255c900eed37254b8"',
        size=3,
        version="b1eed56b-a63c-4971-a102-ade38cbdc9f8",
    )


def test_format_1_without_intent_is_read() -> None:
    document = {**json.loads(FORMAT_1), "pending": None}
    assert decode(json.dumps(document).encode()).pending is None


def test_fields_are_read_by_name() -> None:
    manifest = decode(FORMAT_1)
    backwards = json.loads(manifest.encode(), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    assert decode(json.dumps(backwards).encode()) == manifest


def test_newer_format_is_refused() -> None:
    document = {**json.loads(Manifest().encode()), "format": FORMAT + 1}
    with pytest.raises(Misconfigured, match="newer"):
        decode(json.dumps(document).encode())


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"[]", b"{}", b"\xff"),
        *(b'{"format": 1}', b'{"format": 2}', b'{"format": "x"}'),
        FORMAT_1.replace(b'"format":1', b'"format":2'),
        Manifest(files={"a": Entry("", Headers("", ""), "", 0, "")})
        .encode()
        .replace(b'"headers":0', b'"headers":1'),
    ],
)
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        decode(content)
