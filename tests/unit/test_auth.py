import base64
import json
from typing import Any

import pytest
from chalice.test import Client

from app import app
from chalicelib.auth import READ_SCOPE, WRITE_SCOPE, current_user
from chalicelib.errors import Unauthenticated
from tests.unit.conftest import Api


def test_every_route_names_its_scope() -> None:
    # Without a scope on the method, API Gateway would take an ID token for an access token.
    declared = {
        (method, path): route.authorizer.scopes if route.authorizer else None
        for path, methods in app.routes.items()
        for method, route in methods.items()
    }
    assert declared == {
        (method, path): [READ_SCOPE if method == "GET" else WRITE_SCOPE]
        for method, path in declared
    }
    assert ("PUT", "/items") in declared


def test_both_scopes_are_of_one_authorizer() -> None:
    definitions = [
        route.authorizer.to_swagger()
        for methods in app.routes.values()
        for route in methods.values()
        if route.authorizer
    ]
    assert all(each == definitions[0] for each in definitions)
    assert definitions[0]["x-amazon-apigateway-authtype"] == "cognito_user_pools"


ROUTES = [(method, path) for path, methods in app.routes.items() for method in methods]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_without_claims_nobody_is_anybody(api: Api, method: str, path: str) -> None:
    answer = api(method, path.replace("{id}", "1"), b"{}", user=None)
    assert answer.status == 401
    assert answer.json["detail"] == "A valid access token is required."
    assert answer.headers["WWW-Authenticate"] == "Bearer"


CLAIMS = {"sub": "alice", "token_use": "access"}


@pytest.mark.parametrize(
    "context",
    [
        {},
        {"authorizer": None},
        {"authorizer": "alice"},
        {"authorizer": {}},
        {"authorizer": {"claims": None}},
        {"authorizer": {"claims": "alice"}},
        {"authorizer": {"claims": {"sub": "alice"}}},
        {"authorizer": {"claims": {**CLAIMS, "token_use": "id"}}},
        {"authorizer": {"claims": {"token_use": "access"}}},
        {"authorizer": {"claims": {**CLAIMS, "sub": ""}}},
        {"authorizer": {"claims": {**CLAIMS, "sub": None}}},
        {"authorizer": {"claims": {**CLAIMS, "sub": ["alice"]}}},
        {"authorizer": {"claims": {**CLAIMS, "sub": "alice#1"}}},
        {"authorizer": {"claims": {**CLAIMS, "sub": "alice\n"}}},
        {"authorizer": {"claims": {**CLAIMS, "cognito:username": "alice"}}},
        {"authorizer": CLAIMS},
        {"claims": CLAIMS},
    ],
)
def test_fails_closed(context: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        current_user(context)


def test_the_subject_is_the_owner() -> None:
    subject = "2c2dfc39-8f07-450e-9635-2f7a593b9de0"
    assert current_user({"authorizer": {"claims": {**CLAIMS, "sub": subject}}}) == subject


@pytest.mark.parametrize("use", ["access", "id"])
def test_unverified_claims_are_rejected(use: str) -> None:
    # It takes them on trust, from any token that has this claim of an ID token's.
    claims = {"cognito:username": "alice", "sub": "alice", "token_use": use}
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode()
    headers = {"Authorization": f"e30.{payload}.e30"}
    assert Client(app).http.get("/items", headers=headers).status_code == 401
