"""What importing the application does, which is what Lambda's init phase does."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

COUNT_CLIENTS = """
import gc
import botocore.session
made = []
real = botocore.session.Session.create_client
def create_client(self, *args, **kwargs):
    made.append(args)
    return real(self, *args, **kwargs)
botocore.session.Session.create_client = create_client
import app
print(len(made), gc.isenabled(), gc.get_freeze_count() > 10_000)
"""

ON_LAMBDA = {"AWS_LAMBDA_FUNCTION_NAME": "items", "TABLE_NAME": "items"}
UNDER_SNAP_START = {**ON_LAMBDA, "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"}


class DynamoDB:
    """Notes what it is asked, and answers when it is let."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.may_answer = threading.Event()
        self.may_answer.set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.asked.append(self.headers["X-Amz-Target"].rpartition(".")[2])
                outer.may_answer.wait(60)
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def dynamodb() -> Iterator[DynamoDB]:
    dynamodb = DynamoDB()
    thread = threading.Thread(target=dynamodb.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield dynamodb
    dynamodb.may_answer.set()
    dynamodb.server.shutdown()
    thread.join()
    dynamodb.server.server_close()


def initialise(url: str, **variables: str) -> list[str]:
    """How many clients were made; whether garbage is collected; whether what is there is spared."""
    result = subprocess.run(
        [sys.executable, "-c", COUNT_CLIENTS],
        env={**os.environ, "AWS_ENDPOINT_URL": url, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.splitlines()[-1].split()


@pytest.mark.parametrize(
    ("variables", "clients"),
    [
        ({"TABLE_NAME": "items"}, 0),
        (ON_LAMBDA, 1),
        ({**ON_LAMBDA, "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}, 1),
        ({**ON_LAMBDA, "AWS_LAMBDA_INITIALIZATION_TYPE": "provisioned-concurrency"}, 1),
        (UNDER_SNAP_START, 0),
        # A failure waits for the first request, which can answer it.
        ({**ON_LAMBDA, "TABLE_NAME": ""}, 0),
    ],
)
def test_the_client_is_made_and_connected_during_init_and_only_then(
    dynamodb: DynamoDB, variables: dict[str, str], clients: int
) -> None:
    on_lambda = str("AWS_LAMBDA_FUNCTION_NAME" in variables)
    assert initialise(dynamodb.url, **variables) == [str(clients), "True", on_lambda]
    assert dynamodb.asked == ["GetItem"] * clients


def test_init_does_not_wait_for_ever(dynamodb: DynamoDB) -> None:
    dynamodb.may_answer.clear()
    assert initialise(dynamodb.url, **ON_LAMBDA)[0] == "1"
    assert dynamodb.asked == ["GetItem"]


def test_nor_fail_where_nobody_listens(dynamodb: DynamoDB) -> None:
    dynamodb.server.shutdown()
    dynamodb.server.server_close()
    assert initialise(dynamodb.url, **ON_LAMBDA)[0] == "1"
    assert dynamodb.asked == []
