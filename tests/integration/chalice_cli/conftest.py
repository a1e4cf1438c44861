"""`chalice local` without a local cloud: the table in its process, tokens of this machine's key."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local import embedded
from local.home import Home
from local.tokens import SigningKey
from tests.chalice_local import ChaliceLocal, chalice_local
from tests.integration.conftest import TokenOf, tokens_of

StoredItems = Callable[[], list[dict[str, Any]]]


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChaliceLocal]:
    """Start a server without a stack, with its own items."""
    with chalice_local(tmp_path_factory.mktemp("embedded"), "--no-autoreload") as server:
        yield server


@pytest.fixture(scope="package")
def key(server: ChaliceLocal) -> SigningKey:
    return embedded.signing_key(Home(server.home))


@pytest.fixture(scope="package")
def token_of(key: SigningKey) -> TokenOf:
    return tokens_of(key)


@pytest.fixture(scope="package")
def stored_items(server: ChaliceLocal) -> StoredItems:
    """Return all items from the server's file."""

    def stored_items() -> list[dict[str, Any]]:
        file = Path(server.home) / "chalice-local" / "items.json"
        items: list[dict[str, Any]] = json.loads(file.read_text())["items"]
        return sorted(items, key=lambda item: str(item["id"]))

    return stored_items
