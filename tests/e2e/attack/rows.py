"""A row: one request of an attacker's, and what must come of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests import discretion

# The doors to knock on.
GATEWAY = "gateway"
CHALICE_LOCAL = "chalice local"

#: The name of what rows without an answer store: it may come late, in the midst of another row.
UNANSWERED = "framed"
SERVERS = (GATEWAY, CHALICE_LOCAL)

Headers = tuple[tuple[str, str], ...]
Statuses = int | tuple[int, ...]

JSON: Headers = (("Content-Type", "application/json"),)
TREASURE = str(discretion.TREASURE["id"])


@dataclass(frozen=True)
class Facts:
    """What the attacker knows. They need not know a `sub`; here they do.

    `attacker`, `victim`: their `sub`s. `tag`: the entity tag, quoted, of the victim's item.
    """

    attacker: str
    victim: str
    tag: str

    def fill_in(self, text: str) -> str:
        """The text with these facts for the words that stand for them."""
        for word, fact in (("ATTACKER", self.attacker), ("VICTIM", self.victim), ("TAG", self.tag)):
            text = text.replace(word, fact)
        return text


@dataclass(frozen=True)
class Row:
    """A request and its answer. All text is sent as Latin-1, just as it is written here.

    `path`: after the API's address, unencoded.
    `expects`: the status, or those that are as good. `at`: what a door answers instead, which
    needs a reason beside it.
    `transport`: the doors whose HTTP server may refuse such a request by itself, in its own words
    or by hanging up, before anything of ours sees it.
    `stores`: the name under which it leaves an item of the attacker's own.
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
    """A PUT; as JSON unless its headers say otherwise."""
    return Row(name, "PUT", "/items", headers, body, expects, **more)
