"""A circuit breaker: it stops asking what keeps failing, and looks now and then whether it works.

    closed ── `threshold` failures in a row ──> open ── after `open_for` ──> half-open
       ^                                          ^                             │
       └────────────── the probe succeeds ────────┼─────────────────────────────┤
                                                  └──── the probe fails ────────┘

While it is open nothing is sent, so that callers fail at once and the dependency is left alone to
recover; half-open, a single call, the probe, is let through. Sources: Michael T. Nygard, "Release
It!", chapter "Stability Patterns"; Martin Fowler, "CircuitBreaker".

Failures are counted in a row, and not as a rate over a window, because an instance of a function
has one request at a time: a window would hold too few to be a rate.
"""

import threading
import time
from collections.abc import Callable
from enum import Enum
from typing import TypeVar

from chalicelib.errors import CircuitOpen

T = TypeVar("T")


class State(Enum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class CircuitBreaker:
    """Guards calls of one kind. Safe under threads; no lock is held during a call.

    `threshold`: so many failures in a row open it. `open_for`: seconds until a probe. `probe_for`:
    seconds after which a probe of which nothing was heard is taken for lost, and another is sent.
    `on_change` is told the breaker's name and its new state.

    Not for what fails because of what the caller asked: that says nothing of the dependency.
    """

    def __init__(
        self,
        name: str,
        threshold: int = 5,
        open_for: float = 1.8,
        probe_for: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
        on_change: Callable[[str, State], None] = lambda name, state: None,
    ) -> None:
        self.name = name
        self._threshold = threshold
        self._open_for = open_for
        self._probe_for = probe_for
        self._clock = clock
        self._on_change = on_change
        self._lock = threading.Lock()
        self._state = State.CLOSED
        self._failures = 0  # in a row, while closed
        self._next_probe = 0.0  # on the clock, while open or half-open
        # Changes with the state and with each probe: a call that began under another one ends
        # unheeded, for what it says is of before.
        self._generation = 0

    @property
    def state(self) -> State:
        return self._state

    def call(self, operation: Callable[[], T], is_failure: Callable[[Exception], bool]) -> T:
        """The operation's result. Raises what it does, or `CircuitOpen` without having called it.

        `is_failure` tells the dependency's failures from all other exceptions.
        """
        generation = self._enter()
        try:
            result = operation()
        except Exception as error:
            self._leave(generation, is_failure(error))
            raise
        self._leave(generation, failed=False)
        return result

    def reset(self) -> None:
        """Forget everything, as when a snapshot of this process is restored elsewhere."""
        with self._lock:
            self._become(State.CLOSED)

    def _enter(self) -> int:
        with self._lock:
            changed = False
            if self._state is not State.CLOSED:
                now = self._clock()
                if now < self._next_probe:
                    raise CircuitOpen(self._next_probe - now)
                changed = self._state is State.OPEN
                self._become(State.HALF_OPEN)
                self._next_probe = now + self._probe_for
            generation = self._generation
        if changed:
            self._on_change(self.name, State.HALF_OPEN)
        return generation

    def _leave(self, generation: int, failed: bool) -> None:
        with self._lock:
            if generation != self._generation:
                return
            before = self._state
            self._failures = self._failures + 1 if failed else 0
            if failed and (before is State.HALF_OPEN or self._failures >= self._threshold):
                self._become(State.OPEN)
                self._next_probe = self._clock() + self._open_for
            elif before is State.HALF_OPEN:
                self._become(State.CLOSED)
            after = self._state
        if after is not before:
            self._on_change(self.name, after)

    def _become(self, state: State) -> None:
        self._state = state
        self._failures = 0
        self._generation += 1
