"""The contract passes for the application, and fails on a wrong response."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from app import app
from bench.function.contract import Invoke, WrongAnswer, check
from bench.function.event import OTHER_OWNER
from bench.function.runtime import Context
from tests.aws import mock_aws
from tools.templates import create_table

TABLE_NAME = "items-of-the-contract"


@pytest.fixture(scope="module")
def responses() -> list[str]:
    """Return the application's responses to the contract's requests, which it passes."""
    texts = []

    def invoke(event: dict[str, Any]) -> dict[str, Any]:
        texts.append(json.dumps(dict(app(event, Context()))))
        response: dict[str, Any] = json.loads(texts[-1])
        return response

    with mock_aws(), pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("TABLE_NAME", TABLE_NAME)
        create_table(boto3.client("dynamodb"), TABLE_NAME)
        check(invoke)
    return texts


@pytest.fixture
def invoke(responses: list[str]) -> Invoke:
    """Return the responses again, in their order."""
    remaining = iter(responses)
    return lambda _: dict(json.loads(next(remaining)))


def test_the_application_passes(invoke: Invoke) -> None:
    check(invoke)


def _price_as_text(item: dict[str, Any]) -> None:
    item["price"] = str(item.get("price"))


def _no_description(item: dict[str, Any]) -> None:
    item.pop("description", None)


def _always_new(item: dict[str, Any]) -> None:
    item["version"] = 1


def _described_in_lists(page: dict[str, Any]) -> None:
    for item in page.get("items", []):
        item["description"] = "all of it"


def _oldest_first(page: dict[str, Any]) -> None:
    times = [f"2026-01-01T00:00:00.{number:03}Z" for number in range(100)]
    for item, time in zip(page.get("items", []), times, strict=False):
        item["created_at"] = time


def _endless(page: dict[str, Any]) -> None:
    if "cursor" in page:
        page["cursor"] = page["cursor"] or "more"


@pytest.mark.parametrize(
    "change",
    [_price_as_text, _no_description, _always_new, _described_in_lists, _oldest_first, _endless],
)
def test_a_wrong_body_is_found(invoke: Invoke, change: Callable[[dict[str, Any]], None]) -> None:
    def tampered(event: dict[str, Any]) -> dict[str, Any]:
        answer = invoke(event)
        if answer["statusCode"] in (200, 201):
            body = json.loads(answer["body"])
            change(body)
            answer["body"] = json.dumps(body)
        return answer

    with pytest.raises(WrongAnswer):
        check(tampered)


def _always_200(status: int) -> int:
    return 200 if status == 201 else status


def _deletes_once(status: int) -> int:
    return 404 if status == 204 else status


@pytest.mark.parametrize("change", [_always_200, _deletes_once], ids=lambda each: each.__name__)
def test_a_wrong_status_is_found(invoke: Invoke, change: Callable[[int], int]) -> None:
    def tampered(event: dict[str, Any]) -> dict[str, Any]:
        answer = invoke(event)
        return {**answer, "statusCode": change(answer["statusCode"])}

    with pytest.raises(WrongAnswer, match="status: expected"):
        check(tampered)


def test_another_owners_items_must_not_be_seen(invoke: Invoke) -> None:
    def open_to_all(event: dict[str, Any]) -> dict[str, Any]:
        response = invoke(event)
        owner = event["requestContext"]["authorizer"]["claims"]["sub"]
        return {**response, "statusCode": 200} if owner == OTHER_OWNER else response

    with pytest.raises(WrongAnswer, match="item-00: status: expected 404, found 200"):
        check(open_to_all)
