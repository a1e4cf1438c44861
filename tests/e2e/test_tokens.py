"""Every kind of wrong token, on both servers, which must respond alike."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from chalicelib.auth import READ_SCOPE, WRITE_SCOPE
from local.cloud import Cloud
from local.sign_in import SCOPES
from tests.e2e.conftest import Newcomer, StoredItems, TokenOf
from tests.e2e.gathered import REFUSED, Gathered
from tests.e2e.problem import assert_refused

STOLEN = {"id": "treasure", "name": "stolen", "price": 1}

# (method, path, body), and below it the statuses with a token of these scopes.
REQUESTS = [
    ("PUT", "/items", {"id": "new", "name": "of my own"}),
    ("GET", "/items/new", None),
    ("GET", "/items", None),
    ("DELETE", "/items/new", None),
]
STATUSES = {
    (READ_SCOPE, WRITE_SCOPE): [201, 200, 200, 204],
    ("openid", READ_SCOPE, WRITE_SCOPE): [201, 200, 200, 204],
    (READ_SCOPE,): [401, 404, 200, 401],
    (WRITE_SCOPE,): [201, 401, 401, 204],
    ("openid",): [401, 401, 401, 401],
}


@pytest.fixture(scope="session")
def owner(newcomer: Newcomer) -> str:
    return newcomer("owner")


@pytest.fixture(scope="module")
def material(
    cloud: Cloud,
    stack: dict[str, Any],
    people: dict[str, dict[str, str]],
    owner: str,
    token_of: TokenOf,
) -> Gathered:
    read_only = token_of(owner, READ_SCOPE)
    return Gathered.of(cloud, stack, people[owner], token_of(owner), read_only)


@pytest.fixture(scope="module")
def api(api_url: str, owner: str, token_of: TokenOf) -> Iterator[httpx.Client]:
    """Return a client without a token. The owner has an item."""
    with httpx.Client(base_url=api_url, timeout=30) as client:
        headers = {"Authorization": f"Bearer {token_of(owner)}"}
        treasure = {"id": "treasure", "name": "gold"}
        client.put("/items", headers=headers, json=treasure).raise_for_status()
        yield client


@pytest.mark.parametrize("wrong", REFUSED)
def test_wrong_token_is_rejected_without_a_write(
    wrong: str, api: httpx.Client, material: Gathered, stored_items: StoredItems
) -> None:
    authorization, before = REFUSED[wrong](material), stored_items()
    headers = {} if authorization is None else {b"Authorization": authorization.encode()}

    assert_refused(api.get("/items", headers=headers))
    assert_refused(api.get("/items/treasure", headers=headers))
    assert_refused(api.put("/items", headers=headers, json=STOLEN))
    assert_refused(api.delete("/items/treasure", headers=headers))

    assert stored_items() == before


@pytest.mark.parametrize("scopes", STATUSES, ids=" ".join)
def test_valid_token_is_limited_to_its_scopes(
    scopes: tuple[str, ...],
    api: httpx.Client,
    owner: str,
    token_of: TokenOf,
    stored_items: StoredItems,
) -> None:
    headers, before = {"Authorization": f"Bearer {token_of(owner, *scopes)}"}, stored_items()
    answers = [api.request(m, p, headers=headers, json=body) for m, p, body in REQUESTS]

    assert [answer.status_code for answer in answers] == STATUSES[scopes]
    for answer in answers:
        if answer.status_code == 401:
            assert_refused(answer)
    assert stored_items() == before


@pytest.mark.parametrize("prefix", ["Bearer ", "bearer ", ""])
def test_the_scheme_may_be_left_out(
    prefix: str, api: httpx.Client, owner: str, token_of: TokenOf
) -> None:
    headers = {"Authorization": prefix + token_of(owner)}
    assert api.get("/items/treasure", headers=headers).json()["name"] == "gold"
    for method, path, body in REQUESTS:
        assert api.request(method, path, headers=headers, json=body).is_success


def test_forgeries_derive_from_a_valid_token(api: httpx.Client, material: Gathered) -> None:
    headers = {"Authorization": f"Bearer {material.token}"}
    assert api.get("/items/treasure", headers=headers).status_code == 200
    assert set(material.claims["scope"].split()) == set(SCOPES)
