"""If-Match and If-None-Match: wild lists, and what of them means something."""

from tests.e2e.attack.rows import CHALICE_LOCAL, IN_PROCESS, JSON, SERVERS, Row, Statuses

MALFORMED = {
    "empty": "",
    "blank": " ",
    "a bare word": "x",
    "a bare number": "0",
    "null": "null",
    "open at the end": '"x',
    "open in front": 'x"',
    "quotes and no more": '"',
    "three quotes": '"""',
    "closed twice": '"a"b"',
    "no comma": '"a" "b"',
    "single quotes": "'a'",
    "typographic quotes": "\xe2\x80\x9ca\xe2\x80\x9d",
    "a small w": 'w/"a"',
    "a weak star": "W/*",
    "a quoted star, unclosed": '"*',
    "a blank in a tag": '"a b"',
    "W and a blank": 'W/ "a"',
    "a star in a list": '*, "a"',
    "a list and a star": '"a", *',
    "two stars": "*, *",
    "two stars without a comma": "**",
    "a comma": ",",
    "commas": "," * 5000,
    "51 tags": ", ".join(f'"{n}"' for n in range(51)),
    "1,000 tags": ",".join(f'"{n}"' for n in range(1000)),
    "weak tags without end": ",".join(['W/"a"'] * 1000),
    "a semicolon": '"a"; "b"',
    "blanks and a word": " " * 5000 + "x",
    "blanks within": '"a"' + " \t" * 2500 + "x",
    "blanks after a comma": '"a",' + " " * 5000 + "x",
    "an expression": "attribute_exists(id)",
    "JSON": '{"S":"a"}',
}
#: What a server refuses by itself, unless the row's own answer is as good.
UNSENDABLE = {
    "a NUL": '"a\x00"',
    "a line feed": '"a"\n',
    "a return": '"a\r"',
    "a delete": '"a\x7f"',
}

#: Well formed, and never the tag of anything.
WELL_FORMED = {
    "an empty tag": '""',
    "50 tags": ", ".join(f'"{n}"' for n in range(50)),
    "weak": 'W/"a"',
    "empty elements": ',,"a",,',
    "a quoted star": '"*"',
    "a comma in a tag": '"a,b"',
    "an alias": '":match0"',
    "an expression's words": '"#attempt,:attempt,OR,:now"',
    "Latin-1": '"\xe9"',
    "5 KB": '"' + "a" * 5000 + '"',
    "the victim's": "TAG",
    "the victim's, weak": "W/TAG",
}

_BODY = b'{"id":"%s","name":"conditional"}'
_PUT: dict[str, Statuses] = {"If-Match": 412, "If-None-Match": (200, 201)}


def _rows(
    header: str,
    what: str,
    value: str,
    expects: dict[str, Statuses],
    n: int,
    transport: tuple[str, ...] = (),
) -> list[Row]:
    name, headers = f"{header} {what}", ((header, value),)
    # Of an If-Match that fails there must be nothing to find, so each id is new.
    body = _BODY % f"if-{n}".encode()
    written = isinstance(expects["PUT"], tuple)
    return [
        Row(
            f"{name}: GET",
            path="/items/absent",
            headers=headers,
            expects=expects["GET"],
            transport=transport,
            long=n % 3 != 0,
        ),
        Row(
            f"{name}: PUT",
            "PUT",
            headers=(*JSON, *headers),
            body=body,
            expects=expects["PUT"],
            transport=transport,
            stores="conditional" if written else None,
        ),
        Row(
            f"{name}: DELETE",
            "DELETE",
            "/items/absent",
            headers,
            expects=expects["DELETE"],
            # A server that takes the line feed for the header's end has a well-formed tag.
            at=dict.fromkeys(transport, (204, 400)),
            transport=transport,
            long=n % 3 != 1,
        ),
    ]


def _all() -> list[Row]:
    rows = []
    for header in ("If-Match", "If-None-Match"):
        never = 400 if header == "If-None-Match" else 204
        for n, (what, value) in enumerate([*MALFORMED.items(), *UNSENDABLE.items()]):
            refused: dict[str, Statuses] = dict.fromkeys(("GET", "PUT", "DELETE"), 400)
            transport = SERVERS if what in UNSENDABLE else ()
            rows += _rows(header, what, value, refused, n, transport)
        for n, (what, value) in enumerate(WELL_FORMED.items()):
            answers: dict[str, Statuses] = {
                "GET": 404,
                "PUT": _PUT[header],
                "DELETE": never,
            }
            rows += _rows(header, what, value, answers, n)
    return rows


ROWS = [
    *_all(),
    Row(
        "10,000 tags: GET",
        path="/items/absent",
        transport=SERVERS,
        headers=(("If-Match", ",".join(f'"{n}"' for n in range(10_000))),),
    ),
    Row(
        "60 KB of blanks: GET",
        path="/items/absent",
        transport=SERVERS,
        headers=(("If-None-Match", " " * 60_000 + "x"),),
    ),
    # Within the limit of any header this took half a second; here it would take hours.
    Row(
        "a million blanks after a comma: GET",
        path="/items/absent",
        headers=(("If-None-Match", '"a",' + " " * 1_000_000 + "x"),),
        only=(IN_PROCESS,),
    ),
    Row(
        "one tag a line, 60 lines",
        path="/items/absent",
        headers=tuple(("If-Match", f'"{n}"') for n in range(60)),
        at={CHALICE_LOCAL: 404},
    ),
]
