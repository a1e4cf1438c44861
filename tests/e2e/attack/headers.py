"""Headers: no header says who the caller is, and no header's value is returned."""

from tests.e2e.attack.rows import CHALICE_LOCAL, JSON, SERVERS, Headers, Row, put
from tests.unit.attack.samples import CORRELATION_IDS, ROUTING, VICTIM, claimed_identities

#: Characters that a header cannot contain.
_UNSENDABLE = {
    "a line break": "a\r\nX-Injected: 1",
    "a line feed": "a\nX-Injected: 1",
    "a return": "a\rX-Injected: 1",
    "a folded line": "a\r\n X-Injected: 1",
    "a whole answer": "a\r\n\r\nHTTP/1.1 200 OK\r\nX-Injected: 1",
    "a NUL": "a\x00b",
    "an escape": "\x1b[31mred\x1b[0m",
    "a backspace": "a\x08\x08b",
}
_BODY = b'{"id":"x","name":"headers"}'
_HOSTS = ("evil.example", "evil.example:80@127.0.0.1", "//evil.example/items", "[::1]")


def _everywhere(name: str, headers: Headers, transport: tuple[str, ...] = ()) -> list[Row]:
    """Return a GET and a DELETE of the victim's item, and a PUT of the attacker's own."""
    path = "/items/treasure"
    return [
        Row(f"{name}: GET", "GET", path, headers, expects=404, transport=transport),
        Row(f"{name}: DELETE", "DELETE", path, headers, expects=204, transport=transport),
        put(
            f"{name}: PUT",
            _BODY,
            (200, 201),
            (*JSON, *headers),
            stores="headers",
            transport=transport,
        ),
    ]


ROWS = [
    *(
        row
        for form, headers in claimed_identities(VICTIM).items()
        for row in _everywhere(f"{form} in every header", tuple(headers.items()))
    ),
    *_everywhere("routing", tuple(ROUTING.items())),
    *_everywhere("Expect", (("Expect", "200-ok"),), (CHALICE_LOCAL,)),
    *(row for host in _HOSTS for row in _everywhere(f"host {host}", (("Host", host),))),
    *(
        Row(f"method {name}", "POST", "/items/treasure", ((name, "DELETE"), *JSON), b"{}", 404)
        for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")
    ),
    *(
        Row(
            f"correlation id {value[:40]!r} ({len(value)})",
            headers=(("X-Correlation-Id", value),),
            expects=200,
        )
        for value in CORRELATION_IDS
    ),
    Row(
        "two correlation ids",
        headers=(("X-Correlation-Id", "a"), ("X-Correlation-Id", "b")),
        expects=200,
    ),
    *(
        Row(
            f"{header} with {what}",
            headers=((header, value),),
            expects=200,
            transport=SERVERS,
        )
        for header in ("X-Correlation-Id", "User-Agent")
        for what, value in _UNSENDABLE.items()
    ),
    *(
        Row(
            f"{header} with {text!r}: {method}",
            method,
            "/items/absent",
            headers=((header, text),),
            # A server that takes the line feed for the header's end has a well-formed tag.
            expects=(204, 400, 404),
            transport=SERVERS,
        )
        for header in ("If-Match", "If-None-Match")
        for method in ("GET", "DELETE")
        for text in ('"a\x00"', '"a"\n', '"a\r"', '"a\x7f"')
    ),
    Row(
        "10,000 tags",
        path="/items/absent",
        headers=(("If-Match", ",".join(f'"{n}"' for n in range(10_000))),),
        transport=SERVERS,
    ),
    Row(
        "60 KB of blanks",
        path="/items/absent",
        headers=(("If-None-Match", " " * 60_000 + "x"),),
        transport=SERVERS,
    ),
    # `chalice local` reads the first line of two.
    Row(
        "one tag a line, 60 lines",
        path="/items/absent",
        headers=tuple(("If-Match", f'"{n}"') for n in range(60)),
        at={CHALICE_LOCAL: 404},
    ),
    put(
        "two types",
        _BODY,
        415,
        (*JSON, ("Content-Type", "text/plain")),
        at={CHALICE_LOCAL: (200, 201)},
        stores="headers",
    ),
    put("two types, JSON last", _BODY, 415, (("Content-Type", "text/plain"), *JSON)),
    put("a binary type", _BODY, 415, (("Content-Type", "application/octet-stream"),)),
]
