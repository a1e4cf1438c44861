"""Ids: only the allowed characters form ids, in a path or in a body."""

import json
import string

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.unit.attack.conftest import ATTACK, Attacker, examples
from tests.unit.attack.samples import WRITTEN

ALLOWED = string.ascii_letters + string.digits + "._~-"

#: Characters that somebody might take for something else, or might count as a letter or a digit.
UNICODE = (
    "\u202e \u200f e\u0301 é \uff21 \uff03 \ufe5f ♯ \uff0f \uff0e \u2024 \u0430 \u03bf \u212a "
    "\u0131 \u017f ﬁ ² ٣ Ⅳ \u2011 \u2010 \u223c 🏳️‍🌈 \u200b \u200d \u00ad \u00a0 \u2028 \u0085 "
    "\ufeff \uffff \ue000 \U0010ffff \U000e0041 \ud800"
).split(" ")

encoded = st.binary(min_size=1, max_size=4).map(lambda raw: "".join(f"%{byte:02X}" for byte in raw))


def is_id(raw: bytes) -> bool:
    return 1 <= len(raw) <= 128 and raw not in (b".", b"..") and set(raw) <= set(ALLOWED.encode())


def decoded(path: str) -> bytes:
    """Return the bytes of a path's segment, decoded completely."""
    raw = path.encode()
    for number in range(256):
        # A percent sign is in no id, however often it was encoded.
        if number != ord("%"):
            raw = raw.replace(b"%%%02X" % number, bytes([number]))
            raw = raw.replace(b"%%%02x" % number, bytes([number]))
    return raw


@ATTACK
@examples(segment=WRITTEN)
@examples(segment=[f"x%{code:02X}y" for code in (*range(129), 0xA0, 0xC3, 0xFF)])
@given(segment=st.lists(st.sampled_from(ALLOWED) | encoded, min_size=1, max_size=130).map("".join))
def test_path_names_an_id_or_is_rejected(segment: str, attack: Attacker) -> None:
    assume("%2F" not in segment)  # for a router, which does not take it for an id's part
    statuses = (404, 204) if is_id(decoded(segment)) else (400, 400)
    for method, status in zip(("GET", "DELETE"), statuses, strict=True):
        assert attack(method, f"/items/{segment}").status == status


@ATTACK
@examples(item_id=WRITTEN)
@examples(item_id=[f"a{text}" for text in UNICODE])
@examples(item_id=[f"a{chr(code)}b" for code in range(128)])
@given(item_id=st.text(st.sampled_from(ALLOWED + "#/%\n é"), max_size=130) | st.text())
def test_body_has_an_id_or_is_rejected(item_id: str, attack: Attacker) -> None:
    attack.clear()
    body = json.dumps({"id": item_id, "name": "x"})
    status = attack.put(body.encode()).status
    assert status == (201 if is_id(item_id.encode(errors="surrogatepass")) else 400)
    plain = json.dumps({"id": item_id, "name": "x"}, ensure_ascii=False)
    if plain != body:
        again = attack.put(plain.encode(errors="surrogatepass")).status
        assert again == (400 if status == 400 else 200)
