"""Whether somebody else has an item of a name cannot be told from any answer, at any door."""

import json
from collections.abc import Callable

import pytest

from tests.e2e.attack.doors import Door
from tests.e2e.attack.rows import IN_PROCESS, JSON, TREASURE, Facts, Headers, Row
from tests.e2e.conftest import StoredItems
from tests.e2e.test_tenants import REQUESTS, told

_NEVER = "nothings"  # as long as the other's, or the lengths of the answers would differ

#: Preconditions with the victim's entity tag, besides those that the tenants' tests have.
_CONDITIONS: list[dict[str, str]] = [
    {name: form}
    for name in ("If-Match", "If-None-Match")
    for form in ("W/{}", '"x", {}', "{}, {}", ",{},", '"x"', '""', "{}x", "*,{}", "'{}'", "")
]
_MORE = [(method, each) for each in _CONDITIONS for method in ("GET", "PUT", "DELETE")]
_BOTH = {"If-Match": "{}", "If-None-Match": "{}"}
_ROWS = [
    *((method, condition) for method, condition, _status in REQUESTS),
    *_MORE,
    *((method, _BOTH) for method in ("GET", "PUT", "DELETE")),
]
#: Of a body that is refused, by when it is: the item is never looked for.
_BODIES = ["{", '{"id":"%s"}', '{"id":"%s","name":""}', '{"id":"%s","name":"x","owner":"VICTIM"}']


@pytest.fixture(
    params=[pytest.param("gateway", marks=pytest.mark.long), "local_server", "in_process"]
)
def door(request: pytest.FixtureRequest) -> Door:
    found: Door = request.getfixturevalue(request.param)
    return found


def _told(
    door: Door, facts: Facts, method: str, item_id: str, headers: Headers, body: str
) -> object:
    path = "/items" if method == "PUT" else f"/items/{item_id}"
    sent = body.replace("%s", item_id).encode() if method == "PUT" else b""
    answer = door.send(Row("", method, path, (*JSON, *headers), sent), facts)
    assert answer is not None
    assert answer.status_code < 500
    return told(answer, item_id)


def _victims(stored_items: StoredItems, facts: Facts) -> list[object]:
    return [item for item in stored_items() if item["owner"]["S"] == facts.victim]


@pytest.mark.parametrize(("method", "condition"), _ROWS, ids=lambda value: str(value))
def test_a_foreign_id_is_answered_like_one_that_never_was(
    method: str,
    condition: dict[str, str],
    door: Door,
    facts: Facts,
    stored_items: StoredItems,
    record_property: Callable[[str, object], None],
) -> None:
    record_property("attack", {"rows": int(door.name == IN_PROCESS), "requests": 4})
    before = _victims(stored_items, facts)
    headers = tuple((name, form.format(facts.tag, facts.tag)) for name, form in condition.items())
    body = json.dumps({"id": "%s", "name": "mine", "price": 2})

    foreign, never = (
        _told(door, facts, method, item_id, headers, body) for item_id in (TREASURE, _NEVER)
    )

    assert foreign == never
    assert _victims(stored_items, facts) == before
    for item_id in (TREASURE, _NEVER):  # what a PUT has made of one's own
        _told(door, facts, "DELETE", item_id, (), "")
    assert _victims(stored_items, facts) == before


@pytest.mark.parametrize("body", _BODIES)
def test_a_body_that_is_refused_tells_nothing_either(body: str, door: Door, facts: Facts) -> None:
    foreign, never = (
        _told(door, facts, "PUT", item_id, (), body) for item_id in (TREASURE, _NEVER)
    )
    assert foreign == never
