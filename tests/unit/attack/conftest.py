"""An attacker who sends requests to the application, and a judge of each response."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, example, settings

from app import app
from chalicelib import record
from chalicelib.items import ITEMS
from chalicelib.kind import ID_PATTERN
from chalicelib.observability import CORRELATION_ID_PATTERN
from local.testing import Client
from tests.aws import read_table
from tests.discretion import TREASURE, assert_discreet, assert_log_is_discreet
from tests.unit.attack.samples import ATTACKER, VICTIM
from tests.unit.conftest import TABLE_NAME, Answer, Api
from tests.unit.test_problems import assert_problem

JSON = {"Content-Type": "application/json"}

#: Every example meets the same table, so the fixture may be shared.
ATTACK = settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def examples(**rows: Sequence[Any]) -> Callable[[Any], Any]:
    """Add to a property an example for each of these values of its argument."""
    ((name, values),) = rows.items()

    def decorate(test: Any) -> Any:
        for value in values:
            test = example(**{name: value})(test)
        return test

    return decorate


class Attacker:
    """Send requests as the attacker. Fail if a response or the table is not as it must be."""

    def __init__(self, api: Api, dynamodb: Any, written: Callable[[], str]) -> None:
        self._dynamodb, self._written = dynamodb, written
        self._client = Client(app, user=ATTACKER)
        self._put = ""  # the last body, which a GET may return
        self.tag = api.put(TREASURE, user=VICTIM).headers["ETag"].strip('"')
        api.put({"id": "last", "name": "x"}, user=VICTIM)
        self.cursor = api("GET", "/items?limit=1", user=VICTIM).json["cursor"]
        self._stored = self._records()
        written()

    def __call__(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        headers = dict(headers or {})
        response = self._client.http.request(method, path, headers=headers, body=body)
        answer = Answer(response.status_code, response.headers, response.body)
        if method == "PUT":
            self._put = body.decode("latin-1")
        self._judge(answer, path + self._put)
        if method != "GET":  # the next write shows if a read has changed the table
            self._judge_table(method, answer.status)
        return answer

    def put(self, body: bytes, headers: Mapping[str, str] = JSON) -> Answer:
        return self("PUT", "/items", headers, body)

    def clear(self) -> None:
        """Delete the attacker's items. Reading many after each request would take long."""
        for key in [key for key in self._stored if key.startswith(ATTACKER)]:
            self._dynamodb.delete_item(TableName=TABLE_NAME, Key={"id": {"S": key}})
            del self._stored[key]

    def _judge(self, answer: Answer, request: str) -> None:
        assert answer.status < 500, answer.body
        headers = {name.lower(): value for name, value in answer.headers.items()}
        secrets = (ATTACKER, VICTIM, self.tag, TABLE_NAME)
        assert_discreet(answer.body.decode() + str(headers), request, secrets)
        assert not {"x-injected", "set-cookie"} & headers.keys()
        assert re.fullmatch(r"/items/[A-Za-z0-9._~-]{1,128}", headers.get("location", "/items/-"))
        if "x-correlation-id" in headers:  # otherwise the gateway has responded
            assert re.fullmatch(CORRELATION_ID_PATTERN, headers["x-correlation-id"])
            assert_log_is_discreet(self._written(), secrets)
            if answer.status >= 400:
                assert_problem(answer, answer.status)

    def _judge_table(self, method: str, status: int) -> None:
        """Fail unless the one change is an item of the attacker's own that a PUT has stored."""
        before, self._stored = self._stored, self._records()
        changed = {
            key
            for key in before.keys() | self._stored.keys()
            if before.get(key) != self._stored.get(key)
        }
        if method != "DELETE" or status >= 300:
            assert len(changed) == (method == "PUT" and status < 300), changed
        for key in changed:
            own = record.partition(ITEMS, ATTACKER)
            assert key.startswith(f"{own}#"), f"{key!r} has changed"
            if method == "PUT":
                assert re.search(ID_PATTERN, key.removeprefix(f"{own}#"))
                assert self._stored[key]["owner"] == {"S": own}

    def _records(self) -> dict[str, Any]:
        return {item["id"]["S"]: item for item in read_table(TABLE_NAME)}


@pytest.fixture
def attack(api: Api, dynamodb: Any, written: Callable[[], str]) -> Attacker:
    return Attacker(api, dynamodb, written)


def item(**fields: object) -> bytes:
    """Return the JSON of an item with these fields besides or instead of the required fields."""
    return json.dumps({"id": "x", "name": "x", **fields}).encode()
