"""Clients that ask for all sorts of things at once, of the same few items."""

import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from tests.faults.checker import violations
from tests.faults.doors import Door
from tests.faults.history import Asks, Kind, Operation, Outcome, Request

#: How likely it is that a client asks for this next.
_MIX = {
    (Kind.GET, Asks.NOTHING): 5,
    (Kind.PUT, Asks.NOTHING): 5,
    (Kind.PUT, Asks.TAG): 6,
    (Kind.PUT, Asks.ABSENT): 4,
    (Kind.PUT, Asks.EXISTS): 2,
    (Kind.DELETE, Asks.NOTHING): 2,
    (Kind.DELETE, Asks.TAG): 3,
}


class _Client:
    """Knows the tag that it saw last of each item, and one that no item ever had."""

    def __init__(self, name: str, door: Door, seed: str) -> None:
        self.name = name
        self._door = door
        self._random = random.Random(seed)  # noqa: S311 - it must be the same again
        self._tags: dict[str, str] = {}
        self._puts = 0

    def step(self, items: Sequence[str]) -> Operation:
        ((kind, asks),) = self._random.choices(list(_MIX), list(_MIX.values()))
        item = self._random.choice(items)
        body = ""
        if kind is Kind.PUT:
            self._puts += 1
            body = f"{self.name}{self._puts}"
        tag = self._tags.get(item, "unheard-of") if asks is Asks.TAG else ""
        return self.ask(Request(kind, item, body, asks, tag))

    def ask(self, request: Request) -> Operation:
        sent, start = self._door.sent(), time.monotonic()
        answer = self._door.ask(request)
        end, sent = time.monotonic(), self._door.sent() - sent
        if answer.seen:
            self._tags[request.item] = answer.seen.tag
        return Operation(self.name, request, answer, start, end, sent)


class Run:
    """A run of clients through `doors`. `last` reads the final state without faults.

    With `late`, a request may be applied after its client's timeout.
    """

    def __init__(
        self, doors: Sequence[Door], last: Door, late: bool = False, seed: int = 0
    ) -> None:
        self.history: list[Operation] = []
        self.late = late
        self._clients = [
            _Client("abcdefgh"[n], door, f"{seed} {n}") for n, door in enumerate(doors)
        ]
        self._last = _Client("last", last, "")
        self._id = f"{seed}-{time.monotonic_ns()}"
        self._rounds = 0

    def go(self, rounds: int, items: int = 2, steps: int = 5) -> list[Operation]:
        """Run `rounds` rounds, each with new items, so that histories are short.

        Return the clients' operations.
        """
        done: list[Operation] = []
        with ThreadPoolExecutor(len(self._clients)) as threads:
            for _ in range(rounds):
                self._rounds += 1
                names = [f"{self._id}-{self._rounds}-{n}" for n in range(items)]
                together = threading.Barrier(len(self._clients), timeout=60)
                work = partial(_work, names, steps, together)
                for operations in threads.map(work, self._clients):
                    done += operations
                self.history += [self._last.ask(Request(Kind.GET, name)) for name in names]
        self.history += done
        return done

    def violations(self) -> list[str]:
        return violations(self.history, self.late)

    def outcomes(self) -> Counter[Outcome]:
        return Counter(operation.answer.outcome for operation in self.history)


def _work(
    items: Sequence[str], steps: int, together: threading.Barrier, client: _Client
) -> list[Operation]:
    together.wait()
    return [client.step(items) for _ in range(steps)]
