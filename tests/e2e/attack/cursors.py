"""Cursors: one's own, unchanged and in its order, or none."""

import json
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from chalicelib.cursor import Position
from tests.e2e.attack.rows import CHALICE_LOCAL, GATEWAY, Facts, Row

_WHEN = "2026-01-01T00:00:00.000Z"


def _bytes(cursor: str) -> bytes:
    return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


def _text(token: bytes) -> str:
    return urlsafe_b64encode(token).decode().rstrip("=")


def _flipped(bit: int) -> Callable[[Facts], str]:
    def flipped(facts: Facts) -> str:
        token = bytearray(_bytes(facts.cursor))
        token[bit // 8] ^= 1 << bit % 8
        return _text(bytes(token))

    return flipped


def _cut(length: int) -> Callable[[Facts], str]:
    return lambda facts: facts.cursor[:length]


def _encoded(value: object) -> Callable[[Facts], str]:
    """As many a service does it: base64 of DynamoDB's own key, in JSON."""
    return lambda facts: _text(facts.fill_in(json.dumps(value)).encode())


_KEY = {"id": {"S": "VICTIM#treasure"}, "owner": {"S": "VICTIM"}, "created_at": {"S": _WHEN}}

FORGED: dict[str, Callable[[Facts], str]] = {
    "the victim's": lambda facts: facts.foreign_cursor,
    "the victim's place after one's own MAC": lambda facts: _text(
        _bytes(facts.cursor)[:16] + _bytes(facts.foreign_cursor)[16:]
    ),
    "one's own place after the victim's MAC": lambda facts: _text(
        _bytes(facts.foreign_cursor)[:16] + _bytes(facts.cursor)[16:]
    ),
    "both": lambda facts: facts.cursor + facts.foreign_cursor,
    "made for the victim": lambda facts: Position(_WHEN, "treasure").cursor(facts.victim, "desc"),
    "made for nobody": lambda facts: Position(_WHEN, "treasure").cursor("", "desc"),
    "made for the other order": lambda facts: Position(_WHEN, "x").cursor(facts.attacker, "asc"),
    "made with a wrong order": lambda facts: Position(_WHEN, "x").cursor(
        facts.attacker,
        "desc/",  # type: ignore[arg-type] # an order that is none
    ),
    "made with a key for an id": lambda facts: Position(_WHEN, f"{facts.victim}#treasure").cursor(
        facts.attacker, "desc"
    ),
    "made with a time that is none": lambda facts: Position("now", "x").cursor(
        facts.attacker, "desc"
    ),
    "made with digits of another script": lambda facts: Position(
        _WHEN.replace("2026", "٢٠٢٦"), "x"
    ).cursor(facts.attacker, "desc"),
    "made with a slash too many": lambda facts: Position(_WHEN, "a/b").cursor(
        facts.attacker, "desc"
    ),
    "made with a line feed": lambda facts: Position(_WHEN, "a\n").cursor(facts.attacker, "desc"),
    "nothing": lambda facts: "",
    "null": lambda facts: "null",
    "a star": lambda facts: "*",
    "a number": lambda facts: "0",
    "a bare id": lambda facts: "treasure",
    "a bare key": lambda facts: quote(f"{facts.victim}#treasure"),
    "not encoded": lambda facts: quote(f"{_WHEN}/treasure"),
    "a key": _encoded(_KEY),
    "a list": _encoded([_KEY]),
    "text": _encoded("VICTIM#treasure"),
    "a true": _encoded(True),
    "deep JSON": lambda facts: _text(b"[" * 150),
    "pickle": lambda facts: _text(b"\x80\x04cos\nsystem\n(S'id'\ntR."),
    "zeros": lambda facts: _text(b"\0" * 40),
    "a MAC of zeros": lambda facts: _text(b"\0" * 16 + _bytes(facts.cursor)[16:]),
    "no MAC": lambda facts: _text(_bytes(facts.cursor)[16:]),
    "a MAC alone": lambda facts: _text(_bytes(facts.cursor)[:16]),
    "a byte in front": lambda facts: _text(b"\0" + _bytes(facts.cursor)),
    "a byte behind": lambda facts: _text(_bytes(facts.cursor) + b"x"),
    "a NUL behind": lambda facts: facts.cursor + "%00",
    "a line feed behind": lambda facts: facts.cursor + "%0A",
    "padded": lambda facts: facts.cursor + "%3D" * (-len(facts.cursor) % 4 or 4),
    "in standard base64": lambda facts: quote(
        b64encode(b"\xfb\xff" + _bytes(facts.cursor)).decode()
    ),
    "a blank in front": lambda facts: "%20" + facts.cursor,
    "other case": lambda facts: facts.cursor.swapcase(),
    "backwards": lambda facts: facts.cursor[::-1],
    "quoted": lambda facts: f"%22{facts.cursor}%22",
    "twice encoded": lambda facts: "%25" + f"{ord(facts.cursor[0]):02X}" + facts.cursor[1:],
    "301 characters": lambda facts: "A" * 301,
    "8 KB": lambda facts: "A" * 8192,
    "no UTF-8": lambda facts: "%ff%fe",
    **{f"cut to {length}": _cut(length) for length in (1, 2, 3, 21, 22, 23, 40, -1)},
    **{f"with bit {bit} flipped": _flipped(bit) for bit in range(0, 16 * 8 + 26 * 8, 7)},
}


def _row(name: str, cursor: Callable[[Facts], str], **more: Any) -> Row:
    return Row(f"a cursor {name}", path=lambda facts: f"/items?cursor={cursor(facts)}", **more)


ROWS = [
    *(
        _row(name, cursor, long=" flipped" in name and n % 4 != 0)
        for n, (name, cursor) in enumerate(FORGED.items())
    ),
    _row("of 10 MB", lambda facts: "A" * 10_000_000, transport=(GATEWAY, CHALICE_LOCAL)),
    _row("of one's own, unchanged", lambda facts: facts.cursor, expects=200),
    _row(
        "of one's own, percent-encoded",
        lambda facts: "".join(f"%{ord(c):02X}" for c in facts.cursor),
        expects=200,
    ),
    _row("of one's own in the other order", lambda facts: f"{facts.cursor}&order=asc"),
    _row("given twice", lambda facts: f"{facts.cursor}&cursor={facts.foreign_cursor}"),
    _row("given as a list", lambda facts: f"x&cursor[]={facts.foreign_cursor}"),
]
