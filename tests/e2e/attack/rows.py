"""A row: one request of an attacker, and its expected result."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests import discretion

# The doors to knock on.
GATEWAY = "gateway"
CHALICE_LOCAL = "chalice local"

#: The name of items that rows without a response store. They may appear late, during another row.
UNANSWERED = "framed"
SERVERS = (GATEWAY, CHALICE_LOCAL)

Headers = tuple[tuple[str, str], ...]
Statuses = int | tuple[int, ...]

JSON: Headers = (("Content-Type", "application/json"),)
TREASURE = str(discretion.TREASURE["id"])


@dataclass(frozen=True)
class Facts:
    """The attacker's knowledge. A real attacker need not know a `sub`.

    `attacker`, `victim`: the two `sub`s. `tag`: the entity tag, quoted, of the victim's item.
    """

    attacker: str
    victim: str
    tag: str

    def fill_in(self, text: str) -> str:
        """Return the text with these facts in place of the placeholders."""
        for word, fact in (("ATTACKER", self.attacker), ("VICTIM", self.victim), ("TAG", self.tag)):
            text = text.replace(word, fact)
        return text


@dataclass(frozen=True)
class Row:
    """A request and its response. All text is sent unchanged, as Latin-1.

    `path`: after the API's address, unencoded.
    `expects`: the allowed statuses. `at`: another status of one door, with a reason
    next to it.
    `transport`: the doors whose HTTP server may refuse such a request by itself, in its own words
    or by closing the connection, before our code sees it.
    `stores`: the name of the attacker's own item that it stores.
    """

    name: str
    method: str = "GET"
    path: str = "/items"
    headers: Headers = ()
    body: bytes = b""
    expects: Statuses = 400
    at: Mapping[str, Statuses] = field(default_factory=dict)
    transport: tuple[str, ...] = ()
    stores: str | None = None

    def statuses(self, door: str) -> tuple[int, ...]:
        expected = self.at.get(door, self.expects)
        return expected if isinstance(expected, tuple) else (expected,)

    def target(self, facts: Facts) -> str:
        return facts.fill_in(self.path)

    def content(self, facts: Facts) -> bytes:
        return facts.fill_in(self.body.decode("latin-1")).encode("latin-1")


def put(
    name: str,
    body: bytes,
    expects: Statuses = 400,
    headers: Headers = JSON,
    **more: Any,
) -> Row:
    """Return a PUT, as JSON unless its headers have another type."""
    return Row(name, "PUT", "/items", headers, body, expects, **more)
