"""The attacker, the victim, and the doors between them."""

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import Any

import httpx
import jwt
import pytest

from chalicelib.client import make_client
from local.cloud import Cloud
from tests.e2e.attack.doors import Door, HttpDoor, InProcess
from tests.e2e.attack.rows import CHALICE_LOCAL, GATEWAY, TREASURE, Facts, Row
from tests.e2e.attack.verdict import Records, judge, judge_table
from tests.e2e.conftest import ClientOf, Newcomer, StoredItems, TokenOf

Attack = Callable[[Door, Row], httpx.Response | None]


@pytest.fixture(scope="package")
def attacker(newcomer: Newcomer) -> str:
    return newcomer("attacker")


@pytest.fixture(scope="package")
def facts(
    stack: dict[str, Any], attacker: str, newcomer: Newcomer, token_of: TokenOf, client_of: ClientOf
) -> Facts:
    """Each has two items; the victim's treasure is one of them."""
    victim = newcomer("victim")
    subs, cursors = [], []
    for name in (attacker, victim):
        claims = jwt.decode(token_of(name), options={"verify_signature": False})
        subs.append(claims["sub"])
        api = client_of(name, stack["api_url"])
        for item_id in ("first", "x" if name == attacker else TREASURE):
            item = {"id": item_id, "name": "the-victims-name", "price": 735773577357}
            item = {"id": item_id, "name": "x"} if name == attacker else item
            answer = api.put("/items", json={**item, "description": "the-victims-words"})
        page = api.get("/items", params={"limit": 1}).raise_for_status().json()
        cursors.append(page["cursor"])
    return Facts(subs[0], subs[1], answer.headers["etag"], cursors[0], cursors[1])


@pytest.fixture(scope="package")
def gateway(stack: dict[str, Any], attacker: str, token_of: TokenOf) -> Door:
    return HttpDoor(GATEWAY, stack["api_url"], partial(token_of, attacker))


@pytest.fixture(scope="package")
def local_server(chalice_local: str, attacker: str, token_of: TokenOf) -> Door:
    return HttpDoor(CHALICE_LOCAL, chalice_local, partial(token_of, attacker))


@pytest.fixture(scope="package")
def in_process(cloud: Cloud, stack: dict[str, Any]) -> Iterator[InProcess]:
    with closing(make_client(endpoint_url=cloud.endpoint)) as client:
        yield InProcess(client, stack["table_name"])


@pytest.fixture(scope="module")
def ledger(facts: Facts, stored_items: StoredItems) -> list[Records]:
    """What the table held after the last request, which is what it holds before the next."""
    return [stored_items()]


@pytest.fixture
def attack(
    facts: Facts,
    stack: dict[str, Any],
    stored_items: StoredItems,
    ledger: list[Records],
    record_property: Callable[[str, object], None],
) -> Attack:
    """`attack(door, row)`: send it, judge the answer and what is stored afterwards."""

    def attack(door: Door, row: Row) -> httpx.Response | None:
        answer = door.send(row, facts)
        before, ledger[0] = ledger[0], stored_items()
        # Each row is asked at its last door whatever is left out at the others.
        record_property("attack", {"rows": int(door.name == row.only[-1]), "requests": 1})
        judge(answer, row, door.name, facts, stack["table_name"])
        status = 0 if answer is None else answer.status_code
        judge_table(before, ledger[0], row, door.name, status, facts)
        return answer

    return attack
