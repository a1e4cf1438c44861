"""`local.testing.Client`, which stands for the deployed gateway in tests."""

import json
from pathlib import Path
from typing import Any

import chalice.test
import pytest

from app import app
from chalicelib.auth import READ_SCOPE, WRITE_SCOPE
from infra.function.gateway_responses import RESPONSES
from local.sign_in import SCOPES
from local.testing import Client, signing_key
from local.tokens import SigningKey
from tests.unit.conftest import Api
from tools.project import PROJECT

REQUESTS = {
    ("GET", "/items"): READ_SCOPE,
    ("GET", "/items/1"): READ_SCOPE,
    ("PUT", "/items"): WRITE_SCOPE,
    ("DELETE", "/items/1"): WRITE_SCOPE,
}
ITEM = {"Content-Type": "application/json"}, b'{"id": "1", "name": "One"}'


def request(client: Client, method: str, path: str, **headers: str) -> chalice.test.HTTPResponse:
    sent, body = ITEM if method == "PUT" else ({}, b"")
    return client.http.request(method, path, {**sent, **headers}, body)


def assert_refused(response: chalice.test.HTTPResponse, kind: str = "UNAUTHORIZED") -> None:
    expected = RESPONSES[kind]
    assert response.status_code == expected.status
    assert response.headers == expected.all_headers()
    problem = response.json_body
    assert problem == json.loads(expected.body(problem["instance"]))


def test_it_is_chalices_own(api: Api) -> None:
    with Client(app, user="alice") as client:
        assert isinstance(client, chalice.test.Client)
        assert isinstance(client.http, chalice.test.TestHTTPClient)
        assert client.http.get("/items").json_body == {"items": [], "cursor": None}


@pytest.mark.parametrize(("method", "path"), REQUESTS)
def test_user_has_both_scopes(api: Api, method: str, path: str) -> None:
    response = request(Client(app, user="alice"), method, path)
    assert response.status_code not in (401, 403)


def test_user_is_the_owner(api: Api) -> None:
    assert request(Client(app, user="alice"), "PUT", "/items").status_code == 201
    assert request(Client(app, user="alice"), "GET", "/items/1").status_code == 200
    assert request(Client(app, user="bob"), "GET", "/items/1").status_code == 404


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize(("method", "path"), REQUESTS)
def test_scope_is_needed(api: Api, method: str, path: str, scope: str) -> None:
    response = request(Client(app, user="alice", scopes=[scope]), method, path)
    if scope == REQUESTS[method, path]:
        assert response.status_code not in (401, 403)
    else:
        assert_refused(response)


@pytest.mark.parametrize(("method", "path"), REQUESTS)
def test_no_user_is_refused(method: str, path: str) -> None:
    assert_refused(request(Client(app), method, path))


@pytest.mark.parametrize(
    "token",
    [
        "",
        "garbage",
        "made.up.token",
        SigningKey.generate().token("alice"),
        signing_key().token("alice", lifetime=-1),
        signing_key().token("alice", token_use="id"),
    ],
    ids=["empty", "garbage", "made up", "another key", "expired", "ID token"],
)
def test_wrong_token_is_refused(token: str) -> None:
    """A header of the request's own replaces the user's, however its name is written."""
    client = Client(app, user="alice")
    for name in ("Authorization", "authorization"):
        assert_refused(client.http.get("/items", headers={name: f"Bearer {token}"}))


@pytest.mark.parametrize(("method", "path"), [("GET", "/nothing"), ("POST", "/items")])
def test_unknown_route_is_the_gateways_404(method: str, path: str) -> None:
    response = request(Client(app, user="alice"), method, path)
    assert_refused(response, "MISSING_AUTHENTICATION_TOKEN")


def test_deployed_stage_keeps_the_tests_table(api: Api, tmp_path: Path) -> None:
    """A deployment writes the real table's name into the work tree, for every later test."""
    config: dict[str, Any] = json.loads((PROJECT / ".chalice" / "config.json").read_text())
    for stage in ("dev", "prod"):
        config["stages"][stage]["environment_variables"] = {"TABLE_NAME": "real"}
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps(config))
    client = Client(app, project_dir=tmp_path, user="alice")
    assert request(client, "PUT", "/items").status_code == 201
