"""Changes that make a healthy stage worse, and the findings that must come of them."""

from collections.abc import Callable
from typing import Any, NamedTuple

from tests.integration.ops.doctor.conftest import Ward
from tests.integration.ops.remedies import assert_usable

Change = Callable[[Ward], object]


def answer(operation: str, value: Any) -> Change:
    return lambda ward: ward.answers.update({operation: value})


def metric(name: str, *values: tuple[int, float]) -> Change:
    return lambda ward: ward.values.update({name: list(values)})


def alarm(name: str, **state: Any) -> Change:
    return lambda ward: ward.alarms[name].update(state)


def parameter(part: str, key: str, value: str) -> Change:
    return lambda ward: ward.parameter(part, key, value)


def stack(part: str, **state: Any) -> Change:
    return lambda ward: ward.stacks[part].update(state)


def both(*changes: Change) -> Change:
    return lambda ward: [change(ward) for change in changes]


def without(part: str) -> Change:
    return lambda ward: ward.stacks.pop(part)


class Case(NamedTuple):
    """A change, and its finding: `found` is the beginning, `do` a part of the remedy."""

    change: Change
    state: str
    name: str
    found: str
    do: str

    def assert_found(self, ward: Ward) -> None:
        self.change(ward)
        matching = [
            each
            for each in ward.findings()
            if (each["state"], each["name"]) == (self.state, self.name)
            and each["found"].startswith(self.found)
        ]
        assert len(matching) == 1
        assert self.do in matching[0]["do"]
        assert_usable(matching[0]["do"])
        assert ward.run() == (1 if self.state == "bad" else 0)
