import json
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.observability import owner_hash
from tests.unit.conftest import Api

ITEM = {"id": "secret-id", "name": "secret-name", "description": "secret-description"}

Logged = Callable[[], list[dict[str, Any]]]


def test_one_line_for_each_request(api: Api, logged: Logged) -> None:
    api.put(ITEM, X_Correlation_Id="order-17")
    lines = [line for line in logged() if "_aws" not in line]
    assert len(lines) == 1
    (line,) = lines
    assert line["message"] == "request"
    assert line["level"] == "INFO"
    assert line["service"] == "items"
    assert line["route"] == "PUT /items"
    assert line["status"] == 201
    assert line["latency_ms"] > 0
    assert line["correlation_id"] == "order-17"
    assert line["request_id"]
    assert line["owner"] == owner_hash({"authorizer": {"claims": {"sub": "alice"}}})
    assert line["consumed_capacity"] > 0


def test_the_route_is_the_template(api: Api, logged: Logged) -> None:
    api("GET", "/items/secret-id")
    lines = logged()
    assert {line["route"] for line in lines} == {"GET /items/{id}"}
    assert "secret-id" not in json.dumps(lines)


def test_nothing_personal_is_written(api: Api, written: Callable[[], str]) -> None:
    api.put(ITEM)
    api.put({**ITEM, "price": "secret-price"})
    api("GET", "/items?cursor=secret-cursor")
    text = written()
    assert '"message":"request"' in text
    assert "secret" not in text
    assert "alice" not in text


def test_capacity_is_counted_for_each_request_alone(api: Api, logged: Logged) -> None:
    for _ in range(2):
        api("GET", "/items/1")
    first, second = [line for line in logged() if "_aws" not in line]
    assert first["consumed_capacity"] == second["consumed_capacity"] > 0


def test_a_request_of_nobody_has_no_owner(api: Api, logged: Logged) -> None:
    api("GET", "/items", user=None)
    assert "owner" not in logged()[0]


def test_metrics(api: Api, logged: Logged) -> None:
    api.put(ITEM)
    (metrics,) = [line for line in logged() if "_aws" in line]
    (directive,) = metrics["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Items"
    assert sorted(directive["Dimensions"][0]) == ["route", "service"]
    assert metrics["route"] == "PUT /items"
    assert metrics["Latency"][0] > 0
    assert metrics["Faults"] == [0]
    assert metrics["ConsumedCapacity"][0] > 0


@pytest.mark.parametrize("given", ["a", "A.b_c:d-1", "x" * 128])
def test_a_well_formed_correlation_id_is_answered(api: Api, given: str) -> None:
    assert api("GET", "/items", X_Correlation_Id=given).headers["X-Correlation-Id"] == given


@pytest.mark.parametrize("given", ["", "x" * 129, "a b", "a\r\nX-Evil: 1", "é", '"}'])
def test_any_other_is_replaced_by_the_requests_id(api: Api, logged: Logged, given: str) -> None:
    answer = api("GET", "/items", X_Correlation_Id=given)
    line = logged()[0]
    assert answer.headers["X-Correlation-Id"] == line["request_id"] == line["correlation_id"]
