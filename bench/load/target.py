"""The target of the load: the application in a separate local cloud, and a signed-in user."""

import random
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx

from bench.load.generator import CONNECTIONS, NO_ANSWER, Send
from local import deployment, seed
from local.cloud import Cloud
from local.home import Home
from local.sign_in import sign_in
from tests.dynamodb_local import free_port
from tools.progress import Report

# More than the gateway waits for the function.
_SECONDS = 30.0


class Target:
    """The URL and the token. `items` exist for reads, and are not deleted."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=url, headers=self._headers, timeout=_SECONDS) as client:
            page = client.get("/items", params={"limit": 100}).raise_for_status().json()
        self._items = [item["id"] for item in page["items"]]

    @asynccontextmanager
    async def sender(self, chance: random.Random) -> AsyncIterator[Send]:
        """Return a function that sends requests of each kind over persistent connections."""
        limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
        async with httpx.AsyncClient(
            base_url=self._url, headers=self._headers, timeout=_SECONDS, limits=limits
        ) as client:

            async def send(kind: str) -> str:
                try:
                    answer = await client.request(**self._request(kind, chance))
                except httpx.TransportError:  # a time-out is one
                    return NO_ANSWER
                return str(answer.status_code)

            yield send

    def _request(self, kind: str, chance: random.Random) -> dict[str, Any]:
        if kind == "list":
            return {"method": "GET", "url": "/items"}
        if kind == "get":
            return {"method": "GET", "url": f"/items/{chance.choice(self._items)}"}
        # Writes and deletions use other items than reads, which must remain.
        name = f"load-{chance.randrange(200)}"
        if kind == "delete":
            return {"method": "DELETE", "url": f"/items/{name}"}
        item = {"id": name, "name": name, "price": 12345, "description": uuid.uuid4().hex}
        return {"method": "PUT", "url": "/items", "json": item}


@contextmanager
def deployed(scratch: Path, report: Report) -> Iterator[tuple[Target, Path]]:
    """Start a cloud and deploy. Yield the target and the deployed zip.

    Raises `local.home.LocalError` or `infra.errors.DeploymentFailed`.
    """
    with Cloud(Home(scratch), free_port(), keep=False, report=report) as cloud:
        stack = deployment.deploy(cloud, report)
        stack["users"] = seed.create_users(cloud, stack["user_pool_id"])
        seed.create_items(cloud.home, stack, report)
        user = stack["users"][0]
        tokens = sign_in(stack["login_url"], stack["client_id"], user["username"], user["password"])
        target = Target(stack["api_url"], tokens["access_token"])
        yield target, cloud.home.directory / "package" / "deployment.zip"
