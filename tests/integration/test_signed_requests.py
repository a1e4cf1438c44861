"""Requests of our own client, against a server that recomputes each signature."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from botocore.session import get_session
from moto.server import ThreadedMotoServer

from chalicelib.dynamodb.client import Client
from chalicelib.dynamodb.failures import Refused
from tests.integration.conftest import REGION
from tools.templates import create_table

TABLE = "items"

# Of a wrong signature. DynamoDB itself responds with 400 and a code, moto with XML.
FORBIDDEN = 403
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}],
    }
)
KEY = {"id": {"S": "x"}}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A moto server whose next requests are not authenticated yet."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture(scope="module")
def keys(url: str) -> Iterator[tuple[str, str]]:
    """A user's keys. From here on each request must be signed with them."""
    create = partial(get_session().create_client, region_name=REGION, endpoint_url=url)
    dynamodb: Any = create("dynamodb")
    iam: Any = create("iam")
    create_table(dynamodb, TABLE)
    iam.create_user(UserName="function")
    iam.put_user_policy(UserName="function", PolicyName="table", PolicyDocument=POLICY)
    key = iam.create_access_key(UserName="function")["AccessKey"]
    _authenticate_after(url, 0)
    yield key["AccessKeyId"], key["SecretAccessKey"]
    _authenticate_after(url, 1e9)


def _authenticate_after(url: str, requests: float) -> None:
    request = urllib.request.Request(  # noqa: S310 - loopback
        f"{url}/moto-api/reset-auth",
        data=str(requests).encode(),
        headers={"Content-Type": "text/plain"},
        method="POST",
    )
    urllib.request.urlopen(request).close()  # noqa: S310 - loopback


@pytest.fixture
def client(url: str, keys: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys[0])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys[1])
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    made = Client(url, REGION, 5.0, 5.0)
    yield made
    made.close()


def test_every_operation_is_accepted(client: Client) -> None:
    assert "Item" not in client.get_item(TableName=TABLE, Key=KEY)
    client.update_item(
        TableName=TABLE,
        Key=KEY,
        UpdateExpression="SET #owner = :owner",
        ExpressionAttributeNames={"#owner": "owner"},
        ExpressionAttributeValues={":owner": {"S": "Zoë \U0001f600"}},
    )
    assert client.get_item(TableName=TABLE, Key=KEY)["Item"]["owner"] == {"S": "Zoë \U0001f600"}
    found = client.query(
        TableName=TABLE,
        KeyConditionExpression="id = :id",
        ExpressionAttributeValues={":id": {"S": "x"}},
    )
    assert found["Count"] == 1
    client.delete_item(TableName=TABLE, Key=KEY)


def test_wrong_secret_is_refused(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    client.close()  # reads its credentials again
    with pytest.raises(Refused) as raised:
        client.get_item(TableName=TABLE, Key=KEY)
    assert raised.value.status == FORBIDDEN


@pytest.mark.parametrize(
    "change",
    [
        lambda request: request.replace(b"DynamoDB_20120810.GetItem", b"DynamoDB_20120810.PutItem"),
        lambda request: request.replace(b"X-Amz-Date: 2", b"X-Amz-Date: 1"),
        lambda request: request.replace(b'{"S":"x"}', b'{"S":"y"}'),
    ],
    ids=["target", "date", "body"],
)
def test_changed_request_is_refused(client: Client, change: Callable[[bytes], bytes]) -> None:
    exchange = client._connection.exchange

    def changed(request: bytes) -> Any:
        assert change(request) != request
        return exchange(change(request))

    client._connection.exchange = changed  # type: ignore[method-assign] # that is the test
    with pytest.raises(Refused) as raised:
        client.get_item(TableName=TABLE, Key=KEY)
    assert raised.value.status == FORBIDDEN
