"""Bodies: only a valid item, in JSON and UTF-8, is stored."""

import gzip
import json
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.body import MAX_BODY_BYTES
from chalicelib.errors import InvalidRequest
from chalicelib.items import ITEMS
from tests.unit.attack.conftest import ATTACK, Attacker, examples, item
from tests.unit.attack.samples import VICTIM
from tests.unit.test_events import json_values

ITEM = b'{"id":"x","name":"x"'
LIMIT = 30_000

#: Bodies that are no item, or not one JSON text in UTF-8.
BODIES = [
    b"\xef\xbb\xbf" + ITEM + b"}",
    *((ITEM + b"}").decode().encode(coding) for coding in "utf-16 utf-16-le utf-32 cp500".split()),
    *(b'{"id":"x","name":"%s"}' % text for text in rb"\ud800 \udc00 \udc00\ud800".split()),
    *(b'{"id":"x","name":"%s"}' % text for text in (b"a\x00b", b"a\nb", b"caf\xe9", b"\xc0\xae")),
    *(b'{"id":"x","name":"%s"}' % text for text in (b"\xed\xa0\xbd\xed\xb8\x80", b"\x80")),
    *(ITEM + rest for rest in (b"}\x00", b"}x", b"}" + ITEM + b"}", b",}", b"/* */}")),
    ITEM + b'} {"owner":"victim"}',
    ITEM + b',"\\ud800":1}',
    b"{'id':'x','name':'x'}",
    b"{id:1,name:2}",
    b"{'id': __import__('os').environ}",
    b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
    b"id: x\nname: !!python/object/apply:os.system ['id']",
    b"\x80\x04cos\nsystem\n(S'id'\ntR.",
    b"\x82\xa2id\xa1x\xa4name\xa1x",
    b'x({"id":"x","name":"x"})',
    b'[{"id":"x","name":"x"}]',
    json.dumps('{"id":"x","name":"x"}').encode(),
    *b"null true 1e999999".split(),
    b'{"isBase64Encoded":true,"body":"eyJpZCI6IngiLCJuYW1lIjoieCJ9"}',
    b'{"requestContext":{"authorizer":{"claims":{"sub":"victim"}}}}',
    b'{"\\u0069d":"y","id":"x","name":"x"}',
    *(ITEM + b',"price":1,"description":"x","%s":1}' % name for name in (b"price", b"name")),
    gzip.compress(ITEM + b"}"),
    gzip.compress(gzip.compress(b" " * 60_000_000 + ITEM + b"}", 9)),
    # Deep, wide or long.
    *(opening * LIMIT for opening in (b"[", b'"', b"\\", b"[,", b'{"a":'[:2])),
    b"[" * LIMIT + b"]" * LIMIT,
    b'{"a":' * 9_000 + b"1" + b"}" * 9_000,
    b'{"id":' * 9_000,
    ITEM + b',"z":' + b"[" * LIMIT + b"]" * LIMIT + b"}",
    b'{"id":"x","name":' + b"[" * LIMIT + b"]" * LIMIT + b"}",
    ITEM + b',"price":' + b'{"a":' * 9_000 + b"1" + b"}" * 9_000 + b"}",
    b'{"id":"x","name":"' + b'\\"' * LIMIT + b'"}',
    b"{" + b",".join(b'"k%d":1' % n for n in range(5_000)) + b"}",
    b"{" + b",".join([b'"id":"x"'] * 6_000) + b',"name":"x"}',
    b" " * MAX_BODY_BYTES,
    b" " * (MAX_BODY_BYTES + 1),
    b"[" * 100_000,
    ITEM + b',"price":1e' + b"9" * 1_000_000 + b"}",
]

#: Names of no field, similar names, and the validator's own words.
FIELDS = [
    *"owner sub version attempt created_at updated_at by_owner Id ID NAME constructor".split(),
    *"__proto__ prototype __class__ __init__ __dict__ $set $where #owner :owner #n _id".split(),
    *"TableName Key ConditionExpression id# id\u0000 \u0131d \uff49\uff44 name\u200b".split(" "),
    *("price ", " name", "", "SET owner", "$.id", "items[0].id", "x" * 60_000),
    *(f"x - at `$.{field}" for field in ("owner", "foo", "id")),
    *("` - at `$.nothing", "unknown field `owner`", "missing required field `owner"),
    "\n - at `$.owner",
]

#: Text that some interpreter might take for its own. Here it is a name like any other.
EXPRESSIONS = """\
#n :v | #owner = :owner | SET owner = :victim | x REMOVE #owner | ADD version :one
attribute_not_exists(id) | if_not_exists(a, :b) | ') OR ('1'='1 | '; DROP TABLE items; --
{"S":"x"} | {"$ne":null} | ${jndi:ldap://127.0.0.1/a} | {{7*7}} | ${7*7} | #{7*7} | <%= 7*7 %>
%s%s%s%n | %(name)s | {0.__class__} | $(id) | `id` | =cmd|' /C calc'!A0 | ../../etc/passwd
a\0b | \x1b[31mred | line\r\nbreak | \u202eright to left | \ufffe | <script>alert(1)</script> | ]]>
__proto__ | +AOk-""".split(" | ")

PRICES = [
    *"NaN -NaN nan Infinity -Infinity inf -1 -0.0000001 1e126 1e-131 01 00 1_000 0x10 +1".split(),
    *"1e999999999 1e-999999999 1e9223372036854775807 1e9223372036854775808 .5 1. 1e 1e+".split(),
    *'--1 1,5 \u0661 \uff11 ² ½ "1" "NaN" "Infinity" "" true null [] [1] {}'.split(),
    *('{"N":"1"}', "1 2", "1e" + "9" * 1000, "1e-" + "9" * 1000, "9" * 39, "9" * 60_000),
    *("0." + "0" * 60_000 + "1", "1" + "0" * 60_000, "0." + "3" * 39),
    *"-0 -0.0 0e999999999 0e999999999999999999999 0e-999999999 1e125 1e-130".split(),
    *("0." + "0" * 60_000, "1." + "0" * 60_000),
]
NUMBER = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?")


def is_price(text: str) -> bool:
    if not (match := NUMBER.fullmatch(text)):
        return False
    sign, whole, fraction, exponent = (part or "" for part in match.groups())
    digits = whole + fraction
    leading = len(digits) - len(digits.lstrip("0"))
    magnitude = len(whole) - 1 - leading + int(exponent or 0)
    significant = digits.strip("0")
    valid = not sign and len(significant) <= 38 and -130 <= magnitude <= 125
    return valid or not significant


def fields(text: bytes) -> Any:
    """Return an item's own fields, as another parser reads them."""
    read = json.loads(text, parse_int=Decimal, parse_float=Decimal)
    return {n: v for n, v in read.items() if n in ("id", "name", "price", "description")}


@ATTACK
@examples(body=BODIES)
@given(body=st.binary(min_size=1) | json_values.map(json.dumps).map(str.encode))
def test_other_body_is_rejected(body: bytes, attack: Attacker) -> None:
    assert attack.put(body).status == (413 if len(body) > MAX_BODY_BYTES else 400)


@ATTACK
@given(start=st.integers(0, 70), cut=st.integers(0, 9), replacement=st.binary(max_size=3))
def test_damaged_item_is_rejected_or_stored(
    start: int, cut: int, replacement: bytes, attack: Attacker
) -> None:
    whole = b'{"id":"x","name":"\\ud83d\\ude00","price":1.50,"description":"caf\xc3\xa9"}'
    body = whole[:start] + replacement + whole[start + cut :]
    answer = attack.put(body)
    if answer.status != 400:
        assert fields(answer.body) == fields(body)


@ATTACK
@examples(name=FIELDS)
@given(name=st.text())
def test_unknown_field_is_rejected(name: str, attack: Attacker) -> None:
    assume(name not in ("id", "name", "price", "description"))
    for body in (item(**{name: VICTIM}), json.dumps({name: 1}).encode()):
        answer = attack.put(body)
        assert (answer.status, answer.field) == (400, name[:100])


@ATTACK
@examples(text=EXPRESSIONS)
@given(text=st.text(max_size=199))
def test_text_is_stored_as_sent(text: str, attack: Attacker) -> None:
    body = item(name=f"{text}.", description=text)
    assert fields(attack.put(body).body) == json.loads(body)
    assert fields(attack("GET", "/items/x").body) == json.loads(body)


@examples(text=PRICES)
@given(text=st.text("0123456789.eE+-_ ", max_size=12) | st.from_regex(NUMBER, fullmatch=True))
def test_price_is_exact_or_rejected(text: str) -> None:
    body = ITEM + f',"price":{text}}}'.encode()
    if is_price(text.strip(" ")):
        price = ITEMS.parse(body).price
        assert isinstance(price, Decimal)
        assert not price or price == Decimal(text.strip(" "))
    else:
        with pytest.raises(InvalidRequest) as caught:
            ITEMS.parse(body)
        assert caught.value.field in ("price", "body")
