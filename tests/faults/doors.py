"""Interfaces for requests: the table itself, and the API over HTTP."""

from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import quote

import httpx

from chalicelib.errors import (
    PROBLEM_TYPES,
    OutcomeUnknown,
    PreconditionFailed,
    ResourceNotFound,
    Unavailable,
)
from chalicelib.items import ITEMS, ItemInput
from chalicelib.preconditions import Preconditions
from chalicelib.record import Stored
from chalicelib.retry import Deadline
from chalicelib.table import RecordTable
from tests.faults.history import Answer, Asks, Kind, Outcome, Request, Seen

#: More than any request takes, so that no request times out.
_SECONDS = 60


class Door(Protocol):
    """One client's. `sent()` is how often at most it has had a write carried out so far."""

    def ask(self, request: Request) -> Answer: ...

    def sent(self) -> int: ...


class TableDoor:
    """An `RecordTable` of its own, as each instance of the function has one."""

    def __init__(self, table: RecordTable, owner: str = "owner") -> None:
        self._table = table
        self._owner = owner
        self._sent = 0

    def sent(self) -> int:
        return self._sent

    def counted(self, write: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
        """Return the client's method for a write, and count its calls."""

        def call(**parameters: Any) -> dict[str, Any]:
            self._sent += 1
            return write(**parameters)

        return call

    def ask(self, request: Request) -> Answer:
        try:
            return self._ask(request)
        except ResourceNotFound:
            return Answer(Outcome.ABSENT)
        except PreconditionFailed:
            return Answer(Outcome.FAILED)
        except OutcomeUnknown:
            return Answer(Outcome.UNKNOWN)
        except Unavailable:
            return Answer(Outcome.UNAVAILABLE)

    def _ask(self, request: Request) -> Answer:
        deadline, asked = Deadline.after(_SECONDS), _preconditions(request)
        if request.kind is Kind.GET:
            return _shown(self._table.get(ITEMS, self._owner, request.item, deadline))
        if request.kind is Kind.PUT:
            item = ItemInput(request.item, request.body)
            return _shown(self._table.put(ITEMS, self._owner, item, asked, deadline))
        self._table.delete(ITEMS, self._owner, request.item, asked, deadline)
        return Answer(Outcome.DONE)


def _preconditions(request: Request) -> Preconditions:
    return Preconditions.from_headers({k.lower(): v for k, v in _headers(request).items()})


def _headers(request: Request) -> dict[str, str]:
    return {
        Asks.NOTHING: {},
        Asks.EXISTS: {"If-Match": "*"},
        Asks.ABSENT: {"If-None-Match": "*"},
        Asks.TAG: {"If-Match": f'"{request.tag}"'},
    }[request.asks]


def _shown(stored: Stored) -> Answer:
    return Answer(Outcome.DONE, Seen(stored.version, stored.tag, stored.view.name))


class HttpDoor:
    """The API, wherever it is. It does not say how often it tried: `attempts` is the most."""

    def __init__(self, client: httpx.Client, attempts: int = 4) -> None:
        self._client = client
        self._attempts = attempts
        self._sent = 0

    def sent(self) -> int:
        return self._sent

    def ask(self, request: Request) -> Answer:
        headers = _headers(request)
        if request.kind is Kind.GET:
            response = self._client.get(f"/items/{quote(request.item)}")
        else:
            self._sent += self._attempts
            if request.kind is Kind.PUT:
                item = {"id": request.item, "name": request.body}
                response = self._client.put("/items", json=item, headers=headers)
            else:
                response = self._client.delete(f"/items/{quote(request.item)}", headers=headers)
        return _answer(response)


def _answer(response: httpx.Response) -> Answer:
    """Return the API's outcome for a status. Fail at an unexpected status."""
    if response.status_code in (200, 201):
        item = response.json()
        tag = response.headers["ETag"].strip('"')
        assert (response.status_code == 201) <= (item["version"] == 1)
        return Answer(Outcome.DONE, Seen(item["version"], tag, item["name"]))
    if response.status_code == 503:
        assert response.headers["Retry-After"].isdigit()
        in_doubt = response.json()["type"] == f"{PROBLEM_TYPES}:outcome-unknown"
        return Answer(Outcome.UNKNOWN if in_doubt else Outcome.UNAVAILABLE)
    outcomes = {204: Outcome.DONE, 404: Outcome.ABSENT, 412: Outcome.FAILED}
    assert response.status_code in outcomes, f"{response.status_code} {response.text}"
    return Answer(outcomes[response.status_code])
