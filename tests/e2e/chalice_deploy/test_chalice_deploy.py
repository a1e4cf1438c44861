"""`chalice deploy --stage dev` of the README: deploy, change, deploy again, delete.

The tests run as one story, in the order of this file. Each fixture is the next step.
"""

import json
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from chalicelib.auth import READ_SCOPE, WRITE_SCOPE
from infra.function.policy import function_policy
from local.cloud import Cloud
from tests.e2e.chalice_deploy.conftest import Project
from tests.e2e.chalice_deploy.deployed import FUNCTION, ROLE, Deployed, everything
from tests.e2e.problem import ALLOWED, EXPOSED, names

pytestmark = pytest.mark.in_order

KEPT = {"id": "kept", "name": "Made before the change", "price": 12.50}

SCOPES = {
    "GET /items": [READ_SCOPE],
    "PUT /items": [WRITE_SCOPE],
    "GET /items/{id}": [READ_SCOPE],
    "DELETE /items/{id}": [WRITE_SCOPE],
}
CHANGED_SCOPES = {
    "GET /items": [READ_SCOPE],
    "POST /items": [WRITE_SCOPE],
    "GET /things/{id}": [READ_SCOPE],
    "DELETE /things/{id}": [WRITE_SCOPE],
}


@pytest.fixture(scope="module")
def first(cloud: Cloud, project: Project, data: dict[str, str]) -> Deployed:
    """The stage, deployed for the first time."""
    printed = project.deploy()
    api = project.stage.deployed_rest_api()
    assert api
    assert f"Rest API URL: https://{api.id}.execute-api.us-east-1.amazonaws.com/api/" in printed
    return Deployed(cloud, api.id)


@pytest.fixture(scope="module")
def changed(project: Project, first: Deployed, tokens: dict[str, str]) -> Deployed:
    """Deployed again: one path has another name, and one method of a path that stays."""
    assert first.call("PUT", "/items", tokens["both"], json=KEPT).status_code == 201
    project.edit('"/items/{id}"', '"/things/{id}"')
    project.edit('"/items", methods=["PUT"]', '"/items", methods=["POST"]')
    project.deploy()
    return first


@pytest.fixture(scope="module")
def unchanged(project: Project, changed: Deployed) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the resources before and after another deployment of the same code."""
    before = changed.account()
    project.deploy()
    return before, changed.account()


@pytest.fixture(scope="module")
def deleted(project: Project, unchanged: object, changed: Deployed) -> Deployed:
    """The stage after `chalice delete`."""
    result = project.chalice("delete", "--stage", "dev")
    assert result.returncode == 0, result.stderr
    return changed


def test_chalice_remembers_what_it_has_made(project: Project, first: Deployed) -> None:
    assert set(project.deployed) == {"api_handler", "api_handler_role", "rest_api"}
    assert project.deployed["api_handler"]["lambda_arn"].endswith(f":function:{FUNCTION}")
    assert project.deployed["api_handler_role"]["role_name"] == ROLE
    # Where `.venv/bin/python -m infra site` looks.
    assert project.stage.deployed_rest_api() == (first.api_id, "/api")


def test_methods_have_authorizer_and_scope(first: Deployed, data: dict[str, str]) -> None:
    assert first.scopes() == SCOPES
    (authorizer,) = first.authorizers()
    assert authorizer["type"] == "COGNITO_USER_POOLS"
    assert authorizer["providerARNs"] == [data["UserPoolArn"]]
    # Only the preflight needs no sign-in.
    assert set(first.methods()) == {*SCOPES, "OPTIONS /items", "OPTIONS /items/{id}"}


def test_the_role_has_exactly_the_stages_policy(
    cloud: Cloud, project: Project, first: Deployed, data: dict[str, str]
) -> None:
    iam = cloud.client("iam")
    (policy,) = iam.list_role_policies(RoleName=ROLE)["PolicyNames"]
    document = iam.get_role_policy(RoleName=ROLE, PolicyName=policy)["PolicyDocument"]
    assert document == function_policy(data["TableArn"], FUNCTION)
    assert document == json.loads((project.directory / ".chalice/policy-dev.json").read_text())
    assert iam.list_attached_role_policies(RoleName=ROLE)["AttachedPolicies"] == []
    trust: Any = iam.get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"]
    assert [each["Principal"] for each in trust["Statement"]] == [
        {"Service": "lambda.amazonaws.com"}
    ]


def test_the_function_has_the_stages_settings(first: Deployed, data: dict[str, str]) -> None:
    account = first.account()
    assert account["functions"] == [FUNCTION]
    function = account["function"]
    assert function["Environment"]["Variables"] == {
        "APP_NAME": "items",
        "TABLE_NAME": data["TableName"],
        "USER_POOL_ARN": data["UserPoolArn"],
    }
    assert (function["MemorySize"], function["Timeout"]) == (1024, 10)
    (caller,) = json.loads(account["callers"])["Statement"]
    assert caller["Principal"] == {"Service": "apigateway.amazonaws.com"}
    source = caller["Condition"]["ArnLike"]["AWS:SourceArn"]
    assert source == f"arn:aws:execute-api:us-east-1:000000000000:{first.api_id}/*"
    assert account["stages"] == ["api"]


def test_an_items_life(first: Deployed, tokens: dict[str, str]) -> None:
    token, item = tokens["both"], {"id": "123", "price": 12345, "name": "myitem"}
    created = first.call("PUT", "/items", token, json=item)
    assert created.status_code == 201, created.text
    assert created.headers["location"].endswith("/items/123")
    found = first.call("GET", "/items/123", token)
    assert {name: found.json()[name] for name in item} == item
    assert found.headers["etag"] == created.headers["etag"]
    listed = first.call("GET", "/items?limit=10", token).json()
    assert [each["id"] for each in listed["items"]] == ["123"]
    assert first.call("DELETE", "/items/123", token).status_code == 204
    assert first.call("GET", "/items/123", token).status_code == 404


def requests(api: Deployed, token: str | None) -> dict[str, httpx.Response]:
    item = {"id": "stolen", "name": "stolen"}
    return {
        "GET /items": api.call("GET", "/items", token),
        "PUT /items": api.call("PUT", "/items", token, json=item),
        "GET /items/{id}": api.call("GET", "/items/stolen", token),
        "DELETE /items/{id}": api.call("DELETE", "/items/stolen", token),
    }


def assert_refused(answer: httpx.Response) -> None:
    """In the gateway's own form: `chalice deploy` gives it no other."""
    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})


@pytest.mark.parametrize("scope", [READ_SCOPE, WRITE_SCOPE])
def test_a_token_is_good_for_its_scope_only(
    scope: str, first: Deployed, tokens: dict[str, str]
) -> None:
    for name, answer in requests(first, tokens[scope]).items():
        if SCOPES[name] == [scope]:
            # 404 is the function's: there is no such item.
            assert answer.is_success or answer.status_code == 404, name
        else:
            assert_refused(answer)


def forged(token: str) -> str:
    """The same claims and key id, signed with a key of our own."""
    claims = jwt.decode(token, options={"verify_signature": False})
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    kid = jwt.get_unverified_header(token)["kid"]
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": kid})


def test_no_token_or_a_wrong_one_is_refused(first: Deployed, tokens: dict[str, str]) -> None:
    for token in None, "garbage", forged(tokens["both"]):
        for answer in requests(first, token).values():
            assert_refused(answer)


def test_preflights_need_no_token(first: Deployed) -> None:
    for path, methods in ("/items", {"get", "put"}), ("/items/1", {"get", "delete"}):
        answer = first.call("OPTIONS", path, headers={"Origin": "https://example.com"})
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == "*"
        assert names(answer.headers["access-control-allow-methods"]) == methods | {"options"}
        assert names(answer.headers["access-control-allow-headers"]) >= ALLOWED
        assert names(answer.headers["access-control-expose-headers"]) >= EXPOSED


def test_a_changed_route_takes_the_old_ones_place(
    changed: Deployed, project: Project, tokens: dict[str, str]
) -> None:
    assert project.stage.deployed_rest_api() == (changed.api_id, "/api")
    assert changed.scopes() == CHANGED_SCOPES
    token = tokens["both"]
    for method, path in ("GET", "/items/kept"), ("DELETE", "/items/kept"), ("PUT", "/items"):
        gone = changed.call(method, path, token, json=KEPT)
        message = {"message": "Missing Authentication Token"}  # the gateway's "no such route"
        assert (gone.status_code, gone.json()) == (403, message)
    new = {"id": "new", "name": "Made after the change"}
    assert changed.call("POST", "/items", token, json=new).status_code == 201
    assert changed.call("DELETE", "/things/new", token).status_code == 204
    assert changed.call("GET", "/things/kept", tokens[READ_SCOPE]).status_code == 200
    assert_refused(changed.call("DELETE", "/things/kept", tokens[READ_SCOPE]))
    assert_refused(changed.call("GET", "/things/kept"))


def test_the_data_outlives_the_change(changed: Deployed, tokens: dict[str, str]) -> None:
    found = changed.call("GET", "/things/kept", tokens["both"]).json()
    assert {name: found[name] for name in KEPT} == KEPT
    listed = changed.call("GET", "/items", tokens["both"]).json()["items"]
    assert [each["id"] for each in listed] == ["kept"]


def test_deploying_the_same_again_changes_nothing(
    unchanged: tuple[dict[str, Any], dict[str, Any]], changed: Deployed, tokens: dict[str, str]
) -> None:
    before, after = unchanged
    assert after == before
    assert changed.call("GET", "/things/kept", tokens["both"]).status_code == 200


def test_deleting_takes_what_chalice_made(
    cloud: Cloud, project: Project, deleted: Deployed
) -> None:
    assert everything(cloud) == {"apis": [], "functions": [], "roles": []}
    assert not deleted.call("GET", "/items").is_success
    assert project.deployed == {}
    assert project.stage.deployed_rest_api() is None


def test_deleting_leaves_what_holds_data(
    cloud: Cloud, deleted: Deployed, data: dict[str, str]
) -> None:
    items = cloud.client("dynamodb").scan(TableName=data["TableName"], ConsistentRead=True)["Items"]
    assert [item["summary"]["M"]["name"]["S"] for item in items] == [KEPT["name"]]
    users = cloud.client("cognito-idp").list_users(UserPoolId=data["UserPoolId"])["Users"]
    assert len(users) == 1
    group = f"/aws/lambda/{FUNCTION}"
    groups = cloud.client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert [each["logGroupName"] for each in groups] == [group]
    assert groups[0]["retentionInDays"]
