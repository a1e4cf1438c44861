"""What no answer may be, whatever was asked."""

import json
import re
from collections.abc import Sequence
from typing import Any

import httpx

from chalicelib.items import ID_PATTERN
from chalicelib.observability import CORRELATION_ID_PATTERN
from tests.e2e.attack.rows import TREASURE, UNANSWERED, Facts, Row
from tests.e2e.problem import assert_problem

Records = Sequence[dict[str, Any]]

#: What only somebody who looks inside would know.
INTERNAL = (
    "Traceback",
    'File "',
    "chalice",
    "boto",
    "msgspec",
    "dynamodb",
    "arn:aws",
    "lambda_",
    "ConditionExpression",
    "attribute_not_exists",
    "by_owner",
)
#: What is the victim's: the name, the description and the price of their item.
SECRETS = ("the-victims-name", "the-victims-words", "735773577357")

# With which the HTTP servers refuse a request that they cannot read, or do not know.
_TRANSPORT_STATUSES = {400, 404, 405, 408, 411, 413, 414, 431, 501, 505}

_LOCATION = re.compile(r"(/api)?/+items/[A-Za-z0-9._~-]{1,128}")


def judge(answer: httpx.Response | None, row: Row, door: str, facts: Facts, table: str) -> None:
    """Fail if the answer is not the row's, or says anything that it should not."""
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
    """Nothing internal, nobody's secrets, and no header of the attacker's making."""
    said = answer.text + str(answer.headers)
    # What they say themselves they may hear: the name of a field or parameter, or a stored text.
    sent = facts.fill_in(row.body.decode("latin-1") + row.target(facts))
    for word in (*INTERNAL, table):
        assert word.lower() not in said.lower() or word.lower() in sent.lower(), f"says {word!r}"
    for secret in (*SECRETS, facts.victim, facts.tag.strip('"')):
        assert secret not in said or secret in sent, f"says {secret!r}"
    assert facts.attacker not in said or facts.attacker in sent
    assert not {"x-injected", "set-cookie"} & set(answer.headers.keys())
    if correlation := answer.headers.get("x-correlation-id"):
        assert re.fullmatch(CORRELATION_ID_PATTERN, correlation)
    if "location" in answer.headers:
        assert _LOCATION.fullmatch(answer.headers["location"])


def judge_table(
    before: Records, after: Records, row: Row, door: str, status: int, facts: Facts
) -> None:
    """Fail if anything is stored that is not an item of the attacker's own, asked for.

    `status` is 0 if there was no answer, after which what was asked for may be done or not.
    """
    old, new = ({item["id"]["S"]: item for item in items} for items in (before, after))
    changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    for key in changed:
        owner, separator, item_id = key.partition("#")
        assert (owner, separator) == (facts.attacker, "#"), f"{key!r} has changed"
        assert re.search(ID_PATTERN, item_id)
        assert len(item_id) <= 128
        assert new[key]["owner"] == {"S": owner}
    if door not in row.transport:
        written = row.stores is not None and status in (200, 201)
        assert len(changed) == int(written), changed
    for key in changed:
        if not (door in row.transport and new[key]["name"] == {"S": UNANSWERED}):
            assert row.stores is not None
            assert new[key]["name"] == {"S": facts.fill_in(row.stores)}
        assert new[key].keys() <= {*_ATTRIBUTES, "price", "description"}
        assert new[key].keys() >= _ATTRIBUTES


_ATTRIBUTES = {"id", "owner", "name", "attempt", "version", "created_at", "updated_at"}


def judge_log(written: str, facts: Facts) -> None:
    """Fail unless each line is one JSON object that holds nothing personal."""
    lines = written.splitlines()
    assert lines, "nothing was written"
    for line in lines:
        assert isinstance(json.loads(line), dict)
    for secret in (*SECRETS, TREASURE, facts.attacker, facts.victim, facts.tag.strip('"')):
        assert secret not in written, f"{secret!r} is in the log"
    assert "Traceback" not in written
