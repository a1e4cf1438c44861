"""Rejections by the gateway or the function, on each way to the API."""

import secrets

import httpx
import pytest

from chalicelib.body import MAX_BODY_BYTES
from chalicelib.errors import PROBLEM_TYPES
from tests.e2e.forgeries import FORGED, Material
from tests.e2e.problem import assert_cors, assert_problem, assert_refused, names
from tests.smoke.conftest import Observed
from tests.smoke.deployed import RELEASED, Deployed

JSON = {"Content-Type": "application/json"}

# Only some cases, because gateways differ in the status for a header without a token (400 or 401),
# and in the requests that they accept.
WRONG = (
    "no header",
    "garbage",
    "three parts of garbage",
    "alg none",
    "another key, the pool's kid",
    "another key, unknown kid",
    "HS256 with the public key",
    "no signature",
    "another subject",
    "ID token",
    "refresh token",
)


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_token_gets_nobody_in(
    wrong: str, nobody: httpx.Client, deployed: Deployed, material: Material
) -> None:
    authorization = FORGED[wrong](material)
    headers = {} if authorization is None else {"Authorization": authorization}
    item = {"id": f"stolen-{secrets.token_hex(4)}", "name": "stolen"}
    for answer in (
        nobody.get("/items", headers=headers),
        nobody.put("/items", headers=headers, json=item),
    ):
        assert answer.status_code == 401, f"{wrong}: {answer.status_code} {answer.text[:300]}"
        if RELEASED in deployed.features:  # else the gateway's own form
            assert_refused(answer)


def test_the_scope_to_read_is_not_one_to_write(
    way: str, nobody: httpx.Client, deployed: Deployed, material: Material, observed: Observed
) -> None:
    item = {"id": f"unwritten-{secrets.token_hex(4)}", "name": "unwritten"}
    headers = {"Authorization": f"Bearer {material.read_only}"}
    assert nobody.get("/items", headers=headers).status_code == 200
    missing = nobody.get(f"/items/{item['id']}", headers=headers)
    refused = nobody.put("/items", headers=headers, json=item)

    # Which of the two a gateway says is not written down anywhere.
    observed[f"a token without the scope, by the {way}"] = str(refused.status_code)
    assert refused.status_code in (401, 403), refused.text[:300]
    if RELEASED in deployed.features:
        assert_problem(refused, refused.status_code)
    assert_problem(missing, 404)
    assert_problem(nobody.get(f"/items/{item['id']}", headers=headers), 404)


@pytest.mark.needs(RELEASED)
@pytest.mark.parametrize("signed_in", [True, False])
@pytest.mark.parametrize(("method", "path"), [("GET", "/nope"), ("POST", "/items")])
def test_an_unknown_route_or_method_is_404(
    method: str, path: str, signed_in: bool, nobody: httpx.Client, material: Material
) -> None:
    headers = {"Authorization": f"Bearer {material.token}"} if signed_in else {}
    problem = assert_problem(nobody.request(method, path, headers=headers), 404)
    assert problem["detail"] == "There is no such resource."


def test_a_body_that_is_too_large_is_refused(api: httpx.Client, deployed: Deployed) -> None:
    item = f'{{"id": "large-{secrets.token_hex(4)}", "name": "large"}}'.encode()
    answer = api.put("/items", content=item.ljust(MAX_BODY_BYTES + 1), headers=JSON)
    if deployed.firewall:  # which says it itself, as plain JSON and without a request's id
        assert answer.status_code == answer.json()["status"] == 413, answer.text[:300]
        assert_cors(answer)
    else:
        assert_problem(answer, 413)
    assert api.put("/items", content=item.ljust(MAX_BODY_BYTES), headers=JSON).status_code == 201


def test_invalid_item_is_400_with_the_field(api: httpx.Client) -> None:
    problem = assert_problem(api.put("/items", json={"id": "bad", "name": "bad", "price": -1}), 400)
    assert problem["type"] == f"{PROBLEM_TYPES}:invalid-request"
    assert [error["field"] for error in problem["errors"]] == ["price"]


def test_an_item_that_is_not_there_is_404(api: httpx.Client) -> None:
    assert_problem(api.get(f"/items/absent-{secrets.token_hex(4)}"), 404)


def test_a_page_elsewhere_may_ask(nobody: httpx.Client) -> None:
    answer = nobody.options(
        "/items",
        headers={
            "Origin": "https://elsewhere.example",
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "authorization,if-match",
        },
    )
    assert answer.is_success, answer.text[:300]
    assert names(answer.headers["access-control-allow-methods"]) == {"get", "put", "options"}
    assert answer.headers["access-control-max-age"] == "600"
    assert_cors(answer)
