"""The handler in a separate process, with a DynamoDB that rejects our own client."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from bench.function import event
from tests.unit.stub import Stub, failure, running
from tests.unit.test_events import RECORD
from tests.unit.test_init import ON_LAMBDA

SERVE = """
import json, sys
from chalice.local import LambdaContext
import app
for event in json.load(sys.stdin):
    print(json.dumps({"response": app.app(event, LambdaContext("items", 128, 9000))["statusCode"]}))
"""

FITS = json.dumps({"Item": RECORD, "ConsumedCapacity": {"CapacityUnits": 1.0}})


def serve(stub: Stub) -> list[dict[str, Any]]:
    """Send two GETs to a new process, and return its output."""
    result = subprocess.run(
        [sys.executable, "-c", SERVE],
        env={**os.environ, "AWS_ENDPOINT_URL": stub.url, **ON_LAMBDA},
        input=json.dumps([event.get("123")] * 2),
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize(
    "answer",
    [
        (400, failure("InvalidSignatureException")),
        (400, failure("UnknownOperationException")),
        (200, "<html>"),
        (200, FITS[:40]),
    ],
    ids=["signature refused", "operation unknown", "no JSON", "half of it"],
)
def test_request_is_served_by_sdk(answer: tuple[int, str]) -> None:
    with running() as stub:
        stub.answer, stub.to_own = FITS, answer
        written = serve(stub)
    assert [line["response"] for line in written if "response" in line] == [200, 200]
    taken_over = [line for line in written if line.get("message") == "the SDK takes over"]
    assert [line["SdkTookOver"] for line in taken_over] == [1]


def test_own_client_serves_where_it_is_understood() -> None:
    with running() as stub:
        stub.answer, stub.to_own = FITS, (200, FITS)
        written = serve(stub)
        agents = {each.headers["User-Agent"].partition(" ")[0] for each in stub.requests}
    assert [line["response"] for line in written if "response" in line] == [200, 200]
    assert not [line for line in written if line.get("message") == "the SDK takes over"]
    assert agents == {"chalicelib"}
