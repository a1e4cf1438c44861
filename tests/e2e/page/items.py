"""Items written and read through the API, without the page."""

import time
from typing import Any

import httpx

from tests.e2e.conftest import StoredItems


def put(api: httpx.Client, id: str, **members: Any) -> dict[str, Any]:
    """Store an item, whose name is its id by default."""
    response = api.put("/items", json={"id": id, "name": id, **members}).raise_for_status()
    item: dict[str, Any] = response.json()
    return item


def put_many(api: httpx.Client, count: int) -> None:
    """Store `Item 001`, the oldest, and so on."""
    for n in range(1, count + 1):
        put(api, f"item-{n:03}", name=f"Item {n:03}", price=n)


def names(api: httpx.Client) -> list[str]:
    """Return the names of all items, newest first, as the list has them."""
    page = api.get("/items", params={"limit": 100}).raise_for_status().json()
    return [item["name"] for item in page["items"]]


def get(api: httpx.Client, id: str) -> dict[str, Any] | None:
    """Return the writable fields of an item, None if it does not exist."""
    response = api.get(f"/items/{id}")
    if response.status_code == 404:
        return None
    item = response.raise_for_status().json()
    return {key: item[key] for key in ("name", "price", "description") if key in item}


def only(api: httpx.Client) -> dict[str, Any]:
    """Return the only item, whole."""
    [item] = api.get("/items").raise_for_status().json()["items"]
    whole: dict[str, Any] = api.get(f"/items/{item['id']}").raise_for_status().json()
    return whole


def stored_prices(stored_items: StoredItems, id: str) -> list[str]:
    """Return the stored prices, digit by digit, of all owners' items with this id."""
    return [
        item["summary"]["M"]["price"]["N"]
        for item in stored_items()
        if item["id"]["S"].endswith(f"#{id}")
    ]


def wait_until_gone(api: httpx.Client, id: str) -> None:
    """Wait until an item is deleted, also by a page that is closed."""
    until = time.monotonic() + 10
    while get(api, id) is not None:
        assert time.monotonic() < until, f"{id} is still there"
        time.sleep(0.05)
