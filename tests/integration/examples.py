"""Short names for common parts of the table's tests."""

import itertools
from collections.abc import Callable

import pytest
from msgspec import UNSET

from chalicelib.items import ItemInput
from chalicelib.preconditions import Preconditions
from chalicelib.retry import Deadline

OWNER = "alice"
OTHER_OWNER = "bob"

#: No precondition.
ANYWAY = Preconditions()

#: Marks a module whose tests run on the real engine only, because moto is no witness for them.
real_engine = pytest.mark.parametrize("client", ["sdk", "own"], indirect=True)


def soon() -> Deadline:
    return Deadline.after(5)


def item(id: str = "1", name: str = "myitem", description: str | None = None) -> ItemInput:
    return ItemInput(id, name, description=UNSET if description is None else description)


def when(*, if_match: str | None = None, if_none_match: str | None = None) -> Preconditions:
    """Return the preconditions of a request with these headers."""
    headers = {"if-match": if_match, "if-none-match": if_none_match}
    return Preconditions.from_headers({name: v for name, v in headers.items() if v is not None})


def time_at(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"2026-01-01T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}Z"


def ticking() -> Callable[[], str]:
    """Return a clock that advances a millisecond with each read."""
    ticks = itertools.count()
    return lambda: time_at(next(ticks))
