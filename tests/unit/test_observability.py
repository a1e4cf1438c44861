import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from chalice.app import Request, Response

from app import app
from chalicelib import observability
from chalicelib.breaker import State
from chalicelib.config import app_name
from chalicelib.observability import owner_hash
from tests.unit.conftest import Api

ITEM = {"id": "secret-id", "name": "secret-name", "description": "secret-description"}

Logged = Callable[[], list[dict[str, Any]]]


def test_one_line_for_each_request(api: Api, logged: Logged) -> None:
    api.put(ITEM, X_Correlation_Id="order-17")
    (line,) = logged()
    assert line["message"] == "request"
    assert line["level"] == "INFO"
    assert line["service"] == app_name()
    assert line["route"] == "PUT /items"
    assert line["status"] == 201
    assert line["Latency"] > 0
    assert datetime.fromisoformat(line["timestamp"]).utcoffset() == timedelta(0)
    assert line["correlation_id"] == "order-17"
    assert line["request_id"]
    assert line["owner"] == owner_hash({"authorizer": {"claims": {"sub": "alice"}}})
    assert line["ConsumedCapacity"] > 0


def test_the_route_is_the_template(api: Api, logged: Logged) -> None:
    api("GET", "/items/secret-id")
    lines = logged()
    assert {line["route"] for line in lines} == {"GET /items/{id}"}
    assert "secret-id" not in json.dumps(lines)


def test_log_has_no_personal_data(api: Api, written: Callable[[], str]) -> None:
    api.put(ITEM)
    api.put({**ITEM, "price": "secret-price"})
    api("GET", "/items?cursor=secret-cursor")
    text = written()
    assert '"message":"request"' in text
    assert "secret" not in text
    assert "alice" not in text


def test_capacity_is_counted_per_request(api: Api, logged: Logged) -> None:
    for _ in range(2):
        api("GET", "/items/1")
    first, second = logged()
    assert first["ConsumedCapacity"] == second["ConsumedCapacity"] > 0


def test_a_request_of_nobody_has_no_owner(api: Api, logged: Logged) -> None:
    api("GET", "/items", user=None)
    assert "owner" not in logged()[0]


def test_the_line_is_its_metrics_too(api: Api, logged: Logged) -> None:
    """In CloudWatch's embedded metric format."""
    api.put(ITEM)
    (line,) = logged()
    written = datetime.fromisoformat(line["timestamp"]).timestamp()
    assert line["_aws"]["Timestamp"] == pytest.approx(written * 1000, abs=1)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive == {
        "Namespace": app_name(),
        "Dimensions": [["function", "route"]],
        "Metrics": [
            {"Name": "Latency", "Unit": "Milliseconds"},
            {"Name": "Faults", "Unit": "Count"},
            {"Name": "ConsumedCapacity", "Unit": "Count"},
        ],
    }
    assert (line["service"], line["route"]) == (app_name(), "PUT /items")
    assert line["Latency"] > 0
    assert line["Faults"] == 0
    assert line["ConsumedCapacity"] > 0


def test_no_text_ends_or_breaks_a_line(logged: Logged) -> None:
    text = 'one\ntwo\r\u2028"}\x00\ud800'
    observability.log_circuit_change(text, State.CLOSED)
    (line,) = logged()
    assert line["circuit"] == text


def test_chalice_logger_writes_json_lines(logged: Logged) -> None:
    try:
        raise ValueError("sentinel\nof two lines")
    except ValueError:
        app.log.exception("Caught %s", "it")
    (line,) = logged()
    assert (line["level"], line["message"]) == ("ERROR", "Caught it")
    assert line["exception_name"] == "ValueError"
    assert "sentinel\nof two lines" in line["exception"]
    assert "test_observability.py" in line["exception"]


def test_requests_in_parallel_do_not_mix(logged: Logged) -> None:
    """Each of two requests writes in the midst of the other."""
    both = threading.Barrier(2, timeout=30)

    def respond(request: Any) -> Response:
        both.wait()
        observability.add_consumed_capacity(1 if request.headers["x-correlation-id"] == "a" else 2)
        both.wait()
        observability.log_failure(ValueError())
        both.wait()
        return Response("")

    def send(name: str) -> None:
        request = SimpleNamespace(
            method="GET",
            path=f"/{name}",
            headers={"x-correlation-id": name},
            context={"requestId": name},
            lambda_context=SimpleNamespace(function_name="items-prod"),
        )
        observability.observe(cast(Request, request), respond)

    threads = [threading.Thread(target=send, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = logged()
    assert len(lines) == 4
    for line in lines:
        assert line["route"] == f"GET /{line['correlation_id']}"
    consumed = {line["route"]: line["ConsumedCapacity"] for line in lines if "status" in line}
    assert consumed == {"GET /a": 1, "GET /b": 2}
    observability.log_failure(ValueError())
    assert "route" not in logged()[0]


@pytest.mark.parametrize("given", ["a", "A.b_c:d-1", "x" * 128])
def test_a_well_formed_correlation_id_is_answered(api: Api, given: str) -> None:
    assert api("GET", "/items", X_Correlation_Id=given).headers["X-Correlation-Id"] == given


@pytest.mark.parametrize("given", ["", "x" * 129, "a b", "a\r\nX-Evil: 1", "é", '"}'])
def test_any_other_is_replaced_by_the_requests_id(api: Api, logged: Logged, given: str) -> None:
    answer = api("GET", "/items", X_Correlation_Id=given)
    line = logged()[0]
    assert answer.headers["X-Correlation-Id"] == line["request_id"] == line["correlation_id"]
