"""The application through the test client, with a table in moto."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import chalice.test
import pytest

from app import app
from chalicelib import table
from chalicelib.dynamodb.choice import sdk_client
from infra.stage import LOCAL_STAGE
from local.testing import Client, create_table
from tests.aws import mock_aws
from tools.project import PROJECT

TABLE_NAME = "items-of-the-tests"


@dataclass(frozen=True)
class Answer:
    """An HTTP response. Header names are as the application wrote them."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def field(self) -> str:
        """Return the field that a validation problem names."""
        (error,) = self.json["errors"]
        return str(error["field"])


@cache
def _client(user: str | None) -> chalice.test.Client:
    if user is None:
        return chalice.test.Client(app, LOCAL_STAGE, str(PROJECT))
    return Client(app, user=user)


class Api:
    """Sends requests as a user who is signed in.

    With `user=None` no gateway is in between: the application receives a request without claims,
    or for a method without a route.
    """

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = b"",
        user: str | None = "alice",
        **headers: str,
    ) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body:
            sent.setdefault("Content-Type", "application/json")
        response = _client(user).http.request(method, path, headers=sent, body=body)
        return Answer(response.status_code, response.headers, response.body)

    def put(self, body: Any, **options: str) -> Answer:
        return self("PUT", "/items", body, **options)


@pytest.fixture(scope="session")
def client() -> Iterator[Any]:
    """Return the application's client, shared because its creation is slow.

    It reaches moto only while `mock_aws` is active. No fixture wider than a test may activate it,
    because it patches the whole process.
    """
    client = sdk_client()
    yield client
    client.close()


@pytest.fixture
def dynamodb(client: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Start an empty DynamoDB in moto, for this test and its application."""
    monkeypatch.setattr(table, "first_client", lambda: client)
    with mock_aws():
        yield client


@pytest.fixture
def api(dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> Api:
    """Return the application with an empty table."""
    monkeypatch.setenv("TABLE_NAME", TABLE_NAME)
    create_table(dynamodb.sdk, TABLE_NAME)
    return Api()


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """Return `written()`, which returns the application's output since the last call."""
    return lambda: capsys.readouterr().out


@pytest.fixture
def logged(written: Callable[[], str]) -> Callable[[], list[dict[str, Any]]]:
    """Return `logged()`, which returns the structured lines since the last call."""

    def logged() -> list[dict[str, Any]]:
        return [json.loads(line) for line in written().splitlines()]

    return logged
