"""The manifest in the bucket: what is written can be read again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.site.errors import Misconfigured, Refused
from infra.site.manifest import Entry, Manifest, Past, Pending, decode

TEXT = st.text(max_size=8)
TUPLES = st.lists(TEXT, max_size=3).map(tuple)
ENTRIES = st.builds(Entry, TEXT, TEXT, TEXT, TEXT, st.integers(0), TEXT)
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


def test_one_of_a_newer_program_is_left_alone() -> None:
    text = Manifest().encode().replace(b'"format":1', b'"format":2')
    with pytest.raises(Misconfigured, match="newer"):
        decode(text)


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b"\xff", b'{"format": 1}', b'{"format": "x"}'])
def test_anything_else_is_refused(text: bytes) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        decode(text)
