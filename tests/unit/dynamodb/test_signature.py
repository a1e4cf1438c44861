"""The signatures of our own client equal botocore's."""

import random
import string
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as SDKCredentials

from chalicelib.dynamodb.credentials import Credentials
from chalicelib.dynamodb.signature import CONTENT_TYPE, Signer

NAMES = ("GetItem", "UpdateItem", "DeleteItem", "Query")


def _botocore(
    credentials: Credentials, region: str, host: str, target: str, body: bytes, moment: datetime
) -> dict[str, str]:
    request = AWSRequest("POST", f"https://{host}/", data=body)
    request.headers["Content-Type"] = CONTENT_TYPE
    request.headers["X-Amz-Target"] = target
    request.context["timestamp"] = moment.strftime("%Y%m%dT%H%M%SZ")
    signer: Any = SigV4Auth(
        SDKCredentials(credentials.access_key, credentials.secret_key, credentials.token or None),
        "dynamodb",
        region,
    )
    request.headers["X-Amz-Date"] = request.context["timestamp"]
    if credentials.token:
        request.headers["X-Amz-Security-Token"] = credentials.token
    text = signer.string_to_sign(request, signer.canonical_request(request))
    signer._inject_signature_to_request(request, signer.signature(text, request))
    return dict(request.headers.items())


def test_random_signatures_equal_botocores() -> None:
    chance = random.Random(11)  # noqa: S311 - no secret

    def text(alphabet: str, longest: int) -> str:
        return "".join(chance.choices(alphabet, k=chance.randint(1, longest)))

    safe = string.ascii_letters + string.digits + "+/="
    signer = Signer("eu-west-1", "dynamodb.eu-west-1.amazonaws.com")
    for number in range(1000):
        credentials = Credentials(
            text(string.ascii_uppercase + string.digits, 20),
            text(safe, 40),
            text(safe, 800) if chance.random() < 0.7 else "",
        )
        moment = datetime.fromtimestamp(chance.randint(0, 4_000_000_000), UTC)
        region = chance.choice(("eu-west-1", "us-east-1", "cn-north-1"))
        host = f"dynamodb.{region}.amazonaws.com" + chance.choice(("", ":8000"))
        if number % 2:  # a new signer, else one that keeps its key
            signer = Signer(region, host)
        else:
            region, host = signer._region, signer._host
        signer._clock = moment.timestamp
        target = f"DynamoDB_20120810.{chance.choice(NAMES)}"
        body = chance.randbytes(chance.randint(0, 300))
        lines = signer.headers(credentials, target, body).splitlines()
        ours = dict(line.split(": ", 1) for line in lines)
        theirs = _botocore(credentials, region, host, target, body, moment)
        assert ours == {name: theirs[name] for name in ours}, number
        assert len(ours) == (3 if credentials.token else 2)


@pytest.mark.parametrize("offset", [-7200.0, 7200.0])
def test_offset_moves_clock(offset: float) -> None:
    signer = Signer("eu-west-1", "host", clock=lambda: 1_000_000.0)
    moved = Signer("eu-west-1", "host", clock=lambda: 1_000_000.0 + offset)
    signer.offset = offset
    credentials = Credentials("key", "secret")
    assert signer.headers(credentials, "t", b"") == moved.headers(credentials, "t", b"")
