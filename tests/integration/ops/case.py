"""A change for the worse, and its finding."""

from collections.abc import Callable
from typing import Any, NamedTuple

from tests.integration.ops.remedies import assert_usable

#: Makes a healthy stage or a safe account worse.
Change = Callable[[Any], object]


def respond(operation: str, response: Any) -> Change:
    return lambda subject: subject.responses.update({operation: response})


def both(*changes: Change) -> Change:
    return lambda subject: [change(subject) for change in changes]


class Case(NamedTuple):
    """A change, and its finding: `found` is the beginning, `do` a part of the remedy."""

    change: Change
    state: str
    name: str
    found: str
    do: str

    def assert_found(self, subject: Any) -> None:
        self.change(subject)
        matching = [
            finding
            for finding in subject.findings()
            if (finding["state"], finding["name"]) == (self.state, self.name)
            and finding["found"].startswith(self.found)
        ]
        assert len(matching) == 1
        assert self.do in matching[0]["do"]
        assert_usable(matching[0]["do"].replace("--stage STAGE", "--stage dev"))
        assert subject.run() == (1 if self.state == "bad" else 0)
