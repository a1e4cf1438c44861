"""Credentials from the environment, and from the endpoint that SnapStart has."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from chalicelib.dynamodb import credentials
from chalicelib.dynamodb.credentials import EARLY, Credentials
from chalicelib.dynamodb.failures import DynamoDBError, NotSent
from tests.unit.dynamodb.peer import peer, respond

HOUR = 3600.0


class _Endpoint:
    """Responds with credentials that live for `lifetime` seconds, or not at all."""

    def __init__(self) -> None:
        self.lifetime, self.status = HOUR, 200
        self.requests = 0

    def response(self) -> bytes:
        self.requests += 1
        expires = datetime.fromtimestamp(time.time() + self.lifetime, UTC)
        body = json.dumps(
            {
                "AccessKeyId": f"key{self.requests}",
                "SecretAccessKey": "test",
                "Token": "token",
                "Expiration": expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
        ).encode()
        return b"HTTP/1.1 %d OK\r\nContent-Length: %d\r\n\r\n%s" % (self.status, len(body), body)


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Endpoint]:
    served = _Endpoint()
    with peer(lambda accepted, _: respond(accepted, served.response())) as port:
        monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
        monkeypatch.setenv(credentials.URI, f"http://127.0.0.1:{port}/2021/v1/credentials")
        monkeypatch.setenv(credentials.TOKEN, "authorization")
        yield served


@pytest.fixture
def provider(endpoint: _Endpoint) -> Callable[[], Credentials]:
    return credentials.provider()


def test_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    assert credentials.provider()() == Credentials("key", "test", "token")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token\r\nHost: elsewhere")
    with pytest.raises(DynamoDBError, match="characters"):
        credentials.provider()


def test_endpoint_is_read_once(endpoint: _Endpoint, provider: Callable[[], Credentials]) -> None:
    assert [provider().access_key for _ in range(3)] == ["key1"] * 3
    assert provider().token == "token"
    assert endpoint.requests == 1


def test_credentials_are_renewed_early(
    endpoint: _Endpoint, provider: Callable[[], Credentials]
) -> None:
    endpoint.lifetime = EARLY - 60
    assert [provider().access_key for _ in range(2)] == ["key1", "key2"]


def test_old_credentials_while_endpoint_fails(
    endpoint: _Endpoint, provider: Callable[[], Credentials]
) -> None:
    endpoint.lifetime = EARLY - 60
    provider()
    endpoint.status = 500
    assert provider().access_key == "key1"


def test_expired_credentials_do_not_serve(
    endpoint: _Endpoint, provider: Callable[[], Credentials]
) -> None:
    endpoint.lifetime = -HOUR
    provider()
    endpoint.status = 500
    with pytest.raises(NotSent, match="no credentials"):
        provider()


@pytest.mark.parametrize("status", [403, 500])
def test_endpoint_that_refuses(
    endpoint: _Endpoint, provider: Callable[[], Credentials], status: int
) -> None:
    endpoint.status = status
    with pytest.raises(NotSent, match="no credentials"):
        provider()
