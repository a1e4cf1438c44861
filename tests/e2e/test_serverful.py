"""`python -m serverful` with the deployment of `make run`, and without it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.cloud import Cloud
from tests.dynamodb_local import free_port
from tests.e2e.conftest import ClientOf, Newcomer
from tests.e2e.problem import assert_refused
from tests.integration.serverful.image import Server
from tools.project import PROJECT

COMMAND = [sys.executable, "-m", "serverful"]


@pytest.fixture
def server(cloud: Cloud, stack: dict[str, Any], tmp_path: Path) -> Iterator[Server]:
    port = free_port()
    home = {"LOCAL_HOME": str(cloud.home.directory), "BIND": f"127.0.0.1:{port}"}
    with (tmp_path / "log").open("wb") as output:
        process = subprocess.Popen(
            COMMAND,
            cwd=PROJECT,
            env={**os.environ, **home},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Server(port, process, tmp_path / "log")
    try:
        server.wait_until_healthy()
        yield server
    finally:
        process.terminate()
        process.wait(30)


# Another server of the same application, with the same verifier as `chalice local`.
@pytest.mark.long
def test_container_serves_table_and_users(
    server: Server, stack: dict[str, Any], newcomer: Newcomer, client_of: ClientOf
) -> None:
    name = newcomer("alice")
    item = {"id": "one", "name": "The same table"}
    client_of(name, server.url).put("/items", json=item).raise_for_status()
    assert client_of(name, stack["api_url"]).get("/items/one").json()["name"] == "The same table"
    assert_refused(httpx.get(f"{server.url}/items/one"))


def test_without_make_run_it_says_what_to_run(tmp_path: Path) -> None:
    result = subprocess.run(
        COMMAND,
        cwd=PROJECT,
        env={**os.environ, "LOCAL_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 2
    assert result.stderr == "error: the local cloud has no deployment: run `make run`\n"
