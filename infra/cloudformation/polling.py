"""Polling CloudFormation: often at first, because small changes take less than a second."""

import time
from collections.abc import Iterator

_FIRST_SECONDS, _LONGEST_SECONDS = 0.1, 2.0


def polls() -> Iterator[None]:
    """Yield at once, then after each pause. Pauses double from 0.1 to at most two seconds."""
    seconds = _FIRST_SECONDS
    while True:
        yield
        time.sleep(seconds)
        seconds = min(2 * seconds, _LONGEST_SECONDS)
