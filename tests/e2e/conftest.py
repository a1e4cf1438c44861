"""A local cloud of the tests' own, with the application deployed into it, and `chalice local`."""

import json
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from local import deployment, seed
from local.cloud import Cloud
from local.home import Home
from local.sign_in import SCOPES, sign_in
from tests.chalice_local import chalice_local as run_chalice_local
from tests.dynamodb_local import free_port
from tests.e2e.users import create_user

#: `chalice local` as `make dev` runs it.
WITH_THE_STACK = ("--stage", "local", "--no-autoreload")

TokenOf = Callable[..., str]
Newcomer = Callable[[str], str]
FunctionLog = Callable[[str, str], list[dict[str, Any]]]
StoredItems = Callable[[], list[dict[str, Any]]]
ClientOf = Callable[..., httpx.Client]


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Start an empty local cloud, and delete it afterwards."""
    home = Home(tmp_path_factory.mktemp("local-cloud"))
    with Cloud(home, free_port(), keep=False) as cloud:
        yield cloud


@pytest.fixture(scope="session")
def stack(cloud: Cloud) -> dict[str, Any]:
    """Deploy the application without items, and return its `.local/stack.json`."""
    stack = deployment.deploy(cloud)
    stack["users"] = seed.create_users(cloud, stack["user_pool_id"])
    cloud.home.write_stack(stack)
    return stack


@pytest.fixture(scope="session")
def site(stack: dict[str, Any]) -> Iterator[httpx.Client]:
    """Return the site's client. Browsers resolve *.localhost, but Python may not."""
    host = urlsplit(stack["site_url"]).netloc
    with httpx.Client(base_url=stack["endpoint_url"], headers={"Host": host}, timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def chalice_local(stack: dict[str, Any], cloud: Cloud) -> Iterator[str]:
    """Return the URL of `chalice local`, with the gateway's table and pool."""
    assert cloud.home.stack() == stack
    with run_chalice_local(cloud.home.directory, *WITH_THE_STACK) as server:
        yield server.url


@pytest.fixture(
    scope="session",
    params=["gateway", pytest.param("chalice local", marks=pytest.mark.long)],
)
def api_url(request: pytest.FixtureRequest, stack: dict[str, Any]) -> str:
    """Return the API's URL, on each of the two servers in turn."""
    if request.param == "gateway":
        return str(stack["api_url"])
    return str(request.getfixturevalue("chalice_local"))


@pytest.fixture(scope="session")
def people(stack: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return the users, by the name before the @."""
    return {user["username"].partition("@")[0]: user for user in stack["users"]}


@pytest.fixture(scope="session")
def newcomer(cloud: Cloud, stack: dict[str, Any], people: dict[str, dict[str, str]]) -> Newcomer:
    """Return `newcomer("alice")`, which creates a user without items for one test."""

    def newcomer(like: str) -> str:
        name = f"{like}-{secrets.token_hex(4)}"
        user = {"username": f"{name}@example.com", "password": "Correct-Horse-1"}
        people[name] = create_user(cloud.client("cognito-idp"), stack["user_pool_id"], user)
        return name

    return newcomer


@pytest.fixture(scope="session")
def stored_items(cloud: Cloud, stack: dict[str, Any]) -> StoredItems:
    """Return all items of all users, read directly from the table."""
    pages = cloud.client("dynamodb").get_paginator("scan")

    def stored_items() -> list[dict[str, Any]]:
        found = pages.paginate(TableName=stack["table_name"], ConsistentRead=True)
        return sorted((i for page in found for i in page["Items"]), key=lambda i: i["id"]["S"])

    return stored_items


@pytest.fixture(scope="session")
def function_log(cloud: Cloud, stack: dict[str, Any]) -> FunctionLog:
    """Return `function_log(id, key)`, which returns the function's log lines with this member.

    The lines are of the request with this correlation id. It waits for the first until a timeout.
    """
    pages = cloud.client("logs").get_paginator("filter_log_events")

    def function_log(correlation_id: str, key: str) -> list[dict[str, Any]]:
        until = time.monotonic() + 20
        while True:
            lines = [
                json.loads(event["message"])
                for page in pages.paginate(logGroupName="/aws/lambda/items-local")
                for event in page["events"]
                if correlation_id in event["message"] and event["message"].startswith("{")
            ]
            found = [line for line in lines if key in line]
            if found or time.monotonic() > until:
                return found
            time.sleep(0.2)

    return function_log


@pytest.fixture(scope="session")
def token_of(stack: dict[str, Any], people: dict[str, dict[str, str]]) -> TokenOf:
    """Return `token_of("alice")`, which signs in for both scopes, or for the given scopes.

    A token is reused for ten minutes, because it expires after 15.
    """
    made: dict[tuple[str, tuple[str, ...]], tuple[str, float]] = {}

    def token_of(name: str, *scopes: str) -> str:
        key = (name, scopes or SCOPES)
        if key not in made or made[key][1] < time.monotonic():
            login = stack["login_url"], stack["client_id"]
            tokens = sign_in(*login, **people[name], scopes=key[1])
            made[key] = tokens["access_token"], time.monotonic() + 600
        return made[key][0]

    return token_of


@pytest.fixture(scope="session")
def client_of(token_of: TokenOf) -> Iterator[ClientOf]:
    """Return `client_of("alice", url)`, which returns a signed-in HTTP client."""
    clients: list[httpx.Client] = []

    def client_of(name: str, url: str) -> httpx.Client:
        headers = {"Authorization": f"Bearer {token_of(name)}"}
        clients.append(httpx.Client(base_url=url, headers=headers, timeout=30))
        return clients[-1]

    yield client_of
    for client in clients:
        client.close()
