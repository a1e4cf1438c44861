"""Every error is a problem detail with CORS, without internal data."""

import json

import pytest

from chalicelib.cors import HEADERS as CORS_HEADERS
from chalicelib.errors import PROBLEM_TYPES
from tests.unit.conftest import Answer, Api

ITEM = {"id": "123", "name": "myitem"}


def assert_problem(answer: Answer, status: int) -> None:
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    for name, value in CORS_HEADERS.items():
        assert answer.headers[name] == value
    problem = answer.json
    assert problem["status"] == status
    assert problem["instance"] == answer.headers["X-Correlation-Id"]
    assert problem["title"]
    assert problem["detail"]
    assert problem["type"] == "about:blank" or problem["type"].startswith(f"{PROBLEM_TYPES}:")


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("PUT", "/items", {"id": "1"}, {}, 400),
        ("GET", "/items?limit=0", b"", {}, 400),
        ("GET", "/items/1", b"", {}, 404),
        ("PUT", "/items", ITEM, {"If_Match": "*"}, 412),
        ("PUT", "/items", b" " * 65537, {}, 413),
        ("PUT", "/items", ITEM, {"Content_Type": "text/plain"}, 415),
        ("PUT", "/items", ITEM, {"Content_Type": "application/octet-stream"}, 415),
    ],
)
def test_errors_are_problems(
    api: Api, method: str, path: str, body: object, headers: dict[str, str], status: int
) -> None:
    assert_problem(api(method, path, body, **headers), status)


def test_missing_user_is_a_problem(api: Api) -> None:
    assert_problem(api("GET", "/items", user=None), 401)


def test_405_says_what_is_allowed(api: Api) -> None:
    answer = api("POST", "/items", ITEM, user=None)
    assert_problem(answer, 405)
    assert sorted(answer.headers["Allow"].split(", ")) == ["GET", "PUT"]


def test_a_validation_problem_names_the_field(api: Api) -> None:
    problem = api.put({"id": "1", "name": ""}).json
    assert problem["type"] == f"{PROBLEM_TYPES}:invalid-request"
    assert problem["errors"] == [
        {"field": "name", "message": "must be 1 to 200 characters, not all of them blank"}
    ]
    assert problem["detail"] == "name: must be 1 to 200 characters, not all of them blank"


def test_a_long_unknown_field_is_not_echoed_whole(api: Api) -> None:
    answer = api.put(json.dumps({**ITEM, "x" * 10_000: 1}).encode())
    assert answer.field == "x" * 100
    assert len(answer.body) < 1000


def test_successes_carry_cors_too(api: Api) -> None:
    for answer in (api.put(ITEM), api("GET", "/items"), api("DELETE", "/items/123")):
        for name, value in CORS_HEADERS.items():
            assert answer.headers[name] == value


def test_cors_covers_the_headers_of_the_api() -> None:
    allowed = CORS_HEADERS["Access-Control-Allow-Headers"].split(",")
    exposed = CORS_HEADERS["Access-Control-Expose-Headers"].split(",")
    wanted = {"Authorization", "Content-Type", "If-Match", "If-None-Match", "X-Correlation-Id"}
    assert wanted <= set(allowed)
    assert set(exposed) == {"ETag", "Location", "Retry-After", "X-Correlation-Id"}
