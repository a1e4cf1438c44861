"""Headers: they cannot name the caller, and are parsed strictly."""

import gzip
import json
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.discretion import TREASURE
from tests.unit.attack.conftest import ATTACK, JSON, Attacker, examples, item
from tests.unit.attack.samples import CORRELATION_IDS, ROUTING, VICTIM, claimed_identities

MEDIA_TYPES = [
    *"text/plain application/x-www-form-urlencoded text/json text/html application/xml".split(),
    *("multipart/form-data; boundary=b", "text/plain; application/json", "application/ json"),
    *("application /json", "application/json, text/plain", "text/plain, application/json"),
    *"application/json-patch+json application/vnd.api+json application/problem+json".split(),
    *"application/jsonp application/jsonx xapplication/json application json / */*".split(),
    *'application/* application/json, "application/json" application\\json'.split(),
    *"application/json%00 application/octet-stream application/gzip image/png \xe9".split(),
    *"application/x-amz-json-1.0 application/cbor message/http".split(),
    *(" ", "a" * 4000),
    *(f"application/json{rest}" for rest in ("; charset=utf-7", ";charset=UTF-16", ";;;", ";b=b")),
    *('application/json; charset="', "Application/JSON"),
]
ENCODINGS = "gzip deflate br zstd compress x-gzip aws-chunked exi *".split()

MALFORMED = [
    *("", " ", "x", "0", "null", '"x', 'x"', '"', '"""', '"a"b"', '"a" "b"', "'a'", 'w/"a"'),
    *("\xe2\x80\x9ca\xe2\x80\x9d", "W/*", '"*', '"a b"', 'W/ "a"', '*, "a"', '"a", *', "*, *"),
    *("**", ",", "," * 5000, '"a"; "b"', "attribute_exists(id)", '{"S":"a"}', '"a\x00"', '"a"\n'),
    *('"a\r"', '"a\x7f"', ", ".join(f'"{n}"' for n in range(51)), ",".join(['W/"a"'] * 1000)),
    # A pattern that tries each split of the blanks takes hours.
    *(" " * 5000 + "x", '"a"' + " \t" * 2500 + "x", '"a",' + " " * 1_000_000 + "x"),
]
WELL_FORMED = [
    *('""', 'W/"a"', ',,"a",,', '"*"', '"a,b"', '":match0"', '"#attempt,:attempt,OR,:now"'),
    *('"\xe9"', '"' + "a" * 5000 + '"', ", ".join(f'"{n}"' for n in range(50))),
]
tag = st.text("!#aW/*,:\xe9", max_size=4).map('"{}"'.format) | st.just('W/"a"')
tag_lists = st.lists(tag, min_size=1, max_size=4).map(", ".join)

#: Headers that mean something to the API or the connection.
MEANT = {"authorization", "content-type", "content-length", "host", "if-match", "if-none-match"}
names = st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,20}", fullmatch=True)
values = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=60)


@ATTACK
@examples(value=MEDIA_TYPES)
@given(value=values | st.sampled_from(["json", "application/json"]))
def test_only_json_is_stored(value: str, attack: Attacker) -> None:
    is_json = re.fullmatch(r"\s*application/json\s*(;.*)?", value, re.IGNORECASE)
    status = attack.put(item(), {"Content-Type": value}).status
    assert status in ((200, 201) if is_json else (415,))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_no_content_encoding_is_undone(encoding: str, attack: Attacker) -> None:
    headers = {**JSON, "Content-Encoding": encoding, "Content-Transfer-Encoding": "base64"}
    assert attack.put(gzip.compress(item()), headers).status == 400
    assert attack.put(item(), headers).status == 201


@ATTACK
@examples(headers=[*claimed_identities(VICTIM).values(), ROUTING])
@given(headers=st.dictionaries(names, values | st.just(VICTIM), min_size=1, max_size=9))
def test_no_header_names_an_owner(headers: dict[str, str], attack: Attacker) -> None:
    assume(not MEANT & {name.lower() for name in headers})
    path = f"/items/{TREASURE['id']}"
    assert attack("GET", path, headers).status == 404
    assert attack("DELETE", path, headers).status == 204
    assert attack("POST", path, {**headers, **JSON}, b"{}").status == 404
    assert attack.put(item(), {**JSON, **headers}).status in (200, 201)
    listed = json.loads(attack("GET", "/items", headers).body)["items"]
    assert [each["id"] for each in listed] == ["x"]


@ATTACK
@examples(value=CORRELATION_IDS)
@given(value=values | st.from_regex(r"[A-Za-z0-9._:-]{1,130}", fullmatch=True))
def test_correlation_id_is_plain(value: str, attack: Attacker) -> None:
    answer = attack("GET", "/items", {"X-Correlation-Id": value, "User-Agent": value})
    assert answer.status == 200
    taken = len(value) <= 128 and re.fullmatch(r"[A-Za-z0-9._:-]+", value) is not None
    assert (answer.headers["X-Correlation-Id"] == value) == taken


@ATTACK
@examples(value=MALFORMED)
@given(value=tag_lists.map(lambda tags: f"{tags} x"))
def test_malformed_precondition_is_rejected(value: str, attack: Attacker) -> None:
    for name in ("If-Match", "If-None-Match"):
        assert attack("GET", "/items/absent", {name: value}).status == 400
        assert attack("DELETE", "/items/absent", {name: value}).status == 400
        assert attack.put(item(), {**JSON, name: value}).status == 400


@ATTACK
@examples(value=WELL_FORMED)
@given(value=tag_lists)
def test_tag_of_no_item_matches_none(value: str, attack: Attacker) -> None:
    for name, expected in (("If-Match", (404, 204, 412)), ("If-None-Match", (404, 400, 201))):
        header = {name: value}
        answers = (
            attack("GET", "/items/absent", header),
            attack("DELETE", "/items/absent", header),
            attack.put(item(id="new"), {**JSON, **header}),
        )
        assert tuple(answer.status for answer in answers) == expected
        attack.clear()
