"""Make the client and open its connection during Lambda's init phase."""

import threading
from contextlib import suppress
from typing import Any

from chalicelib.dynamodb.choice import CONNECT_TIMEOUT, make_client

_prepared: list[tuple[Any, threading.Thread]] = []


def prepare(table_name: str) -> None:
    """Make the client that `first_client` will return, and start to connect it.

    Ignore errors: the first request tries again, and can report them.
    """
    if not table_name:
        return  # the first request reports that it is missing
    with suppress(Exception):
        client = make_client()
        connecting = threading.Thread(target=_connect, args=(client, table_name), daemon=True)
        connecting.start()
        _prepared.append((client, connecting))


def first_client() -> Any:
    """Return the prepared client, once. Later calls return new clients."""
    if not _prepared:
        return make_client()
    client, connecting = _prepared.pop()
    connecting.join(CONNECT_TIMEOUT)
    # A client that still waits for its response would make the first request wait too.
    return make_client() if connecting.is_alive() else client


def _connect(client: Any, table_name: str) -> None:
    with suppress(Exception):
        # No user has this item: their keys contain "#".
        client.get_item(TableName=table_name, Key={"id": {"S": "-"}})
