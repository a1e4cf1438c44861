"""Failures of DynamoDB: a 5xx, a log line, and no leaked data."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from zlib import crc32

import pytest
from chalice.local import LambdaContext

from app import app
from bench.function import event as sample
from chalicelib.breaker import CircuitBreaker
from chalicelib.config import app_name
from chalicelib.errors import PROBLEM_TYPES
from tests.dynamodb_local import free_port
from tests.unit.conftest import Api
from tests.unit.stub import Stub, running

Logged = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    monkeypatch.setenv("TABLE_NAME", "items")
    with running() as stub:
        monkeypatch.setenv("AWS_ENDPOINT_URL", stub.url)
        yield stub


REQUESTS = [
    ("GET", "/items", b""),
    ("GET", "/items/1", b""),
    ("PUT", "/items", {"id": "1", "name": "x"}),
    ("DELETE", "/items/1", b""),
]


@pytest.mark.parametrize(("method", "path", "body"), REQUESTS)
def test_throttled_for_good(
    dynamodb: Stub, logged: Logged, method: str, path: str, body: Any
) -> None:
    dynamodb.fails_with(400, "ProvisionedThroughputExceededException")
    answer = Api()(method, path, body)
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "1"
    assert answer.json["type"] == "about:blank"
    assert "internal!" not in answer.body.decode()
    assert len(dynamodb.requests) == 4
    failure, line = logged()
    assert "ProvisionedThroughputExceeded" in failure["exception"]
    assert failure["request_id"] == line["request_id"] == answer.json["instance"]
    assert (line["level"], line["status"]) == ("ERROR", 503)


@pytest.mark.parametrize(
    ("method", "path", "body", "type"),
    [
        (*REQUESTS[0], "about:blank"),
        (*REQUESTS[1], "about:blank"),
        (*REQUESTS[2], f"{PROBLEM_TYPES}:outcome-unknown"),
        (*REQUESTS[3], f"{PROBLEM_TYPES}:outcome-unknown"),
    ],
)
def test_a_write_may_be_in_doubt_and_says_so(
    dynamodb: Stub, method: str, path: str, body: Any, type: str
) -> None:
    dynamodb.fails_with(500, "InternalServerError")
    answer = Api()(method, path, body)
    assert (answer.status, answer.json["type"]) == (503, type)
    assert answer.headers["Retry-After"] == "1"


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException"])
def test_non_retryable_error_is_a_500(dynamodb: Stub, logged: Logged, code: str) -> None:
    dynamodb.fails_with(400, code)
    answer = Api()("GET", "/items/1")
    assert answer.status == 500
    assert answer.json["detail"] == "Something went wrong on our side."
    assert code not in answer.body.decode()
    assert len(dynamodb.requests) == 1
    lines = logged()
    assert code in lines[0]["exception"]
    by_route, by_version = lines[1]["_aws"]["CloudWatchMetrics"]
    assert by_route["Dimensions"] == [["function", "route"]]
    dimensions = [set(each) for each in by_version["Dimensions"]]
    assert dimensions == [{"function", "version"}, {"function"}]
    assert [each["Name"] for each in by_version["Metrics"]] == ["Faults"]
    assert lines[1]["Faults"] == 1
    assert lines[1]["version"] == "$LATEST"
    assert lines[1]["function"]


def test_an_answer_that_is_none(dynamodb: Stub) -> None:
    dynamodb.answer = "<html>"
    assert Api()("GET", "/items/1").status == 503
    assert len(dynamodb.requests) == 4


def test_refused_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("TABLE_NAME", "items")
    answer = Api().put({"id": "1", "name": "x"})
    # Refused, so it is known not to have been applied.
    assert (answer.status, answer.json["type"]) == (503, "about:blank")


def test_missing_setting_is_a_500_with_a_log(
    monkeypatch: pytest.MonkeyPatch, logged: Logged
) -> None:
    monkeypatch.delenv("TABLE_NAME", raising=False)
    answer = Api()("GET", "/items")
    assert answer.status == 500
    assert "TABLE_NAME" not in answer.body.decode()
    assert "TABLE_NAME is not set" in logged()[0]["exception"]


def test_failure_outside_a_route_is_a_problem(
    logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.routes["/items/{id}"], "GET", None)  # of which Chalice reads members
    event = sample.get("123")
    answer = app(event, LambdaContext("items-prod", 128))
    assert answer["statusCode"] == 500
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    assert json.loads(answer["body"])["instance"] == event["requestContext"]["requestId"]
    assert "AttributeError" in logged()[0]["exception"]


def test_opened_circuit_is_logged_and_counted(
    dynamodb: Stub, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "items-prod")
    dynamodb.fails_with(400, "ThrottlingException")
    api = Api()
    first, second, third = (api("GET", "/items/1") for _ in range(3))
    assert [each.status for each in (first, second, third)] == [503, 503, 503]
    assert len(dynamodb.requests) == 5
    assert (first.headers["Retry-After"], third.headers["Retry-After"]) == ("1", "2")
    lines = logged()
    (opened,) = [line for line in lines if line.get("message") == "circuit"]
    assert (opened["circuit"], opened["state"], opened["level"]) == ("reads", "open", "WARNING")
    assert (opened["CircuitOpened"], opened["route"]) == (1, "GET /items/{id}")
    assert (opened["service"], opened["function"]) == (app_name(), "items-prod")
    (description,) = opened["_aws"]["CloudWatchMetrics"]
    assert [set(each) for each in description["Dimensions"]] == [{"function"}]
    # Writes have a circuit of their own.
    assert api("DELETE", "/items/1").headers["Retry-After"] == "1"
    assert len(dynamodb.requests) == 9


def test_refused_retry_is_logged_and_counted(
    dynamodb: Stub, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CircuitBreaker, "call", lambda _, operation, is_failure: operation())
    dynamodb.fails_with(400, "ThrottlingException")
    api = Api()
    for _ in range(4):  # ten retries, then no more
        assert api("GET", "/items/1").status == 503
    assert len(dynamodb.requests) == 4 + 10
    lines = logged()
    (line,) = [line for line in lines if line.get("message") == "retry budget exhausted"]
    assert line["level"] == "WARNING"
    assert line["RetryBudgetExhausted"] == 1
    (description,) = line["_aws"]["CloudWatchMetrics"]
    assert [set(each) for each in description["Dimensions"]] == [{"function"}]


@pytest.mark.parametrize("difference", [0, 1])
def test_an_answer_with_a_wrong_checksum_is_none(dynamodb: Stub, difference: int) -> None:
    dynamodb.answer = json.dumps({"ConsumedCapacity": {"CapacityUnits": 0.5}})
    dynamodb.checksum = str(crc32(dynamodb.answer.encode()) + difference)
    assert Api()("GET", "/items/1").status == (503 if difference else 404)
    assert len(dynamodb.requests) == (4 if difference else 1)
