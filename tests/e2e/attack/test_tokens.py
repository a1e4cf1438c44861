"""Forged tokens, and valid tokens in wrong places, at both servers."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from local.cloud import Cloud
from tests.e2e.attack import tokens
from tests.e2e.attack.doors import HttpDoor
from tests.e2e.attack.rows import CHALICE_LOCAL, GATEWAY, TREASURE, Facts, Headers
from tests.e2e.attack.verdict import Records
from tests.e2e.conftest import StoredItems, TokenOf
from tests.e2e.forgeries import Material
from tests.e2e.problem import assert_refused

_BODY = b'{"id":"treasure","name":"stolen"}'
_ROUTES = [
    ("GET", "/items", b""),
    ("GET", f"/items/{TREASURE}", b""),
    ("PUT", "/items", _BODY),
    ("DELETE", f"/items/{TREASURE}", b""),
]

# Each server gets a part: the gateway's authorizer is the emulator's, and all are sent to
# `chalice local` with its own user pool in tests/integration/chalice_cli/test_tokens.py.
_DOORS_AND_NAMES = [
    pytest.param(door, name, marks=pytest.mark.long if n % 4 != turn else ())
    for turn, door in enumerate((GATEWAY, CHALICE_LOCAL))
    for n, name in enumerate(tokens.FORGED)
]

Ask = Callable[[Headers, str], list[httpx.Response | None]]


@pytest.fixture(scope="module")
def material(cloud: Cloud, stack: dict[str, Any], attacker: str, token_of: TokenOf) -> Material:
    """Return the material of forgeries. Other tests use the other kinds of real tokens."""
    token = token_of(attacker)
    url = f"{cloud.endpoint}/{stack['user_pool_id']}/.well-known/jwks.json"
    return Material(token, "", "", "", **Material.keys(url, token))


@pytest.fixture(params=[GATEWAY, CHALICE_LOCAL])
def door(request: pytest.FixtureRequest) -> HttpDoor:
    name = "gateway" if request.param == GATEWAY else "local_server"
    found: HttpDoor = request.getfixturevalue(name)
    return found


@pytest.fixture
def ask(
    door: HttpDoor,
    facts: Facts,
    stored_items: StoredItems,
    ledger: list[Records],
    record_property: Callable[[str, object], None],
) -> Ask:
    """Send each route only these headers. Fail if the table changes."""

    def count(answers: int) -> None:
        counts = {"rows": int(door.name == CHALICE_LOCAL), "requests": answers}
        record_property("attack", counts)

    return asking(door, stored_items, ledger, count)


def asking(
    door: HttpDoor,
    stored_items: StoredItems,
    ledger: list[Records],
    count: Callable[[int], None] = lambda _: None,
) -> Ask:
    """Return the function `ask`. `count` records the number of responses."""

    def ask(headers: Headers, query: str = "") -> list[httpx.Response | None]:
        answers = []
        for method, path, body in _ROUTES:
            length = ("Content-Length", str(len(body)))
            sent = [("Host", "127.0.0.1"), ("Content-Type", "application/json"), length, *headers]
            answers.append(door.exchange(method, path + query, sent, body))
        count(len(answers))
        assert [stored_items()] == ledger
        return answers

    return ask


@pytest.mark.parametrize(("door", "name"), _DOORS_AND_NAMES, indirect=["door"])
def test_a_forged_token_is_refused_everywhere(name: str, ask: Ask, material: Material) -> None:
    for answer in ask(tokens.FORGED[name](material), ""):
        assert answer is not None, "hung up"
        assert_refused(answer)


@pytest.mark.parametrize("door", [CHALICE_LOCAL], indirect=True)
def test_a_token_too_deep_to_be_read_is_refused(ask: Ask, material: Material) -> None:
    for answer in ask(tokens.TOO_DEEP(material), ""):
        assert answer is not None, "hung up"
        assert_refused(answer)


@pytest.mark.parametrize("name", tokens.UNSENDABLE)
def test_unsendable_token_is_rejected(name: str, ask: Ask, material: Material) -> None:
    for answer in ask(tokens.UNSENDABLE[name](material), ""):
        assert answer is None or answer.status_code in (400, 401, 431)


@pytest.mark.parametrize("name", tokens.PARAMETERS)
def test_a_token_in_the_query_is_none(name: str, ask: Ask, material: Material) -> None:
    for answer in ask((), f"?{name}={material.token}"):
        assert answer is not None, "hung up"
        assert_refused(answer)


@pytest.mark.parametrize("name", ["authorization", "AUTHORIZATION", "aUTHORIZATION"])
def test_a_headers_name_has_no_case(name: str, door: HttpDoor, material: Material) -> None:
    headers = [("Host", "127.0.0.1"), (name, f"Bearer {material.token}")]
    answer = door.exchange("GET", "/items", headers)
    assert answer is not None
    assert answer.status_code == 200


@pytest.mark.parametrize("good_first", [True, False])
def test_of_two_tokens_no_forged_one_counts(
    good_first: bool, door: HttpDoor, material: Material, facts: Facts
) -> None:
    good, forged = f"Bearer {material.token}", f"Bearer {material.signed(kid='ours')}"
    values = [good, forged] if good_first else [forged, good]
    headers = [("Host", "127.0.0.1"), *(("Authorization", value) for value in values)]
    answer = door.exchange("GET", "/items", headers)
    assert answer is not None
    # A server that reads either line reads a complete wrong token.
    assert answer.status_code in (200, 401)
    assert TREASURE not in answer.text
