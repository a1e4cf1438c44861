"""Framing: requests whose end two servers might read differently.

A smuggled second request still needs a token. These rows are for real servers only, because they
parse HTTP before our code.
"""

from typing import Any

from tests.e2e.attack.rows import JSON, SERVERS, UNANSWERED, Headers, Row

_BODY = b'{"id":"x","name":"%s"}' % UNANSWERED.encode()
_CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(_BODY), _BODY)
_SMUGGLED = b"DELETE /items/treasure HTTP/1.1\r\nHost: x\r\n\r\n"


def _framed(
    name: str, headers: Headers, body: bytes, transport: tuple[str, ...] = SERVERS, **more: Any
) -> Row:
    return Row(
        name,
        "PUT",
        "/items",
        (*JSON, *headers),
        body,
        expects=(200, 201, 400),
        transport=transport,
        stores=UNANSWERED,
        **more,
    )


def _length(value: str) -> Headers:
    return (("Content-Length", value),)


def _coding(value: str) -> Headers:
    return (("Transfer-Encoding", value),)


ROWS = [
    *(
        _framed(f"length {value!r}", _length(value), _BODY)
        for value in ("x", "-1", "0x1a", "1e1", "26.0", "26, 27", "\xb2", "26;", "9" * 30, "")
    ),
    _framed("two lengths", (*_length("26"), *_length("2")), _BODY),
    _framed("the same length twice", (*_length("26"), *_length("26")), _BODY),
    _framed("length and chunks", (*_length("4"), *_coding("chunked")), _CHUNKED),
    _framed("chunks and length", (*_coding("chunked"), *_length(str(len(_CHUNKED)))), _CHUNKED),
    *(
        _framed(f"coding {value!r}", _coding(value), _CHUNKED)
        for value in (
            "xchunked",
            "chunked, identity",
            "identity",
            "gzip, chunked",
            "chunked, chunked",
            "\x0bchunked",
            "chunked;a=b",
            "CHUNKED",
        )
    ),
    _framed("two codings", (*_coding("identity"), *_coding("chunked")), _CHUNKED),
    _framed("a blank before the colon", (("Transfer-Encoding ", "chunked"),), _CHUNKED),
    _framed("an underscore", (("Content_Length", "0"),), _BODY),
    *(
        _framed(
            f"a chunk of {size!r}", _coding("chunked"), size + b"\r\n" + _BODY + b"\r\n0\r\n\r\n"
        )
        for size in (b"x", b"-1", b"0x1a", b"1a;" + b"a" * 20_000, b"FFFFFFFFFFFFFFFFF", b"")
    ),
    _framed("a request behind no length", _length("0"), _SMUGGLED),
    _framed("a request behind a body", _length(str(len(_BODY))), _BODY + _SMUGGLED),
    _framed("a request behind chunks", _coding("chunked"), _CHUNKED + _SMUGGLED),
    _framed("a request as a trailer", _coding("chunked"), _CHUNKED[:-2] + _SMUGGLED),
    Row(
        "a request behind a GET",
        "GET",
        "/items/treasure",
        (),
        _SMUGGLED,
        transport=SERVERS,
    ),
    Row("no version", "GET", "/items HTTP/0.9\r\nX:", expects=200, transport=SERVERS),
    *(
        Row(
            f"method {method!r}",
            method,
            "/items/treasure",
            expects=(204, 404),
            transport=SERVERS,
        )
        for method in (
            "TRACE",
            "TRACK",
            "CONNECT",
            "PROPFIND",
            "get",
            "G\x00T",
            "A" * 10_000,
            "DELETE\t",
        )
    ),
    Row(
        "two hosts",
        expects=200,
        headers=(("Host", "a"), ("Host", "b")),
        transport=SERVERS,
    ),
    Row(
        "a name with a blank",
        expects=200,
        headers=(("X Owner", "VICTIM"),),
        transport=SERVERS,
    ),
    Row(
        "a name with a NUL",
        expects=200,
        headers=(("X\x00", "VICTIM"),),
        transport=SERVERS,
    ),
    Row("no name", expects=200, headers=(("", "VICTIM"),), transport=SERVERS),
    Row(
        "2,000 headers",
        headers=tuple((f"X-{n}", "VICTIM") for n in range(2000)),
        transport=SERVERS,
    ),
    Row("a header of 100 KB", headers=(("X-Long", "a" * 100_000),), transport=SERVERS),
]
