"""The manifest in the bucket: its file format."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.site.errors import Misconfigured, Refused
from infra.site.headers import Headers
from infra.site.manifest import FORMAT, Entry, Manifest, Past, Pending, decode

TEXT = st.text(max_size=8)
LISTS = st.lists(TEXT, max_size=3)
HEADERS = st.builds(Headers, TEXT, TEXT)
ENTRIES = st.builds(Entry, TEXT, HEADERS, TEXT, st.integers(0), TEXT)
MANIFESTS = st.builds(
    Manifest,
    release=TEXT,
    files=st.dictionaries(TEXT, ENTRIES, max_size=3),
    stale=st.dictionaries(TEXT, st.floats(0, 4e9), max_size=3),
    history=st.lists(st.builds(Past, TEXT, TEXT), max_size=3).map(tuple),
    pending=st.none() | st.builds(Pending, TEXT, LISTS, LISTS),
    invalidation=TEXT,
)


@given(MANIFESTS)
def test_encoded_manifest_is_decoded(manifest: Manifest) -> None:
    assert decode(manifest.encode()) == manifest


def test_fields_are_read_by_name() -> None:
    entry = Entry("s", Headers("t", "c"), "e", 1, "v")
    manifest = Manifest("r", {"a": entry}, {"b": 1.0}, (Past("p", "v"),), Pending("r", ["/"], []))
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
        Manifest(files={"a": Entry("", Headers("", ""), "", 0, "")})
        .encode()
        .replace(b'"headers":0', b'"headers":1'),
    ],
)
def test_unreadable_manifest_is_refused(content: bytes) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        decode(content)
