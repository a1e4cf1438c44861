"""The effects of importing the application, as in Lambda's init phase."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.dynamodb_local import free_port
from tests.unit.stub import Stub, running
from tools.project import PROJECT

# `connect` takes the function from `choice` when init imports it, so it takes this one.
COUNT_CLIENTS = """
import gc
import sys
from chalicelib.dynamodb import choice
made = []
real = choice.make_client
def make_client():
    made.append((gc.isenabled(), "chalice" in sys.modules))
    return real()
choice.make_client = make_client
import app
print(len(made), gc.isenabled(), gc.get_freeze_count() > 10_000)
"""

STATE_AT_FIRST_CLIENT = f"{COUNT_CLIENTS}print(*made[0])"

SDK_IS_IMPORTED = "import sys, app; print('botocore' in sys.modules)"

ON_LAMBDA = {
    "AWS_LAMBDA_FUNCTION_NAME": "items",
    "TABLE_NAME": "items",
    "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "test",
}


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
def test_client_is_connected_during_init_only(
    dynamodb: Stub, variables: dict[str, str], clients: int
) -> None:
    on_lambda = str("AWS_LAMBDA_FUNCTION_NAME" in variables)
    # The clients, whether the collector runs, and whether it skips init's objects.
    assert initialise(dynamodb.url, **variables) == [str(clients), "True", on_lambda]
    assert dynamodb.operations == ["GetItem"] * clients


def test_client_is_made_before_other_imports(dynamodb: Stub) -> None:
    """The client connects while Chalice is imported, and no garbage is collected meanwhile."""
    assert initialise(dynamodb.url, STATE_AT_FIRST_CLIENT, **ON_LAMBDA) == ["False", "False"]


@pytest.mark.parametrize(
    ("variables", "imported"),
    [({}, False), ({"DYNAMODB_CLIENT": "sdk"}, True), ({"AWS_USE_FIPS_ENDPOINT": "true"}, True)],
)
def test_only_sdk_client_imports_sdk(
    dynamodb: Stub, variables: dict[str, str], imported: bool
) -> None:
    found = initialise(dynamodb.url, SDK_IS_IMPORTED, **ON_LAMBDA, **variables)
    assert found == [str(imported)]
    assert dynamodb.operations == ["GetItem"]


@pytest.mark.parametrize(
    ("variables", "client"), [({}, "own"), ({"DYNAMODB_CLIENT": "sdk"}, "sdk")]
)
def test_log_names_the_client(dynamodb: Stub, variables: dict[str, str], client: str) -> None:
    (line,) = initialise(dynamodb.url, "import app", **ON_LAMBDA, **variables)
    started = json.loads(line)
    assert (started["message"], started["client"]) == ("started", client)


def test_init_does_not_wait_for_ever(dynamodb: Stub) -> None:
    dynamodb.may_answer.clear()
    # The second client is for the first request, because the first client still waits.
    assert initialise(dynamodb.url, **ON_LAMBDA)[0] == "2"
    assert dynamodb.operations == ["GetItem"]


def test_nor_fail_where_nobody_listens() -> None:
    assert initialise(f"http://127.0.0.1:{free_port()}", **ON_LAMBDA)[0] == "1"


def test_settings_import_delays_no_connection() -> None:
    """A deployed function imports them before its client starts to connect."""
    script = (
        f"import sys; sys.path.insert(0, {str(PROJECT)!r})\n"
        "from chalicelib import config\n"
        "print(config.app_name(), *{'json', 'pathlib'} & sys.modules.keys())"
    )
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script],
        env={"APP_NAME": "deployed"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.split() == ["deployed"]
