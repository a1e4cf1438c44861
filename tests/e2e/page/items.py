"""Items behind the page's back: arranged, changed and looked up through the API."""

import time
from typing import Any

import httpx

from tests.e2e.conftest import StoredItems


def put(api: httpx.Client, id: str, **members: Any) -> dict[str, Any]:
    """Store an item; its name is its id unless given."""
    answer = api.put("/items", json={"id": id, "name": id, **members}).raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def put_many(api: httpx.Client, count: int) -> None:
    """`Item 001`, the oldest, and so on."""
    for n in range(1, count + 1):
        put(api, f"item-{n:03}", name=f"Item {n:03}", price=n)


def names(api: httpx.Client) -> list[str]:
    """Of all items, newest first, as the list has them."""
    found = api.get("/items", params={"limit": 100}).raise_for_status().json()
    return [item["name"] for item in found["items"]]


def get(api: httpx.Client, id: str) -> dict[str, Any] | None:
    """What a person may write of an item, or None if there is none."""
    answer = api.get(f"/items/{id}")
    if answer.status_code == 404:
        return None
    found = answer.raise_for_status().json()
    return {key: found[key] for key in ("name", "price", "description") if key in found}


def only(api: httpx.Client) -> dict[str, Any]:
    """The one item there is, whole."""
    [item] = api.get("/items").raise_for_status().json()["items"]
    found: dict[str, Any] = api.get(f"/items/{item['id']}").raise_for_status().json()
    return found


def stored_prices(stored_items: StoredItems, id: str) -> list[str]:
    """The prices in the table, digit by digit, of everybody's items with this id."""
    return [
        item["summary"]["M"]["price"]["N"]
        for item in stored_items()
        if item["id"]["S"].endswith(f"#{id}")
    ]


def wait_until_gone(api: httpx.Client, id: str) -> None:
    """For what the page does when nobody can look at it any more."""
    until = time.monotonic() + 10
    while get(api, id) is not None:
        assert time.monotonic() < until, f"{id} is still there"
        time.sleep(0.05)
