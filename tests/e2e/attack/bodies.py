"""Bodies: bombs, encodings, and JSON that parsers disagree about."""

import json

from tests.e2e.attack.rows import GATEWAY, put

_ITEM = b'{"id":"x","name":"x"'


def _with(name: bytes, value: bytes) -> bytes:
    return _ITEM + b',"' + name + b'":' + value + b"}"


def _price(value: str) -> bytes:
    return _with(b"price", value.encode())


DEEP = {
    "lists": b"[" * 100_000,
    "closed lists": b"[" * 100_000 + b"]" * 100_000,
    "objects": b'{"a":' * 100_000,
}
DEEP_WITHIN_LIMITS = {
    "lists": b"[" * 60_000,
    "closed lists": b"[" * 30_000 + b"]" * 30_000,
    "objects": b'{"a":' * 12_000,
    "closed objects": b'{"a":' * 9_000 + b"1" + b"}" * 9_000,
    "ids in ids": b'{"id":' * 9_000,
    "lists in an unknown field": _with(b"z", b"[" * 30_000 + b"]" * 30_000),
    "lists in the name": b'{"id":"x","name":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "objects in the price": _with(b"price", b'{"a":' * 9_000 + b"1" + b"}" * 9_000),
    "quotes": b'"' * 60_000,
    "escaped quotes": b'{"id":"x","name":"' + b'\\"' * 30_000 + b'"}',
    "backslashes": b'{"id":"x","name":"' + b"\\" * 60_000,
    "keys": b"{" + b",".join(b'"k%d":1' % n for n in range(5_000)) + b"}",
    "one key": b"{" + b",".join([b'"id":"x"'] * 6_000) + b',"name":"x"}',
    "commas": b"[" + b"," * 60_000 + b"]",
    "blanks and no more": b" " * 65_536,
}

#: Numbers that are none, or too much of one.
PRICES = [
    "NaN",
    "-NaN",
    "nan",
    "Infinity",
    "-Infinity",
    "inf",
    "1e999999999",
    "1e-999999999",
    "1e9223372036854775807",
    "1e9223372036854775808",
    "1e" + "9" * 1000,
    "1e-" + "9" * 1000,
    "-1",
    "-0.0000001",
    "1e126",
    "1e-131",
    "01",
    "00",
    "1_000",
    "0x10",
    "+1",
    ".5",
    "1.",
    "1e",
    "1e+",
    "--1",
    "1,5",
    "1 2",
    "\N{ARABIC-INDIC DIGIT ONE}",
    "\N{FULLWIDTH DIGIT ONE}",
    "²",
    "½",
    '"1"',
    '"NaN"',
    '"sNaN"',
    '"Infinity"',
    '""',
    "true",
    "null",
    "[]",
    "[1]",
    "{}",
    '{"N":"1"}',
    "9" * 39,
    "9" * 60_000,
    "0." + "0" * 60_000 + "1",
    "1" + "0" * 60_000,
    "0." + "3" * 39,
]
#: What looks dangerous and is only zero, or one: by the name that it is stored under.
HARMLESS_PRICES = [
    "-0",
    "-0.0",
    "0e999999999",
    "0e999999999999999999999",
    "0e-999999999",
    "0." + "0" * 60_000,
    "1." + "0" * 60_000,
    "1e125",
    "1e-130",
]

#: Code units, encodings and all that is not one JSON text in UTF-8.
TEXTS = {
    "nothing": b"",
    "a byte order mark": b"\xef\xbb\xbf" + _ITEM + b"}",
    "UTF-16": '{"id":"x","name":"x"}'.encode("utf-16"),
    "UTF-16 without a mark": '{"id":"x","name":"x"}'.encode("utf-16-le"),
    "UTF-32": '{"id":"x","name":"x"}'.encode("utf-32"),
    "EBCDIC": '{"id":"x","name":"x"}'.encode("cp500"),
    "a lone surrogate": b'{"id":"x","name":"\\ud800"}',
    "a lone low surrogate": b'{"id":"x","name":"\\udc00"}',
    "surrogates the wrong way round": b'{"id":"x","name":"\\udc00\\ud800"}',
    "a lone surrogate in a key": b'{"id":"x","name":"x","\\ud800":1}',
    "a raw NUL": b'{"id":"x","name":"a\x00b"}',
    "a raw line feed": b'{"id":"x","name":"a\nb"}',
    "a NUL at the end": _ITEM + b"}\x00",
    "something at the end": _ITEM + b"}x",
    "two texts": _ITEM + b"}" + _ITEM + b"}",
    "a second object": _ITEM + b'} {"owner":"VICTIM"}',
    "a comma too many": _ITEM + b",}",
    "a comment": _ITEM + b"/* */}",
    "single quotes": b"{'id':'x','name':'x'}",
    "no quotes": b"{id:1,name:2}",
    "Python": b"{'id': __import__('os').environ}",
    "XML": b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
    "YAML": b"id: x\nname: !!python/object/apply:os.system ['id']",
    "pickle": b"\x80\x04cos\nsystem\n(S'id'\ntR.",
    "MessagePack": b"\x82\xa2id\xa1x\xa4name\xa1x",
    "JSONP": b'x({"id":"x","name":"x"})',
    "a list of items": b'[{"id":"x","name":"x"}]',
    "an item as text": json.dumps('{"id":"x","name":"x"}').encode(),
    "null": b"null",
    "true": b"true",
    "a number": b"1e999999",
    "an event": b'{"isBase64Encoded":true,"body":"eyJpZCI6IngiLCJuYW1lIjoieCJ9"}',
    "a request context": b'{"requestContext":{"authorizer":{"claims":{"sub":"VICTIM"}}}}',
    "an escaped key beside the plain one": b'{"\\u0069d":"y","id":"x","name":"x"}',
}
#: What is no UTF-8, where the gateway hands on a U+FFFD for each byte: API Gateway passes a body
#: that is not binary as text.
NOT_UTF_8 = {
    "Latin-1": b"caf\xe9",
    "CESU-8": b"\xed\xa0\xbd\xed\xb8\x80",
    "overlong": b"\xc0\xae",
    "a continuation": b"\x80",
}

ROWS = [
    *(put(f"100,000 deep: {name}", body, 413) for name, body in DEEP.items()),
    *(
        put(f"60 KB of {name}", body, long=len(name) % 2 == 0)
        for name, body in DEEP_WITHIN_LIMITS.items()
    ),
    put("a number of a million digits", _price("1" * 1_000_000), 413),
    put("an exponent of a million digits", _price("1e" + "9" * 1_000_000), 413),
    put("a name of a million quotes", b'{"id":"x","name":"' + b'\\"' * 1_000_000 + b'"}', 413),
    put("5 MB", b" " * 5_000_000 + _ITEM + b"}", 413, long=True),
    *(put(f"a price {value[:24]} ({len(value)})", _price(value)) for value in PRICES),
    *(
        put(f"a harmless price {value[:24]} ({len(value)})", _price(value), (200, 201), stores="x")
        for value in HARMLESS_PRICES
    ),
    *(put(f"a body of {name}", body) for name, body in TEXTS.items()),
    *(
        put(
            f"a name in {name}",
            b'{"id":"x","name":"' + text + b'"}',
            at={GATEWAY: (200, 201)},
            stores=text.decode("utf-8", "replace"),
            long=True,
        )
        for name, text in NOT_UTF_8.items()
    ),
    put("a name in UTF-7", '{"id":"x","name":"é"}'.encode("utf-7"), (200, 201), stores="+AOk"),
    put("an escaped name", b'{"id":"x","name":"\\ud83d\\ude00"}', (200, 201), stores="😀"),
]
