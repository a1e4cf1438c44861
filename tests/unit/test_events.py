"""Every event gets a response and one log line, and the handler raises no error."""

import copy
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from chalice.local import LambdaContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import app
from bench.function import event as sample
from chalicelib import table
from chalicelib.cors import HEADERS as CORS_HEADERS
from chalicelib.events import SOURCES
from tests.records import record_of
from tests.unit.events import OF_ANYBODY, OF_SERVICES, PINGS

Written = Callable[[], str]
Event = dict[str, Any]

RECORD = record_of(sample.OWNER, "123", name="myitem")
ITEM = {"id": "123", "name": "myitem", "price": 12345}
REQUESTS: dict[str, tuple[Event, int]] = {
    "get": (sample.get("123"), 200),
    "list": (sample.listing(limit="2", order="asc"), 200),
    "put": (sample.put(ITEM), 201),
    "delete": (sample.delete("123"), 204),
}
REAL = [event for event, _ in REQUESTS.values()]

#: One of each type of JSON, and strings that are not UTF-8.
ODD: list[Any] = [None, True, 7, 0.5, "", "text", "\ud800", [], ["text"], [None], {}, {"a": 1}]


class _DynamoDB:
    """A client that finds an item, and writes each that it is sent."""

    def get_item(self, **_: Any) -> Event:
        return {"Item": RECORD, "ConsumedCapacity": {"CapacityUnits": 1.0}}

    def query(self, **_: Any) -> Event:
        return {"Items": [RECORD], "ConsumedCapacity": {"CapacityUnits": 0.5}}

    def update_item(self, **parameters: Any) -> Event:
        tag = parameters["ExpressionAttributeValues"][":tag"]
        return {
            "Attributes": {**RECORD, "etag": tag},
            "ConsumedCapacity": {"CapacityUnits": 1.0},
        }

    def delete_item(self, **_: Any) -> Event:
        return {"ConsumedCapacity": {"CapacityUnits": 1.0}}

    def close(self) -> None: ...


@pytest.fixture(autouse=True)
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "first_client", _DynamoDB)
    monkeypatch.setenv("TABLE_NAME", "items")


def respond(event: Any, written: Written) -> tuple[Event, Event]:
    """Return the response and the one line that the application logged."""
    before = copy.deepcopy(event)
    response = app(event, LambdaContext("items-prod", 128, 10_000))
    assert event == before
    # As Lambda's runtime does: a lone surrogate in the response would be an error.
    json.dumps(response, ensure_ascii=False).encode()
    (text,) = written().splitlines()
    assert "Traceback" not in text
    line: Event = json.loads(text)
    assert "exception" not in line
    return response, line


def assert_problem(response: Event, status: int) -> Event:
    """Return the problem detail of a response with this status."""
    assert response["statusCode"] == status
    assert response["headers"].items() >= CORS_HEADERS.items()
    assert response["headers"]["Content-Type"] == "application/problem+json"
    problem: Event = json.loads(response["body"])
    assert problem["status"] == status
    return problem


def assert_refused(response: Event, line: Event, status: int) -> str:
    """Return the refusal's sentence, which the response and the log line have."""
    detail = str(assert_problem(response, status)["detail"])
    assert (line["level"], line["message"]) == ("WARNING", "event refused")
    assert line["detail"] == detail
    # So that who reports the problem can be told which invocation it was.
    instance = json.loads(response["body"])["instance"]
    assert line["request_id"] == instance == response["headers"]["X-Correlation-Id"] != ""
    assert line["RefusedEvents"] == 1
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert [metric["Name"] for metric in directive["Metrics"]] == ["RefusedEvents"]
    return detail


def assert_answered(response: Event, line: Event, status: int) -> None:
    assert response["statusCode"] == status
    assert (line["level"], line["message"], line["status"]) == ("INFO", "request", status)
    assert line["Faults"] == 0


@pytest.mark.parametrize("name", REQUESTS)
def test_request_is_answered(name: str, written: Written) -> None:
    event, status = REQUESTS[name]
    assert_answered(*respond(event, written), status)


@pytest.mark.parametrize(("service", "event"), OF_SERVICES)
def test_other_service_is_named(service: str, event: Any, written: Written) -> None:
    response, line = respond(event, written)
    detail = assert_refused(response, line, 501)
    assert detail.startswith("This function handles requests of an API Gateway REST API, not ")
    assert service in detail
    whole_batch = [{"itemIdentifier": ""}] if "Records" in event else None
    assert response.get("batchItemFailures") == whole_batch


def test_every_source_has_a_sample() -> None:
    words = [word for word, _ in OF_SERVICES]
    for sender in SOURCES.values():
        assert any(word in sender for word in words), sender


def test_any_other_json_is_refused(written: Written) -> None:
    for event in OF_ANYBODY:
        detail = assert_refused(*respond(event, written), 501)
        assert detail.endswith("not other events."), event


def test_requests_among_rejected_events_succeed(written: Written) -> None:
    for event in OF_ANYBODY:
        respond(event, written)
        for name in REQUESTS:
            request, status = REQUESTS[name]
            assert_answered(*respond(request, written), status)


@pytest.mark.parametrize("event", PINGS, ids=str)
def test_ping_is_answered_and_not_counted(event: Any, written: Written) -> None:
    response, line = respond(event, written)
    assert response == {}
    assert (line["level"], line["message"]) == ("INFO", "warm-up")
    assert "_aws" not in line


def test_ping_among_other_events_is_rejected(written: Written) -> None:
    response, line = respond([{"warmer": True}, {"other": 1}], written)
    assert response["statusCode"] == 501
    assert line["message"] != "warm-up"


# The members that API Gateway always sends and the application reads, and their JSON types.
MEMBERS: dict[tuple[str, ...], tuple[type, ...]] = {
    ("requestContext",): (),
    ("requestContext", "httpMethod"): (str,),
    ("requestContext", "resourcePath"): (str,),
    ("requestContext", "path"): (str,),
    ("headers",): (dict, type(None)),
    ("headers", "Accept"): (str,),
    ("multiValueQueryStringParameters",): (dict, type(None)),
    ("stageVariables",): (dict, type(None)),
    ("body",): (str, type(None)),
}


def changed(event: Event, path: tuple[str, ...], value: Any) -> Event:
    """Return the event with another value at a path."""
    key, *rest = path
    return {**event, key: changed(event[key], tuple(rest), value) if rest else value}


def without(event: Event, path: tuple[str, ...]) -> Event:
    """Return the event without the member at a path."""
    key, *rest = path
    if rest:
        return {**event, key: without(event[key], tuple(rest))}
    return {name: value for name, value in event.items() if name != key}


def malformed() -> Iterator[tuple[str, Event]]:
    """Yield requests of which one member is of another type, with the member's name."""
    for event in REAL:
        for path, types in MEMBERS.items():
            wrong = [value for value in ODD if type(value) not in types]
            yield from ((path[0], changed(event, path, value)) for value in wrong)
            if path != ("headers", "Accept"):
                yield path[0], without(event, path)
        yield "requestContext", changed(event, ("requestContext", "path"), "/\ud800")
    for event in (sample.get("123"), sample.delete("123")):
        yield "pathParameters", changed(event, ("pathParameters",), None)
        yield "pathParameters", changed(event, ("pathParameters",), {"other": "123"})
        yield "pathParameters", changed(event, ("pathParameters",), {"id": 123})
    for value in ([1], "ab", None, 1, {"a": "b"}):
        parameters = {"limit": value}
        path = ("multiValueQueryStringParameters",)
        yield path[0], changed(sample.listing(), path, parameters)


def test_malformed_member_is_named(written: Written) -> None:
    events = list(malformed())
    assert len(events) > 300
    for name, event in events:
        response, line = respond(event, written)
        detail = assert_refused(response, line, 400)
        assert detail.startswith(f"{name}: "), event
        (error,) = json.loads(response["body"])["errors"]
        assert error["field"] == name


def test_unknown_resource_is_not_found(written: Written) -> None:
    for event in REAL:
        for path in ("/{proxy+}", "/", "", "/orders", "/items/{id}/"):
            unknown = changed(event, ("requestContext", "resourcePath"), path)
            detail = assert_refused(*respond(unknown, written), 404)
            assert detail == "There is no such resource."


def test_other_claims_are_unauthenticated(written: Written) -> None:
    claims = ("requestContext", "authorizer", "claims")
    for event in REAL:
        for path in (claims[:-1], claims, (*claims, "sub"), (*claims, "token_use")):
            for value in [*(odd for odd in ODD if odd != "text"), "a#b", "a\n", "é"]:
                response, line = respond(changed(event, path, value), written)
                assert_answered(response, line, 401)
                assert (
                    assert_problem(response, 401)["detail"] == "A valid access token is required."
                )
            assert_answered(*respond(without(event, path), written), 401)


@pytest.mark.parametrize(
    ("body", "is_base64"),
    [
        ("\ud800", False),
        ('{"id": "1", "name": "\udfff"}', False),
        ("not base64", True),
        ("a", True),
        ("é", True),
        ("\ud800", True),
        ("////", True),
    ],
)
def test_undecodable_body_is_named(body: str, is_base64: bool, written: Written) -> None:
    event = {**sample.put(ITEM), "body": body, "isBase64Encoded": is_base64}
    response, line = respond(event, written)
    assert_answered(response, line, 400)
    (error,) = assert_problem(response, 400)["errors"]
    assert error["field"] == "body"


def test_headers_of_another_type_are_named(written: Written) -> None:
    for event in (sample.get("123"), sample.put(ITEM), sample.delete("123")):
        for value in (True, 7, 0.5, "text", ["text"], {"If-Match": None}, {"If-Match": [None]}):
            response, line = respond(changed(event, ("multiValueHeaders",), value), written)
            assert_answered(response, line, 400)
            (error,) = assert_problem(response, 400)["errors"]
            assert error["field"] == "multiValueHeaders"


def test_optional_event_members_may_be_missing(written: Written) -> None:
    optional = ("multiValueHeaders", "isBase64Encoded", "resource", "path", "httpMethod")
    for event, status in REQUESTS.values():
        for name in (*optional, "queryStringParameters"):
            assert_answered(*respond(without(event, (name,)), written), status)
        # The gateway's console sends such a test.
        silent = {**event, "headers": None, "multiValueHeaders": None}
        assert_answered(*respond(silent, written), status)


def test_invalid_request_id_is_replaced(written: Written) -> None:
    for value in [*(odd for odd in ODD if not isinstance(odd, str)), "\ud800", "a\nb", "é", ""]:
        event = changed(sample.get("123"), ("requestContext", "requestId"), value)
        response, line = respond(event, written)
        assert_answered(response, line, 200)
        assert re.fullmatch("[a-z0-9-]{36}", line["request_id"])
        assert response["headers"]["X-Correlation-Id"] == line["request_id"]


def test_location_is_a_uri(written: Written) -> None:
    event = changed(sample.put(ITEM), ("requestContext", "path"), "/ä b\n/items/")
    response, line = respond(event, written)
    assert_answered(response, line, 201)
    assert response["headers"]["Location"] == "/%C3%A4%20b%0A/items/123"


texts = st.text() | st.text(st.characters(categories=["Cs"]), min_size=1)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


def paths(value: Any, prefix: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the path of each member of an event."""
    for key, inner in value.items() if isinstance(value, dict) else ():
        yield (*prefix, key)
        yield from paths(inner, (*prefix, key))


PLACES = [(event, path) for event in REAL for path in paths(event)]


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(place=st.sampled_from(PLACES), value=json_values)
def test_any_change_of_a_request_is_survived(
    place: tuple[Event, tuple[str, ...]], value: Any, written: Written
) -> None:
    response, line = respond(changed(*place, value), written)
    if line["message"] == "event refused":
        assert response["statusCode"] in (400, 404, 501)
        assert_refused(response, line, response["statusCode"])
    else:
        assert response["statusCode"] < 500
        assert_answered(response, line, response["statusCode"])


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(event=json_values)
def test_any_json_is_refused(event: Any, written: Written) -> None:
    assert_refused(*respond(event, written), 501)
