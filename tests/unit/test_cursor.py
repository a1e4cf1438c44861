from base64 import urlsafe_b64encode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib import cursor
from chalicelib.cursor import Position
from chalicelib.errors import InvalidRequest

WHEN = "2026-01-01T00:00:00.000Z"


@example(item_id="x" * 128)  # examples as long as this hardly ever come up
@given(item_id=st.from_regex(r"[A-Za-z0-9_~-]{1,128}", fullmatch=True))
def test_a_cursor_leads_back_to_its_place(item_id: str) -> None:
    place = Position(WHEN, item_id)
    token = place.cursor("alice", "desc")
    assert Position.of(token, "alice", "desc") == place
    assert len(token) < 300
    assert "alice" not in token


@given(
    token=st.text(max_size=310)
    | st.binary(max_size=100).map(lambda b: urlsafe_b64encode(b).decode())
)
def test_anything_else_is_refused(token: str) -> None:
    with pytest.raises(InvalidRequest):
        Position.of(token, "alice", "desc")


@given(position=st.integers(0, 200), bit=st.integers(0, 7))
def test_a_changed_cursor_is_refused(position: int, bit: int) -> None:
    token = Position(WHEN, "x" * 100).cursor("alice", "desc")
    position %= len(token) - 1  # the last character's low bits may mean nothing
    changed = token[:position] + chr(ord(token[position]) ^ 1 << bit) + token[position + 1 :]
    with pytest.raises(InvalidRequest):
        Position.of(changed, "alice", "desc")


@pytest.mark.parametrize("place", [b"", b"x", b"2026/x", WHEN.encode() + b"/", b"\xff/\xff"])
def test_even_its_owner_cannot_forge_nonsense(place: bytes) -> None:
    mac = cursor._mac("alice", "desc", place)
    token = urlsafe_b64encode(mac + place).decode().rstrip("=")
    with pytest.raises(InvalidRequest):
        Position.of(token, "alice", "desc")
