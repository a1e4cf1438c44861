"""A circuit breaker: it stops calls to a failing dependency, and probes whether it has recovered.

    closed ── `threshold` failures in a row ──> open ── after `open_for` ──> half-open
       ^                                          ^                             │
       └────────────── the probe succeeds ────────┼─────────────────────────────┤
                                                  └──── the probe fails ────────┘

While it is open, every call fails at once, and the dependency can recover. Half-open, it lets a
single call through: the probe. Sources: Michael T. Nygard, "Release It!", chapter "Stability
Patterns", and Martin Fowler, "CircuitBreaker".

It counts failures in a row, not a rate over a window, because an execution environment has one
request at a time. A window would hold too few requests for a rate.
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
    """Guard for calls of one kind. Thread-safe, and without a lock during a call.

    `threshold`: failures in a row that open it. `open_for`: seconds until a probe. `probe_for`:
    seconds after which a probe without a result counts as lost, and another is sent. `on_change`
    receives the breaker's name and its new state.

    Do not count failures that the caller caused: they do not show the state of the dependency.
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
        # Changes with the state and with each probe. The result of a call from an earlier
        # generation is ignored, because it shows an earlier state of the dependency.
        self._generation = 0

    @property
    def state(self) -> State:
        return self._state

    def call(self, operation: Callable[[], T], is_failure: Callable[[Exception], bool]) -> T:
        """Call the operation and return its result.

        `is_failure` tells failures of the dependency from other exceptions. Raises the
        operation's exceptions, or `CircuitOpen` without a call.
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
        """Forget all failures, for a process that is restored from a snapshot."""
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
