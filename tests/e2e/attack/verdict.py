"""Check the responses and the table after any attack."""

import re
from collections.abc import Sequence
from typing import Any

import httpx

from chalicelib.items import ITEMS
from chalicelib.kind import ID_PATTERN
from chalicelib.observability import CORRELATION_ID_PATTERN
from chalicelib.record import partition
from tests.discretion import assert_discreet, assert_log_is_discreet
from tests.e2e.attack.rows import UNANSWERED, Facts, Row
from tests.e2e.problem import assert_problem

Records = Sequence[dict[str, Any]]

# With which the HTTP servers refuse a request that they cannot read, or do not know.
_TRANSPORT_STATUSES = {400, 404, 405, 408, 411, 413, 414, 431, 501, 505}

_LOCATION = re.compile(r"(/api)?/+items/[A-Za-z0-9._~-]{1,128}")


def judge(answer: httpx.Response | None, row: Row, door: str, facts: Facts, table: str) -> None:
    """Fail if the response differs from the row's, or discloses private data."""
    if door in row.transport:
        if answer is not None:
            allowed = _TRANSPORT_STATUSES | {*row.statuses(door)}
            assert answer.status_code in allowed, f"{answer.status_code} {answer.text[:500]}"
            _assert_discreet(answer, row, facts, table)
        return
    assert answer is not None, "hung up"
    assert answer.status_code in row.statuses(door), f"{answer.status_code} {answer.text[:500]}"
    if answer.status_code >= 400:
        assert_problem(answer, answer.status_code)
        assert answer.headers["cache-control"] == "no-store"
    _assert_discreet(answer, row, facts, table)


def _assert_discreet(answer: httpx.Response, row: Row, facts: Facts, table: str) -> None:
    """Fail if the response discloses a secret or has a header of the attacker's making."""
    request = facts.fill_in(row.body.decode("latin-1") + row.target(facts))
    secrets = (table, facts.attacker, facts.victim, facts.tag.strip('"'))
    assert_discreet(answer.text + str(answer.headers), request, secrets)
    assert not {"x-injected", "set-cookie"} & set(answer.headers.keys())
    if correlation := answer.headers.get("x-correlation-id"):
        assert re.fullmatch(CORRELATION_ID_PATTERN, correlation)
    if "location" in answer.headers:
        assert _LOCATION.fullmatch(answer.headers["location"])


def judge_table(
    before: Records, after: Records, row: Row, door: str, status: int, facts: Facts
) -> None:
    """Fail if the table has a new item other than the requested item of the attacker.

    `status` is 0 without a response. The request may then be applied or not, and as late as during
    a later row.
    """
    old, new = ({item["id"]["S"]: item for item in items} for items in (before, after))
    changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    for key in changed:
        own = partition(ITEMS, facts.attacker)
        assert key.startswith(f"{own}#"), f"{key!r} has changed"
        item_id = key.removeprefix(f"{own}#")
        assert re.search(ID_PATTERN, item_id)
        assert len(item_id) <= 128
        assert new[key]["owner"] == {"S": own}
    if door not in row.transport:
        changed -= {key for key in changed if _name(new[key]) == UNANSWERED}
        written = row.stores is not None and status in (200, 201)
        assert len(changed) == int(written), changed
    for key in changed:
        if not (door in row.transport and _name(new[key]) == UNANSWERED):
            assert row.stores is not None
            assert _name(new[key]) == facts.fill_in(row.stores)
        assert new[key].keys() == _ATTRIBUTES
        assert {*new[key]["summary"]["M"], *new[key]["details"]["M"]} <= ITEMS.known


_ATTRIBUTES = {
    *("id", "owner", "summary", "details", "schema", "etag", "version", "created_at", "updated_at")
}


def _name(record: dict[str, Any]) -> str:
    return str(record["summary"]["M"]["name"]["S"])


def judge_log(written: str, facts: Facts) -> None:
    assert_log_is_discreet(written, (facts.attacker, facts.victim, facts.tag.strip('"')))
