from base64 import urlsafe_b64encode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib import cursor
from chalicelib.errors import InvalidRequest

WHEN = "2026-01-01T00:00:00.000Z"
PARTITION = "alice#items"

#: Keys that a record may have: those of the API, and those of an import.
TIMES = st.just(WHEN) | st.text(min_size=1, max_size=250)
IDS = st.from_regex(r"[A-Za-z0-9_~-]{1,128}", fullmatch=True) | st.text(min_size=1, max_size=500)


def key(created_at: str, id: str) -> dict[str, dict[str, str]]:
    return {"id": {"S": id}, "owner": {"S": PARTITION}, "created_at": {"S": created_at}}


def own(id: str, created_at: str = WHEN) -> dict[str, dict[str, str]]:
    return key(created_at, f"{PARTITION}#{id}")


@example(last=own("x" * 128))  # examples as long as this hardly ever come up
@example(last=key("1767225600", "foreign#key"))
@given(last=st.builds(own, IDS, TIMES) | st.builds(key, TIMES, IDS))
def test_cursor_leads_back_to_its_place(last: dict[str, dict[str, str]]) -> None:
    token = cursor.encode(last, PARTITION, "desc")
    assert cursor.decode(token, PARTITION, "desc") == last


def test_cursor_is_short_and_names_no_owner() -> None:
    token = cursor.encode(own("x" * 128), PARTITION, "desc")
    assert len(token) < 300
    assert "alice" not in token


@given(
    token=st.text(max_size=310)
    | st.binary(max_size=100).map(lambda b: urlsafe_b64encode(b).decode())
)
def test_other_text_is_refused(token: str) -> None:
    with pytest.raises(InvalidRequest):
        cursor.decode(token, PARTITION, "desc")


@given(position=st.integers(0, 200), bit=st.integers(0, 7))
def test_changed_cursor_is_refused(position: int, bit: int) -> None:
    token = cursor.encode(own("x" * 100), PARTITION, "desc")
    position %= len(token) - 1  # the last character's low bits may be unused
    changed = token[:position] + chr(ord(token[position]) ^ 1 << bit) + token[position + 1 :]
    with pytest.raises(InvalidRequest):
        cursor.decode(changed, PARTITION, "desc")


@pytest.mark.parametrize("other", ["bob#items", "alice#notes", "alice"])
def test_cursor_of_another_list_is_refused(other: str) -> None:
    with pytest.raises(InvalidRequest):
        cursor.decode(cursor.encode(own("1"), PARTITION, "desc"), other, "desc")


@pytest.mark.parametrize(
    "place",
    [
        b"",
        b"x",
        b"2026-01-01T00:00:00.000Z/1",  # the form of an earlier release
        b'["2026"]',
        b'["", "1", true]',
        b'["2026", "", false]',
        b'["2026", "%s", true]' % (b"x" * 2048),
        b'["%s", "1", true]' % (b"2" * 1025),
        b'["2026", 1, true]',
        b'["2026", "1", "true"]',
        b"\xff/\xff",
    ],
)
def test_invalid_key_cannot_be_forged(place: bytes) -> None:
    mac = cursor._mac(PARTITION, "desc", place)
    token = urlsafe_b64encode(mac + place).decode().rstrip("=")
    with pytest.raises(InvalidRequest):
        cursor.decode(token, PARTITION, "desc")
