"""Another user's items: preconditions, queries and cursors cannot reach or reveal them."""

import base64
import json
import re
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib import record
from chalicelib.cursor import encode
from chalicelib.items import ITEMS
from chalicelib.listing import Order
from tests.discretion import TREASURE
from tests.unit.attack.conftest import ATTACK, JSON, Attacker, examples
from tests.unit.attack.samples import ATTACKER, VICTIM
from tests.unit.conftest import Answer

NEVER = "nothings"  # as long as the treasure's id, so that responses have the same length

#: Preconditions. `{}` stands for the entity tag of the victim's item.
FORMS = '{} W/{} "x",{} {},{} ,{}, "x" "" {}x *,{} \'{}\' *'.split()
conditions = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("If-Match", "If-None-Match"), st.sampled_from(["", *FORMS]))
)
#: Bodies that are rejected before the item is looked for, and one that is not.
PUT_BODIES = [
    '{"id":"%s","name":"mine","price":2}',
    '{"id":"%s","name":""}',
    '{"id":"%s","name":"x","owner":"victim"}',
    '{"id":"%s"}',
    "{",
]

QUERIES = [
    *(f"limit={value}" for value in "0 -1 -0 101 1.0 1e1 0x10 010 +1 %201 1%20 1%00 1%0A".split()),
    *(f"limit={value}" for value in "%D9%A1 %EF%BC%91 %C2%B2 NaN null true [1] 1,2 1;2".split()),
    *("limit=1000000000", "limit=" + "9" * 5000, "limit=", "limit", "limit[]=1", "%6Cimit=0"),
    *("limit=1&limit=2", "limit=1&limit=1", "limit=1&limit=", "Limit=1", "limit%00=1"),
    *("limit=1;order=asc", "limit=1%26order=up", "limit%20=1", "order=", "order=asc&order=desc"),
    *(f"order={value}" for value in "up DESC desc%20 asc%00 asc,desc constructor %24ne".split()),
    *("order=desc;DROP%20TABLE%20items", "order=%27%20OR%201=1", "order[$ne]=asc"),
    *(f"{name}={VICTIM}" for name in "owner sub user filter ExclusiveStartKey expand".split()),
    *"id=treasure fields=owner select=* index=by_owner Scan=true access_token=x debug=1".split(),
    *"pretty callback=alert _method=DELETE __proto__[limit]=1 %00=1 %FF=1 %ED%A0%80=1 =1".split(),
    *("a" * 5000 + "=1", "%0D%0AX-Injected:%201=1", "&".join(f"a{n}=1" for n in range(500))),
    *("", "limit=1", "limit=100", "limit=%31", "order=%61sc", "&&&", "limit=1&", "&limit=1"),
]
parameters = st.tuples(
    st.sampled_from(["limit", "order", "cursor"]) | st.text(max_size=8),
    st.integers(-1, 102).map(str) | st.sampled_from(["asc", "desc"]) | st.text(max_size=8),
)


def told(answer: Answer, item_id: str) -> object:
    """Return the response without the parts in which any two responses differ."""
    text = answer.body.decode() + json.dumps(answer.headers, sort_keys=True)
    text = text.replace(answer.headers["X-Correlation-Id"], "").replace(item_id, "an id")
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "a time", text)
    return answer.status, re.sub(r'("ETag": )"[^,}]*"', r"\1", text)


@ATTACK
@given(
    method=st.sampled_from(["GET", "PUT", "DELETE"]),
    forms=conditions,
    body=st.sampled_from(PUT_BODIES),
)
def test_foreign_id_is_like_one_that_never_was(
    method: str, forms: dict[str, str], body: str, attack: Attacker
) -> None:
    headers = {name: form.format(*[f'"{attack.tag}"'] * 2) for name, form in forms.items()}

    def ask(item_id: str) -> object:
        path = "/items" if method == "PUT" else f"/items/{item_id}"
        content = body.replace("%s", item_id).encode() if method == "PUT" else b""
        answer = attack(method, path, {**JSON, **headers}, content)
        attack.clear()
        return told(answer, item_id)

    assert ask(str(TREASURE["id"])) == ask(NEVER)


@ATTACK
@examples(query=QUERIES)
@given(query=st.lists(parameters, max_size=3).map(urlencode))
def test_query_is_valid_or_rejected(query: str, attack: Attacker) -> None:
    pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=None)
    given, names = dict(pairs), [name for name, _ in pairs]
    valid = (
        len(given) == len(names)
        and given.keys() <= {"limit", "order"}
        and re.fullmatch("[1-9][0-9]?|100", given.get("limit", "1"))
        and given.get("order", "asc") in ("asc", "desc")
    )
    assert attack("GET", f"/items?{query}").status == (200 if valid else 400)
    for method, status in (("GET", 404), ("DELETE", 204)):  # these read no query
        assert attack(method, f"/items/{TREASURE['id']}?{query}").status == status


def _text(token: bytes) -> str:
    return base64.urlsafe_b64encode(token).decode().rstrip("=")


def _bytes(cursor: str) -> bytes:
    return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


WHEN = "2026-01-01T00:00:00.000Z"


def cursor_of(owner: str, item_id: str, order: Order = "desc") -> str:
    last = {**record.key(ITEMS, owner, item_id), "created_at": {"S": WHEN}}
    return encode(last, record.partition(ITEMS, owner), order)


OWN = cursor_of(ATTACKER, "x")
KEY = {
    **record.key(ITEMS, VICTIM, "treasure"),
    "owner": {"S": record.partition(ITEMS, VICTIM)},
    "created_at": {"S": WHEN},
}

#: Cursors of other lists, base64 of other services' cursors, and fragments.
CURSORS = [
    cursor_of(ATTACKER, "x", "asc"),
    cursor_of("", "x"),
    cursor_of(VICTIM, "treasure"),
    *(_text(json.dumps(value).encode()) for value in (KEY, [KEY], f"{VICTIM}#treasure", True)),
    *(_text(b"[" * 150), _text(b"\x80\x04cos\nsystem\n(S'id'\ntR."), _text(b"\0" * 40)),
    *(
        _text(token)
        for token in (b"\0" * 16 + _bytes(OWN)[16:], _bytes(OWN)[16:], _bytes(OWN)[:16])
    ),
    *(_text(b"\0" + _bytes(OWN)), _text(_bytes(OWN) + b"x"), OWN + "\0", OWN + "\n", " " + OWN),
    *("", "null", "*", "0", "treasure", f"{VICTIM}#treasure", f"{WHEN}/treasure", OWN + "="),
    *(OWN + OWN, OWN.swapcase(), OWN[::-1], f'"{OWN}"', "%" + OWN, "A" * 301, "A" * 8192),
]
shreds = st.tuples(st.integers(0, len(OWN)), st.integers(1, 8), st.text(max_size=4)).map(
    lambda cut: OWN[: cut[0]] + cut[2] + OWN[cut[0] + cut[1] :]
)


@ATTACK
@examples(cursor=CURSORS)
@given(cursor=shreds | st.text(max_size=310) | st.binary(max_size=100).map(_text))
def test_other_cursor_is_rejected(cursor: str, attack: Attacker) -> None:
    assume(cursor != OWN and _text(_bytes_or_none(cursor)) != OWN)
    answer = attack("GET", f"/items?cursor={quote(cursor)}")
    assert (answer.status, answer.field) == (400, "cursor")
    garbage = attack("GET", "/items?cursor=garbage")
    assert answer.json["detail"] == garbage.json["detail"]


@pytest.mark.parametrize("place", [KEY, {**KEY, "created_at": {"S": "now"}}])
def test_forged_cursor_finds_no_foreign_item(
    place: dict[str, dict[str, str]], attack: Attacker
) -> None:
    """An owner can forge a cursor, but its place is one in their own list."""
    forged = encode(place, record.partition(ITEMS, ATTACKER), "desc")
    answer = attack("GET", f"/items?cursor={forged}")
    assert answer.status == 200
    assert str(TREASURE["name"]) not in answer.body.decode()


def _bytes_or_none(cursor: str) -> bytes:
    """Return the bytes of a cursor. The last character's low bits may be unused."""
    try:
        return _bytes(cursor)
    except ValueError:
        return b""


def test_only_own_cursor_is_accepted(attack: Attacker) -> None:
    assert attack("GET", f"/items?cursor={OWN}").status == 200
    for cursor in (
        attack.cursor,
        _text(_bytes(OWN)[:16] + _bytes(attack.cursor)[16:]),
        _text(_bytes(attack.cursor)[:16] + _bytes(OWN)[16:]),
    ):
        for query in (cursor, f"{OWN}&cursor={cursor}", f"{OWN}&order=asc", f"x&cursor[]={cursor}"):
            assert attack("GET", f"/items?cursor={query}").status == 400
