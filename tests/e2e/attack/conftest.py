"""The attacker, the victim, and the doors between them."""

from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import jwt
import pytest

from tests import discretion
from tests.e2e.attack.doors import HttpDoor
from tests.e2e.attack.rows import CHALICE_LOCAL, GATEWAY, Facts, Row
from tests.e2e.attack.verdict import Records, judge, judge_table
from tests.e2e.conftest import ClientOf, Newcomer, StoredItems, TokenOf

Attack = Callable[[HttpDoor, Row], httpx.Response | None]


@pytest.fixture(scope="package")
def attacker(newcomer: Newcomer) -> str:
    return newcomer("attacker")


@pytest.fixture(scope="package")
def facts(
    stack: dict[str, Any], attacker: str, newcomer: Newcomer, token_of: TokenOf, client_of: ClientOf
) -> Facts:
    """Store the victim's secret item."""
    victim = newcomer("victim")
    subs = [
        jwt.decode(token_of(name), options={"verify_signature": False})["sub"]
        for name in (attacker, victim)
    ]
    answer = client_of(victim, stack["api_url"]).put("/items", json=discretion.TREASURE)
    return Facts(subs[0], subs[1], answer.raise_for_status().headers["etag"])


@pytest.fixture(scope="package")
def gateway(stack: dict[str, Any], attacker: str, token_of: TokenOf) -> HttpDoor:
    return HttpDoor(GATEWAY, stack["api_url"], partial(token_of, attacker))


@pytest.fixture(scope="package")
def local_server(chalice_local: str, attacker: str, token_of: TokenOf) -> HttpDoor:
    return HttpDoor(CHALICE_LOCAL, chalice_local, partial(token_of, attacker))


@pytest.fixture(scope="module")
def ledger(facts: Facts, stored_items: StoredItems) -> list[Records]:
    """Keep the table's content after each request, to compare it after the next."""
    return [stored_items()]


@pytest.fixture
def attack(
    facts: Facts,
    stack: dict[str, Any],
    stored_items: StoredItems,
    ledger: list[Records],
    record_property: Callable[[str, object], None],
) -> Attack:
    """Return `attack(door, row)`, which sends the row and checks the response and the table."""

    def attack(door: HttpDoor, row: Row) -> httpx.Response | None:
        answer = door.send(row, facts)
        before, ledger[0] = ledger[0], stored_items()
        record_property("attack", {"requests": 1})
        judge(answer, row, door.name, facts, stack["table_name"])
        status = 0 if answer is None else answer.status_code
        judge_table(before, ledger[0], row, door.name, status, facts)
        return answer

    return attack
