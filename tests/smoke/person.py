"""A temporary user for the checks, and the items that they create."""

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import Any

import httpx
from playwright.sync_api import Request

from tests.e2e.page.accounts import Account
from tests.e2e.users import create_user


@contextmanager
def somebody(cognito: Any, pool_id: str) -> Iterator[Account]:
    """Create a user, and delete it at the end of the block in any case.

    `cognito` is a client of cognito-idp. The address is unused, and no mail is sent to it.
    """
    account = Account(
        f"smoke-{secrets.token_hex(8)}@example.com",
        # Random, and of all the kinds of characters that a password must have.
        f"{secrets.token_urlsafe(24)}-Aa1",
    )
    try:
        create_user(cognito, pool_id, asdict(account))
        yield account
    finally:
        with suppress(cognito.exceptions.UserNotFoundException):
            cognito.admin_delete_user(UserPoolId=pool_id, Username=account.username)


class Belongings:
    """The items that were made, by whichever client, so that all of them can be deleted."""

    def __init__(self) -> None:
        self.ids: set[str] = set()

    def of_a_client(self, request: httpx.Request) -> None:
        """Record a request, as an event hook of httpx."""
        if request.method == "PUT":
            self._note(request.content)

    def of_a_page(self, request: Request) -> None:
        """Record a request, as a listener of a browser."""
        if request.method == "PUT":
            self._note((request.post_data or "").encode())

    def delete(self, api: httpx.Client) -> None:
        """Delete all recorded and listed items. Raises `AssertionError` if an item remains."""
        refused: dict[str, int] = {}
        until = time.monotonic() + 30
        while True:
            for each in sorted(self.ids | set(listed(api))):
                answer = api.delete(f"/items/{each}")
                if answer.is_success:
                    self.ids.discard(each)
                    refused.pop(each, None)
                else:
                    refused[each] = answer.status_code
            # The list is eventually consistent.
            left = {*self.ids, *listed(api)}
            if not left:
                return
            assert time.monotonic() < until, f"items that stay behind: {sorted(left)} {refused}"
            time.sleep(1)

    def _note(self, body: bytes) -> None:
        with suppress(ValueError, TypeError, KeyError):  # an invalid item is not created
            self.ids.add(str(json.loads(body)["id"]))


def listed(api: httpx.Client) -> list[str]:
    """Return the ids of all items, newest first, page by page."""
    found: list[str] = []
    query: dict[str, str] = {"limit": "100"}
    while True:
        page = api.get("/items", params=query).raise_for_status().json()
        found += [item["id"] for item in page["items"]]
        if page["cursor"] is None:
            return found
        query["cursor"] = page["cursor"]
