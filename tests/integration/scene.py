"""One item and two writers: ours, whose network fails, and a concurrent writer."""

import uuid
from collections.abc import Callable

import pytest

from chalicelib.errors import ResourceNotFound
from chalicelib.items import ITEMS
from chalicelib.preconditions import Preconditions
from chalicelib.record import Stored
from chalicelib.retry import Deadline, Retry
from chalicelib.table import RecordTable, utc_now
from tests.integration.examples import ANYWAY, OWNER, item, soon, when
from tests.integration.network import Network


def raises_exactly(expected: type[Exception], call: Callable[[], object]) -> None:
    """Expect exactly this error and no subclass, because `OutcomeUnknown` is an `Unavailable`."""
    with pytest.raises(expected) as caught:
        call()
    assert type(caught.value) is expected


class Scene:
    """`ours` uses `network` with faults. Each of its waits runs the next of `meanwhile`."""

    def __init__(self, network: Network, table_name: str, theirs: RecordTable) -> None:
        self.network = network
        self.meanwhile: list[str] = []
        self.pauses: list[float] = []
        self.id = uuid.uuid4().hex
        self.theirs = theirs
        # The longest of pauses, so that they are the same each time.
        retry = Retry(sleep=self._pause, uniform=lambda _, longest: longest)
        self.now = utc_now
        self.ours = RecordTable(network.client, table_name, retry, now=lambda: self.now())
        self.tag = "none"

    def begin(self) -> None:
        """Create an item named "first"."""
        self.tag = self.theirs.put(ITEMS, OWNER, item(self.id, "first"), ANYWAY, soon()).tag

    def asking(self, preconditions: str) -> Preconditions:
        """Return preconditions by the name in the tests' rows. The tag is the first item's."""
        return {
            "anyway": ANYWAY,
            "if-match": when(if_match=f'"{self.tag}"'),
            "if-match-*": when(if_match="*"),
            "if-none-match": when(if_none_match='"another"'),
            "if-none-match-*": when(if_none_match="*"),
        }[preconditions]

    def put(self, preconditions: Preconditions, deadline: Deadline | None = None) -> Stored:
        return self.ours.put(ITEMS, OWNER, item(self.id, "ours"), preconditions, deadline or soon())

    def delete(self, preconditions: Preconditions, deadline: Deadline | None = None) -> None:
        self.ours.delete(ITEMS, OWNER, self.id, preconditions, deadline or soon())

    def stored(self) -> Stored:
        return self.theirs.get(ITEMS, OWNER, self.id, soon())

    def left(self) -> str:
        """Return the final name and version of the item."""
        try:
            stored = self.stored()
        except ResourceNotFound:
            return "nothing"
        return f"{stored.view.name} {stored.version}"

    def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        what = self.meanwhile.pop(0) if self.meanwhile else "-"
        if what in ("deleted", "recreated"):
            self.theirs.delete(ITEMS, OWNER, self.id, ANYWAY, soon())
        if what in ("written", "recreated"):
            self.theirs.put(ITEMS, OWNER, item(self.id, "theirs"), ANYWAY, soon())
