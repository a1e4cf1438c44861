"""A local cloud of the tests' own, with the application deployed into it, and `chalice local`."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from local import deployment, seed
from local.cloud import Cloud
from local.home import PROJECT, Home
from local.sign_in import SCOPES, sign_in
from tests.dynamodb_local import free_port

TokenOf = Callable[..., str]
ClientOf = Callable[..., httpx.Client]


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """The local cloud, empty at first and gone afterwards."""
    home = Home(tmp_path_factory.mktemp("local-cloud"))
    with Cloud(home, free_port(), keep=False) as cloud:
        yield cloud


@pytest.fixture(scope="session")
def stack(cloud: Cloud) -> dict[str, Any]:
    """The deployed application, as `.local/stack.json` describes it; its users have no items."""
    stack = deployment.deploy(cloud)
    stack["users"] = seed.create_users(cloud, stack["user_pool_id"])
    cloud.home.write_stack(stack)
    return stack


@pytest.fixture(scope="session")
def chalice_local(stack: dict[str, Any], cloud: Cloud) -> Iterator[str]:
    """The address of `chalice local --stage local`, against the same table and pool."""
    port = free_port()
    program = Path(sys.executable).with_name("chalice")
    log = cloud.home.directory / "chalice-local.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [program, "local", "--stage", "local", "--no-autoreload", "--port", str(port)],
            cwd=PROJECT,
            env={**os.environ, "LOCAL_HOME": str(cloud.home.directory)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 60
        while True:
            try:
                httpx.get(f"{url}/items", timeout=5)
                break
            except httpx.TransportError:
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < until, log.read_text()
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="session", params=["gateway", "chalice local"])
def api_url(request: pytest.FixtureRequest, stack: dict[str, Any]) -> str:
    """The API's address, on each of the two servers in turn."""
    if request.param == "gateway":
        return str(stack["api_url"])
    return str(request.getfixturevalue("chalice_local"))


@pytest.fixture(scope="session")
def token_of(stack: dict[str, Any]) -> TokenOf:
    """`token_of("alice")`: an access token with both scopes, or with those given, by real sign-in.

    Each is made once.
    """
    made: dict[tuple[str, tuple[str, ...]], str] = {}

    def token_of(name: str, *scopes: str) -> str:
        key = (name, scopes or SCOPES)
        if key not in made:
            user = next(u for u in stack["users"] if u["username"].startswith(f"{name}@"))
            tokens = sign_in(stack["login_url"], stack["client_id"], **user, scopes=key[1])
            made[key] = tokens["access_token"]
        return made[key]

    return token_of


@pytest.fixture(scope="session")
def client_of(token_of: TokenOf) -> Iterator[ClientOf]:
    """`client_of("alice", url)`: an HTTP client that is signed in as her."""
    clients: list[httpx.Client] = []

    def client_of(name: str, url: str) -> httpx.Client:
        headers = {"Authorization": f"Bearer {token_of(name)}"}
        clients.append(httpx.Client(base_url=url, headers=headers, timeout=30))
        return clients[-1]

    yield client_of
    for client in clients:
        client.close()
