"""The deployed function has exactly the rights that it needs, with IAM enforced."""

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from infra.function.policy import function_policy
from local.cloud import Cloud
from tests.e2e.conftest import ClientOf, FunctionLog, Newcomer
from tests.e2e.problem import assert_problem

FUNCTION = "items-local"
LOG_GROUP = f"/aws/lambda/{FUNCTION}"

#: By the one action that it needs, each request that the API knows.
REQUESTS: dict[str, Callable[[httpx.Client, dict[str, str]], httpx.Response]] = {
    "dynamodb:UpdateItem": lambda api, headers: api.put(
        "/items", json={"id": "kept", "name": "replaced"}, headers=headers
    ),
    "dynamodb:GetItem": lambda api, headers: api.get("/items/kept", headers=headers),
    "dynamodb:Query": lambda api, headers: api.get("/items", headers=headers),
    "dynamodb:DeleteItem": lambda api, headers: api.delete("/items/lost", headers=headers),
}


@dataclass(frozen=True)
class Role:
    """The deployed function's role and its one policy."""

    iam: Any
    name: str
    policy: str

    def document(self) -> dict[str, Any]:
        answer = self.iam.get_role_policy(RoleName=self.name, PolicyName=self.policy)
        document: dict[str, Any] = answer["PolicyDocument"]
        return document

    def put(self, document: dict[str, Any]) -> None:
        self.iam.put_role_policy(
            RoleName=self.name, PolicyName=self.policy, PolicyDocument=json.dumps(document)
        )

    def put_without(self, action: str) -> None:
        statements = []
        for statement in self.document()["Statement"]:
            actions = [each for each in statement["Action"] if each != action]
            if actions:
                statements.append({**statement, "Action": actions})
        self.put({"Version": "2012-10-17", "Statement": statements})


@pytest.fixture(scope="module")
def deployed_role(cloud: Cloud, stack: dict[str, Any]) -> Role:
    function = cloud.client("lambda").get_function_configuration(FunctionName=FUNCTION)
    iam, name = cloud.client("iam"), function["Role"].rpartition("/")[2]
    (policy,) = iam.list_role_policies(RoleName=name)["PolicyNames"]
    return Role(iam, name, policy)


@pytest.fixture
def role(deployed_role: Role) -> Iterator[Role]:
    """The role, whose policy a test may change."""
    document = deployed_role.document()
    try:
        yield deployed_role
    finally:
        deployed_role.put(document)


@pytest.fixture(scope="module")
def api(stack: dict[str, Any], newcomer: Newcomer, client_of: ClientOf) -> httpx.Client:
    client = client_of(newcomer("operator"), stack["api_url"])
    client.put("/items", json={"id": "kept", "name": "first"}).raise_for_status()
    return client


def test_the_role_has_exactly_the_stages_policy(
    cloud: Cloud, stack: dict[str, Any], deployed_role: Role
) -> None:
    table = cloud.client("dynamodb").describe_table(TableName=stack["table_name"])["Table"]
    expected = function_policy(table["TableArn"], FUNCTION)
    assert deployed_role.document() == expected

    attached = deployed_role.iam.list_attached_role_policies(RoleName=deployed_role.name)
    assert attached["AttachedPolicies"] == []
    trust = deployed_role.iam.get_role(RoleName=deployed_role.name)["Role"]
    (statement,) = trust["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_the_policy_is_least_privilege(deployed_role: Role, stack: dict[str, Any]) -> None:
    statements = deployed_role.document()["Statement"]
    allowed = {
        action: resource
        for statement in statements
        for action in statement["Action"]
        for resource in statement["Resource"]
    }
    account = "000000000000"
    table = f"arn:aws:dynamodb:us-east-1:{account}:table/{stack['table_name']}"
    streams = f"arn:aws:logs:us-east-1:{account}:log-group:{LOG_GROUP}:*"
    assert allowed == {
        "dynamodb:GetItem": table,
        "dynamodb:UpdateItem": table,
        "dynamodb:DeleteItem": table,
        "dynamodb:Query": f"{table}/index/by_owner",
        "logs:CreateLogStream": streams,
        "logs:PutLogEvents": streams,
    }
    assert all(statement["Effect"] == "Allow" for statement in statements)
    assert sum(len(statement["Action"]) for statement in statements) == len(allowed)
    assert all(len(statement["Resource"]) == 1 for statement in statements)


def test_the_policy_suffices(api: httpx.Client) -> None:
    assert {need: send(api, {}).status_code for need, send in REQUESTS.items()} == {
        "dynamodb:UpdateItem": 200,
        "dynamodb:GetItem": 200,
        "dynamodb:Query": 200,
        "dynamodb:DeleteItem": 204,
    }


@pytest.mark.parametrize("missing", REQUESTS)
def test_missing_action_fails_only_its_request(
    missing: str, api: httpx.Client, role: Role, stack: dict[str, Any], function_log: FunctionLog
) -> None:
    role.put_without(missing)
    correlation_id = secrets.token_hex(16)

    headers = {"X-Correlation-Id": correlation_id}
    answers = {need: send(api, headers) for need, send in REQUESTS.items()}

    failed = answers.pop(missing)
    assert all(answer.is_success for answer in answers.values())
    body = assert_problem(failed, 500)
    del body["instance"]
    assert body == {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "detail": "Something went wrong on our side.",
    }
    said = f"{failed.text}{failed.headers}".lower()
    for secret in ("arn:", "accessdenied", "dynamodb", "traceback", stack["table_name"], role.name):
        assert secret.lower() not in said

    # Only the log has the reason, not the response.
    (cause,) = function_log(correlation_id, "exception")
    assert cause["level"] == "ERROR"
    assert "AccessDeniedException" in cause["exception"]
    assert missing in cause["exception"]
