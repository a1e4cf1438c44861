"""Test the API: in process with Chalice's test client, or as `make run` deploys it.

    with Client(app, user="alice") as client:                         # signed in
    with Client(app, user="alice", scopes=["items/read"]) as client:  # with some scopes
    with Client(app) as client:                                       # not signed in
        response = client.http.get("/items")

docs/testing.md has a test of each kind to copy.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any

import chalice.test
import httpx
from chalice import Chalice

from infra.gateway.chalice_gateway import Gateway
from infra.gateway.rules import DeployedRules
from infra.stage import LOCAL_STAGE
from local.chalice_internals import HTTPClient, http_client
from local.home import LocalError, current_home
from local.sign_in import SCOPES, sign_in
from local.tokens import SigningKey
from tools.project import PROJECT
from tools.templates import create_table as create_table

_LIFETIME = 24 * 60 * 60  # seconds: longer than any test


@cache
def signing_key() -> SigningKey:
    """Return the key whose tokens `Client` accepts. Each process generates its own key."""
    return SigningKey.generate()


class Client(chalice.test.Client):
    """Chalice's test client, which verifies access tokens as the deployed gateway does.

    `user` is the `sub` of the token that each request carries, and so the owner of its items.
    `None` is a caller without a token. A request with its own Authorization header carries only
    that header. A missing or wrong token, or a token without the route's scope, is a 401 problem.

    The stage is `local`, whose variables no deployment writes. Chalice's default is `dev`. Once
    `dev` is deployed, its variables would replace the variables that the test has set.
    """

    def __init__(
        self,
        app: Chalice,
        stage_name: str = LOCAL_STAGE,
        project_dir: str | Path = PROJECT,
        *,
        user: str | None = None,
        scopes: Sequence[str] = SCOPES,
    ) -> None:
        super().__init__(app, stage_name, str(project_dir))
        self._arguments = app, stage_name, Path(project_dir)
        self._headers: dict[str, str] = {}
        if user is not None:
            token = signing_key().token(user, scopes, _LIFETIME)
            self._headers["Authorization"] = f"Bearer {token}"

    @cached_property
    def http(self) -> HTTPClient:
        rules = DeployedRules(signing_key().verifier())
        gateway = partial(Gateway, rules=rules)
        return http_client(*self._arguments, gateway, self._headers)


@contextmanager
def deployed_client(username: str, scopes: Sequence[str] = SCOPES) -> Iterator[httpx.Client]:
    """Yield an HTTP client of the API that `make run` has deployed, signed in as one of its users.

    Raises `LocalError` if it is not running, or does not have the user.
    """
    stack: dict[str, Any] = current_home().stack()
    passwords = {user["username"]: user["password"] for user in stack["users"]}
    if username not in passwords:
        raise LocalError(f"no user {username}: pass one of {', '.join(passwords)}")
    login = stack["login_url"], stack["client_id"]
    try:
        token = sign_in(*login, username, passwords[username], scopes)["access_token"]
    except httpx.ConnectError as error:
        raise LocalError("the local cloud does not respond: run `make run`") from error
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=stack["api_url"], headers=headers, timeout=30) as client:
        yield client
