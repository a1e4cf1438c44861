"""When faults happen: to which operations, to how many of them, and for how long."""

import math
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

READS = frozenset({"GetItem", "Query"})
WRITES = frozenset({"UpdateItem", "DeleteItem"})


class _Named(Protocol):
    @property
    def name(self) -> str: ...


F = TypeVar("F", bound=_Named)


@dataclass(frozen=True)
class Rule(Generic[F]):
    """One of `faults` befalls `share` (0 to 1) of the requests for one of `operations`.

    From the first request that the plan is asked about, for so many `seconds`.
    """

    faults: Sequence[F]
    share: float = 1.0
    operations: frozenset[str] = READS | WRITES
    seconds: float = math.inf


class Plan(Generic[F]):
    """Rules. The first rule that applies to a request decides. Otherwise there is no fault.

    Counts the requests by operation (`seen`) and the faults by name (`injected`). The same seed
    gives the same decisions to the same sequence of requests. Safe under threads.
    """

    def __init__(
        self, *rules: Rule[F], seed: int = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.seen: Counter[str] = Counter()
        self.injected: Counter[str] = Counter()
        self._rules = rules
        self._random = random.Random(seed)  # noqa: S311 - it must be the same again
        self._clock = clock
        self._begin: float | None = None
        self._lock = threading.Lock()

    def next(self, operation: str) -> F | None:
        """Return the fault of the next request for this operation."""
        with self._lock:
            self.seen[operation] += 1
            fault = self._fault(operation)
            if fault is not None:
                self.injected[fault.name] += 1
            return fault

    def _fault(self, operation: str) -> F | None:
        now = self._clock()
        if self._begin is None:
            self._begin = now
        elapsed = now - self._begin
        for rule in self._rules:
            applies = operation in rule.operations and elapsed < rule.seconds
            if applies and self._random.random() < rule.share:
                return self._random.choice(rule.faults)
        return None
