"""After a rejected signature, the client reads its credentials and the server's clock again."""

from datetime import datetime, timedelta

import pytest

from chalicelib.dynamodb.client import Client
from chalicelib.dynamodb.failures import RENEWABLE_CODES, Refused
from tests.unit.stub import Request, running

AHEAD = timedelta(hours=2)


def requests_around(code: str, monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """Return a request that fails with this code, and the next request.

    The credentials change before the failure, and the server's clock is two hours ahead.
    """
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "old")
    with running() as stub:
        stub.clock_ahead = AHEAD.total_seconds()
        client = Client(stub.url, "us-east-1", 5, 5)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "new")
        stub.fails_with(400, code)
        with pytest.raises(Refused, match=code):
            client.get_item(TableName="t", Key={})
        stub.status, stub.answer = 200, "{}"
        client.get_item(TableName="t", Key={})
        client.close()
        return stub.requests


def moment(request: Request) -> datetime:
    return datetime.strptime(request.headers["X-Amz-Date"], "%Y%m%dT%H%M%S%z")


@pytest.mark.parametrize("code", sorted(RENEWABLE_CODES))
def test_rejected_signature_renews_both(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rejected, following = requests_around(code, monkeypatch)
    assert "Credential=old/" in rejected.headers["Authorization"]
    assert "Credential=new/" in following.headers["Authorization"]
    assert abs(moment(following) - moment(rejected) - AHEAD) < timedelta(minutes=5)


def test_other_error_renews_neither(monkeypatch: pytest.MonkeyPatch) -> None:
    rejected, following = requests_around("ValidationException", monkeypatch)
    assert "Credential=old/" in following.headers["Authorization"]
    assert abs(moment(following) - moment(rejected)) < timedelta(minutes=5)
