"""The SDK takes over from a client of our own that does not work, and from no other."""

import json
from typing import Any

import pytest

from chalicelib.dynamodb import choice
from chalicelib.dynamodb.failures import (
    DynamoDBError,
    NotSent,
    NotTrusted,
    NotUnderstood,
    Refused,
    ResponseLost,
)
from chalicelib.dynamodb.fallback import SIGNATURE_CODES, Fallback

BAD_SIGNATURE = Refused("InvalidSignatureException", "", 400, {})


class _Client:
    """Raises each of `failures` once, in this order, and then succeeds."""

    def __init__(self, name: str, *failures: DynamoDBError) -> None:
        self._name, self._failures = name, list(failures)
        self.closed = False

    def get_item(self, **_: Any) -> dict[str, Any]:
        if self._failures:
            raise self._failures.pop(0)
        return {"by": self._name}

    update_item = delete_item = query = get_item

    def close(self) -> None:
        self.closed = True


@pytest.fixture(autouse=True)
def new_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Fallback, "has_taken_over", False)


def _fallback(*failures: DynamoDBError) -> Fallback:
    return Fallback(_Client("own", *failures), lambda: _Client("sdk"))


@pytest.mark.parametrize(
    "error",
    [
        NotTrusted("unknown authority"),
        *[Refused(code, "", 400, {}) for code in sorted(SIGNATURE_CODES - {BAD_SIGNATURE.code})],
    ],
    ids=str,
)
def test_sdk_takes_over_within_same_request(
    error: DynamoDBError, capsys: pytest.CaptureFixture[str]
) -> None:
    client = _fallback(error)
    assert client.get_item() == {"by": "sdk"}
    assert client.query() == {"by": "sdk"}
    [line] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert line["message"] == "the SDK takes over"
    assert line["SdkTookOver"] == 1
    assert line["reason"] == str(error)


def test_environment_takes_over_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the first client still waits for the SDK when the second is made."""
    first, second = _fallback(NotTrusted("unknown")), _fallback(NotTrusted("unknown"))
    assert first.get_item() == second.get_item() == {"by": "sdk"}
    assert capsys.readouterr().out.count("the SDK takes over") == 1

    monkeypatch.setattr(choice, "serves", lambda: True)
    monkeypatch.setattr(choice, "sdk_client", lambda: "the SDK's")
    assert choice.make_client() == "the SDK's"


def test_second_rejected_signature_means_fallback() -> None:
    """After the first, the client has new credentials and the server's clock."""
    client = _fallback(BAD_SIGNATURE, BAD_SIGNATURE)
    with pytest.raises(Refused):
        client.get_item()
    assert client.get_item() == {"by": "sdk"}


def test_client_that_mends_its_signature_stays() -> None:
    client = _fallback(BAD_SIGNATURE)
    with pytest.raises(Refused):
        client.get_item()
    assert client.get_item() == {"by": "own"}


def test_unparsed_response_is_outcome_unknown() -> None:
    """So the caller decides, and the SDK sends the next attempt."""
    client = _fallback(NotUnderstood("garbage"))
    with pytest.raises(NotUnderstood):
        client.update_item()
    assert client.get_item() == {"by": "sdk"}


@pytest.mark.parametrize(
    "error",
    [
        NotSent("no connection"),
        ResponseLost("timed out"),
        Refused("ThrottlingException", "", 400, {}),
        Refused("AccessDeniedException", "", 400, {}),
        Refused("", "", 503, {}),
    ],
    ids=str,
)
def test_failures_that_sdk_would_meet_too(error: DynamoDBError) -> None:
    client = _fallback(error)
    with pytest.raises(type(error)):
        client.get_item()
    assert client.get_item() == {"by": "own"}


def test_first_success_settles_it() -> None:
    """Later requests go to the client directly, and the SDK never replaces it."""
    own = _Client("own")
    client = Fallback(own, lambda: _Client("sdk"))
    client.get_item()
    assert client.update_item == own.update_item
    client.close()
    assert own.closed
