"""What importing the application does, which is what Lambda's init phase does."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.dynamodb_local import free_port
from tests.unit.stub import Stub, running

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

STATE_AT_FIRST_CLIENT = """
import gc
import sys
import botocore.session
real = botocore.session.Session.create_client
def create_client(self, *args, **kwargs):
    print("chalice" in sys.modules, gc.isenabled())
    return real(self, *args, **kwargs)
botocore.session.Session.create_client = create_client
import app
"""

ON_LAMBDA = {"AWS_LAMBDA_FUNCTION_NAME": "items", "TABLE_NAME": "items"}


@pytest.fixture
def dynamodb() -> Iterator[Stub]:
    with running() as stub:
        yield stub


def initialise(url: str, script: str = COUNT_CLIENTS, **variables: str) -> list[str]:
    """Import the application in a new process, and return the words of the last line it prints."""
    result = subprocess.run(
        [sys.executable, "-c", script],
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
        # A failure waits for the first request, which can answer it.
        ({**ON_LAMBDA, "TABLE_NAME": ""}, 0),
    ],
)
def test_the_client_is_made_and_connected_during_init_and_only_then(
    dynamodb: Stub, variables: dict[str, str], clients: int
) -> None:
    on_lambda = str("AWS_LAMBDA_FUNCTION_NAME" in variables)
    # The clients, whether the collector runs, and whether it skips what init has created.
    assert initialise(dynamodb.url, **variables) == [str(clients), "True", on_lambda]
    assert dynamodb.operations == ["GetItem"] * clients


def test_client_is_made_before_other_imports(dynamodb: Stub) -> None:
    """The client connects while Chalice is imported, and no garbage is collected meanwhile."""
    assert initialise(dynamodb.url, STATE_AT_FIRST_CLIENT, **ON_LAMBDA) == ["False", "False"]


def test_init_does_not_wait_for_ever(dynamodb: Stub) -> None:
    dynamodb.may_answer.clear()
    assert initialise(dynamodb.url, **ON_LAMBDA)[0] == "1"
    assert dynamodb.operations == ["GetItem"]


def test_nor_fail_where_nobody_listens() -> None:
    assert initialise(f"http://127.0.0.1:{free_port()}", **ON_LAMBDA)[0] == "1"
