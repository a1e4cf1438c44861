"""Ids: the allowed characters are ids, and nothing else is, however it is written."""

import json
import string
from typing import Any
from urllib.parse import quote

from tests.e2e.attack.rows import CHALICE_LOCAL, GATEWAY, IN_PROCESS, SERVERS, Row, put

ALLOWED = set(string.ascii_letters + string.digits + "._~-")

#: What somebody might take for something else, or might count as a letter or a digit.
UNICODE = {
    "right-to-left override": "\u202e",
    "right-to-left mark": "\u200f",
    "combining acute": "e\u0301",
    "precomposed": "é",
    "fullwidth letter": "\N{FULLWIDTH LATIN CAPITAL LETTER A}",
    "fullwidth number sign": "\N{FULLWIDTH NUMBER SIGN}",
    "small number sign": "﹟",
    "music sharp": "♯",
    "fullwidth solidus": "\N{FULLWIDTH SOLIDUS}",
    "fullwidth full stop": "\N{FULLWIDTH FULL STOP}",
    "one dot leader": "\N{ONE DOT LEADER}",
    "Cyrillic a": "\N{CYRILLIC SMALL LETTER A}",
    "Greek omicron": "\N{GREEK SMALL LETTER OMICRON}",
    "Kelvin sign": "\N{KELVIN SIGN}",
    "dotless i": "\N{LATIN SMALL LETTER DOTLESS I}",
    "long s": "\N{LATIN SMALL LETTER LONG S}",
    "ligature": "ﬁ",
    "superscript": "²",
    "Arabic digit": "٣",
    "Roman numeral": "Ⅳ",
    "non-breaking hyphen": "\u2011",
    "hyphen": "\N{HYPHEN}",
    "tilde operator": "\N{TILDE OPERATOR}",
    "emoji": "👩‍👩‍👧‍👦",
    "flag": "🏳️‍🌈",
    "zero width space": "\u200b",
    "zero width joiner": "\u200d",
    "soft hyphen": "\u00ad",
    "no-break space": "\u00a0",
    "line separator": "\u2028",
    "next line": "\u0085",
    "byte order mark": "\ufeff",
    "noncharacter": "\uffff",
    "private use": "\ue000",
    "last code point": "\U0010ffff",
    "tag characters": "\U000e0041",
}

#: As they are on the wire, in place of an id.
PATHS = {
    "overlong full stop": "%C0%AE",
    "overlong number sign": "%C0%A3",
    "overlong number sign in three": "%E0%80%A3",
    "overlong NUL": "%C0%80",
    "high surrogate": "%ED%A0%80",
    "low surrogate": "%ED%B0%80",
    "surrogate pair": "%ED%A0%BD%ED%B8%80",
    "beyond Unicode": "%F4%90%80%80",
    "five bytes": "%F8%88%80%80%80",
    "continuation alone": "%80",
    "cut off": "a%E2%82",
    "no UTF-8": "%FF%FE",
    "percent alone": "%",
    "one hex digit": "a%2",
    "no hex digits": "a%zz",
    "percent-u": "%u0023",
    "percent and number sign": "%%23",
    "encoded percent": "%25",
    "number sign": "a%23b",
    "number sign, twice encoded": "a%2523b",
    "number sign, three times encoded": "a%252523b",
    "number sign first": "%23treasure",
    "number sign last": "treasure%23",
    "the victim's key": "VICTIM%23treasure",
    "the victim's key, twice encoded": "VICTIM%2523treasure",
    "the victim's key, in fullwidth": "VICTIM%EF%BC%83treasure",
    "the victim's key after one's own": "ATTACKER%23VICTIM%23treasure",
    "one's own key": "ATTACKER%23x",
    "the victim's key as a segment": "VICTIM%2Ftreasure",
    "up and down": "%2E%2E%2FVICTIM%23treasure",
    "NUL": "%00",
    "NUL in between": "treasure%00",
    "line break": "a%0D%0AX-Injected:%201",
    "line feed at the end": "treasure%0A",
    "tab": "a%09",
    "blank": "%20treasure",
    "plus": "a+b",
    "encoded dot": "%2e",
    "encoded dots": "%2e%2e",
    "mixed dots": "%2e.",
    "dots and a slash": "..%2f",
    "dots and a backslash": "..%5C..%5Cetc",
    "encoded slash": "a%2Fb",
    "slash, twice encoded": "a%252Fb",
    "a parameter's braces": "%7Bid%7D",
    "quotes": "%27%20OR%20%271%27=%271",
    "markup": "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    "template": "$%7B7*7%7D",
    "shell": "$(id)",
    "wildcard": "*",
    "list of two": "a,b",
    "matrix parameter": "treasure%3Bowner=VICTIM",
    "129 characters": "a" * 129,
    "1000 characters": "a" * 1000,
    "1000 encoded characters": "%61" * 1000,
}


def _names_nothing(name: str, path: str, expects: int = 404, **more: Any) -> list[Row]:
    """A GET and a DELETE of what is not there, or is no id: 404 and 204, or 400 for both."""
    # The emulator's gateway decodes a slash before it looks for the resource.
    at = {GATEWAY: (400, 404)} if "%2f" in path.lower() else {}
    return [
        Row(f"{name}: {method}", method, path, expects=status, at=at, **more)
        for method, status in (("GET", expects), ("DELETE", 204 if expects == 404 else expects))
    ]


def _ascii() -> list[Row]:
    rows = []
    for code in range(128):
        character = chr(code)
        # One in eight at the gateway, and all that could separate something.
        rare = code % 8 != 0 and character not in "#%&+./:;?@\\|"
        label = f"U+{code:04X}"
        allowed = character in ALLOWED
        rows += _names_nothing(
            f"{label} encoded in a path",
            f"/items/x%{code:02X}y",
            404 if allowed else 400,
            long=rare,
        )
        item_id = f"a{character}b"
        rows.append(
            put(
                f"{label} in a body's id",
                json.dumps({"id": item_id, "name": "ascii"}).encode(),
                (200, 201) if allowed else 400,
                stores="ascii" if allowed else None,
                long=rare,
            )
        )
    return rows


def _raw() -> list[Row]:
    """As no client would send them: not encoded."""
    rows = []
    for code in (*range(0x20), *b" !\"$&'()*+,:;<=>@[\\]^`{|}", *range(0x7F, 0x100)):
        # Not a target that an HTTP server has to read.
        transport = SERVERS if code <= 0x20 or code >= 0x7F else ()
        # Chalice's router, in process, leaves out the breaks.
        at = {IN_PROCESS: 404} if chr(code) in "\t\n\r" else {}
        rows.append(
            Row(
                f"U+{code:04X} as it is in a path",
                path=f"/items/a{chr(code)}b",
                at=at,
                transport=transport,
                long=code % 8 != 0,
            )
        )
    return rows


def _unicode() -> list[Row]:
    rows = []
    for name, text in UNICODE.items():
        rows += _names_nothing(f"{name} in a path", f"/items/{quote(f'a{text}')}", 400)
        body = json.dumps({"id": f"a{text}", "name": "unicode"})
        rows.append(put(f"{name} in a body's id", body.encode()))
        raw = json.dumps({"id": text, "name": "unicode"}, ensure_ascii=False)
        rows.append(put(f"{name}, not escaped, in a body's id", raw.encode(), long=True))
    return rows


def _written() -> list[Row]:
    rows = []
    for name, path in PATHS.items():
        rows += _names_nothing(f"{name} in a path", f"/items/{path}", 400)
        body = json.dumps({"id": path, "name": "written"})
        rows.append(put(f"{name} in a body's id", body.encode()))
    return rows


ROWS = [
    *_ascii(),
    *_raw(),
    *_unicode(),
    *_written(),
    *_names_nothing("128 characters in a path", "/items/" + "b" * 128),
    *_names_nothing("8 KB in a path", "/items/" + "a" * 8192, 400),
    *_names_nothing(
        "30 KB in a path",
        "/items/" + "a" * 30_000,
        400,
        transport=(GATEWAY,),
    ),
    put(
        "128 characters in a body's id",
        json.dumps({"id": "a" * 128, "name": "long"}).encode(),
        (200, 201),
        stores="long",
    ),
    put(
        "8 KB in a body's id",
        json.dumps({"id": "a" * 8192, "name": "long"}).encode(),
    ),
    Row("dot segment", path="/items/.", expects=400),
    Row("dot segments", path="/items/..", expects=400),
    Row(
        "dot segments over another's",
        path="/items/VICTIM/../treasure",
        expects=404,
    ),
    Row("an empty id", path="/items//", expects=400, at={GATEWAY: 200}),
    Row(
        "a slash before all",
        path="//items",
        expects=404,
        at={GATEWAY: 200, CHALICE_LOCAL: 200},
    ),
    Row(
        "another's as a resource of one's own",
        path="/items/x/treasure",
        expects=404,
    ),
    Row("number sign as it is", path="/items/VICTIM#treasure"),
    Row("matrix parameter", path="/items/treasure;owner=VICTIM"),
    Row(
        "another origin",
        path="@evil.example/items",
        expects=404,
        only=(CHALICE_LOCAL, IN_PROCESS),
    ),
]
