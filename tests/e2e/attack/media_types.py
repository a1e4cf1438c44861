"""Content types and encodings: JSON as it is, or nothing is read."""

import gzip
import zlib

from tests.e2e.attack.rows import CHALICE_LOCAL, GATEWAY, JSON, Headers, Row, put

_BODY = b'{"id":"x","name":"typed"}'
_FORM = b"id=x&name=typed&owner=VICTIM"
_MULTIPART = (
    b'--b\r\nContent-Disposition: form-data; name="id"\r\n\r\nx\r\n'
    b'--b\r\nContent-Disposition: form-data; name="f"; filename="../../x.json"\r\n\r\n'
    + _BODY
    + b"\r\n--b--\r\n"
)

#: The first three need no preflight in a browser.
OTHERS = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b",
    "text/plain; application/json",
    "text/plain;charset=application/json",
    "text/json",
    "text/html",
    "application/xml",
    "application/xhtml+xml",
    "application/yaml",
    "application/x-ndjson",
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/vnd.api+json",
    "application/problem+json",
    "application/jsonp",
    "application/javascript",
    "application/jsonx",
    "xapplication/json",
    "application/ json",
    "application /json",
    "application",
    "json",
    "/",
    "*/*",
    "application/*",
    "application/json, text/plain",
    "text/plain, application/json",
    "application/json,",
    '"application/json"',
    "application\\json",
    "application/json%00",
    "application/octet-stream",
    "application/zip",
    "application/gzip",
    "image/png",
    "image/svg+xml",
    "application/x-amz-json-1.0",
    "application/graphql",
    "application/x-python-pickle",
    "application/x-java-serialized-object",
    "application/msgpack",
    "application/cbor",
    "\xe9",
    " ",
    "a" * 4000,
    "multipart/form-data",
    "message/http",
    "message/rfc822",
]
#: JSON all the same: a charset changes nothing, and what the body is in decides the validator.
JSON_ALL_THE_SAME = [
    "application/json; charset=utf-8",
    "application/json;charset=UTF-16",
    "application/json; charset=utf-7",
    "application/json; boundary=b",
    "application/json;;;",
    'application/json; charset="',
    "Application/JSON",
]
ENCODINGS = [
    "gzip",
    "deflate",
    "br",
    "zstd",
    "compress",
    "identity, gzip",
    "gzip, gzip",
    "x-gzip",
    "aws-chunked",
    "exi",
    "*",
]

_BOMB = gzip.compress(b" " * 60_000_000 + _BODY, 9)


def _typed(value: str) -> Headers:
    return (("Content-Type", value),)


def _encoded(value: str) -> Headers:
    return (*JSON, ("Content-Encoding", value))


ROWS = [
    *(
        put(f"type {value[:40]!r}", _BODY, 415, _typed(value), long=n > 12 and n % 3 != 0)
        for n, value in enumerate(OTHERS)
    ),
    put("a form", _FORM, 415, _typed("application/x-www-form-urlencoded")),
    put("a form that is JSON", b'{"id":"x","name":"typed","a":"=1"}', 415, _typed("text/plain")),
    put("parts", _MULTIPART, 415, _typed("multipart/form-data; boundary=b")),
    put("a form, called JSON", _FORM, 400),
    put("parts, called JSON", _MULTIPART, 400),
    *(
        put(f"type {value!r}", _BODY, (200, 201), _typed(value), stores="typed")
        for value in JSON_ALL_THE_SAME
    ),
    # `chalice local` reads the first of two lines.
    put(
        "type given twice",
        _BODY,
        415,
        (*JSON, *_typed("text/plain")),
        at={CHALICE_LOCAL: (200, 201)},
        stores="typed",
    ),
    put(
        "type given twice, JSON last",
        _BODY,
        415,
        (*_typed("text/plain"), *JSON),
    ),
    put("no type", _BODY, (200, 201), (), stores="typed"),
    put("gzip", gzip.compress(_BODY), 400, _encoded("gzip")),
    put("gzip that does not say so", gzip.compress(_BODY), 400),
    put("zlib", zlib.compress(_BODY), 400, _encoded("deflate")),
    put("60 MB in 60 KB", _BOMB, 400, _encoded("gzip")),
    put("60 MB in 60 KB in less", gzip.compress(_BOMB, 9), 400, _encoded("gzip, gzip")),
    *(
        put(
            f"plain, called {value}",
            _BODY,
            (200, 201),
            _encoded(value),
            stores="typed",
            # The emulator takes it for an upload to S3, which it reads itself.
            transport=(GATEWAY,) if value == "aws-chunked" else (),
            long=n > 3,
        )
        for n, value in enumerate(ENCODINGS)
    ),
    put(
        "base64",
        b"eyJpZCI6IngiLCJuYW1lIjoidHlwZWQifQ==",
        400,
        (*JSON, ("Content-Transfer-Encoding", "base64")),
    ),
    put(
        "base64, as a binary type",
        b"eyJpZCI6IngiLCJuYW1lIjoidHlwZWQifQ==",
        415,
        _typed("application/octet-stream"),
    ),
    Row("a GET with a body", "GET", "/items/treasure", JSON, b'{"owner":"VICTIM"}', 404),
    Row(
        "a GET with a binary body",
        "GET",
        "/items/treasure",
        _typed("application/octet-stream"),
        b"\xff" * 1000,
        404,
    ),
    Row("a DELETE with a body", "DELETE", "/items/treasure", JSON, b'{"owner":"VICTIM"}', 204),
]
