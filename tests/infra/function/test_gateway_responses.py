import json

import pytest

from chalicelib.cors import HEADERS as CORS_HEADERS
from infra.function import template
from infra.function.gateway_responses import RESPONSES, sam_property
from infra.stage import Stage
from tools.project import PROJECT


@pytest.mark.parametrize("kind", RESPONSES)
def test_each_is_a_problem_with_cors(kind: str) -> None:
    answer = sam_property()[kind]
    headers = {
        name: value.strip("'") for name, value in answer["ResponseParameters"]["Headers"].items()
    }
    assert headers["Content-Type"] == "application/problem+json"
    assert CORS_HEADERS.items() <= headers.items()
    problem = json.loads(answer["ResponseTemplates"]["application/json"])
    assert problem["status"] == answer["StatusCode"]
    assert problem["instance"] == "$context.requestId"
    assert set(problem) == {"type", "title", "status", "detail", "instance"}
    # The body has no part of the request or of the internal error.
    assert "$context.error" not in json.dumps(answer)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("UNAUTHORIZED", 401),
        ("ACCESS_DENIED", 403),
        ("EXPIRED_TOKEN", 403),
        ("MISSING_AUTHENTICATION_TOKEN", 404),
        ("REQUEST_TOO_LARGE", 413),
        ("THROTTLED", 429),
        ("DEFAULT_5XX", 500),
    ],
)
def test_their_statuses(kind: str, status: int) -> None:
    assert RESPONSES[kind].status == status


@pytest.mark.parametrize("kind", ["THROTTLED", "QUOTA_EXCEEDED"])
def test_429_says_when_to_come_back(kind: str) -> None:
    assert dict(RESPONSES[kind].headers)["Retry-After"].isdigit()


def test_the_packaged_template_carries_them() -> None:
    rest_api = template.addition(Stage.load(PROJECT, "prod"))["Resources"]["RestAPI"]
    assert rest_api["Properties"]["GatewayResponses"] == sam_property()
