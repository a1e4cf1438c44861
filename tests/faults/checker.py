"""Check whether the API's guarantees explain the history of one item.

An item is a register, and DynamoDB applies its requests one after another. So there must be an
order of the operations, each at a moment between its start and its end, in which every response
fits the item's state at that moment: linearizability (Herlihy and Wing, 1990). The guarantees (the
docstrings of `chalicelib.table`) define the possible effects of each operation:

- A conditional write is applied once after a success, and never after a 412. If its outcome is
  unknown, it is applied at most once, at any moment after its start. A write that was applied twice
  therefore has no explanation.
- An unconditional PUT or DELETE is applied *at least* once: each attempt may have been applied. But
  a PUT has no effect if the state is already its own, so another write lies between two of its
  applications. If requests can be applied late, after the client's timeout (`late`), additional
  applications have no end. Otherwise they precede the attempt with a response, because a client
  sends one attempt after the other.
- A write with the response "unavailable" was not applied. It is omitted, so the history has no
  operation that explains its effect.
- An applied PUT increases the version by one, or sets it to 1 without an item, and sets a tag that
  the item never had. The tag of a write without response is learned from its first reader. A client
  can only name a tag that a client has read before.
- A GET returns the state.

The search is Wing and Gong's ("Testing and Verifying Concurrent Objects", 1993) with Lowe's cache
of tried states ("Testing for Linearizability", 2017): try as the next operation each operation that
no other must precede, and never the same remaining operations from the same state twice. Operations
with an unknown outcome are optional, as in Knossos and Porcupine. The search is exponential in the
overlapping operations, so items are short-lived. A history that is too hard is an error
(`Undecided`), not a pass. (PyPI had no checker for Python. Those two are in Clojure and Go.)
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from tests.faults.history import (
    Answer,
    Asks,
    Kind,
    Operation,
    Outcome,
    Request,
    by_item,
    text_of,
)

#: How many rests of how many states may be tried for one history.
LIMIT = 200_000


class Undecided(AssertionError):
    """The search for an explanation was given up."""


@dataclass(frozen=True)
class _State:
    """The item. `version` 0 means no item. `tag` is None until a client has read it.

    `dead` has the item's former tags.
    """

    version: int = 0
    body: str = ""
    tag: str | None = None
    dead: frozenset[str] = frozenset()

    def written(self, body: str, tag: str | None) -> "_State | None":
        if tag is not None and (tag in self.dead or tag == self.tag):
            return None
        return _State(self.version + 1, body, tag, self._buried)

    def deleted(self) -> "_State":
        return _State(dead=self._buried)

    def read(self, answer: Answer) -> "_State | None":
        """Return this state with its tag if the response fits, otherwise None."""
        seen = answer.seen
        if seen is None or (seen.version, seen.body) != (self.version, self.body):
            return None
        if self.tag is None and seen.tag not in self.dead:
            return replace(self, tag=seen.tag)
        return self if self.tag == seen.tag else None

    def is_as_asked(self, request: Request) -> bool:
        if request.asks is Asks.NOTHING:
            return True
        if request.asks is Asks.TAG:
            # A DELETE of a missing item always succeeds.
            gone_already = request.kind is Kind.DELETE and not self.version
            return gone_already or (self.version > 0 and self.tag == request.tag)
        return (self.version > 0) is (request.asks is Asks.EXISTS)

    @cached_property
    def _buried(self) -> frozenset[str]:
        return self.dead if self.tag is None else self.dead | {self.tag}


@dataclass(frozen=True)
class _Move:
    """Something that happened to the item, or (`optional`) may have, at a moment of its time."""

    operation: Operation
    start: float
    end: float
    optional: bool = False

    def after(self, state: _State) -> _State | None:
        """Return the next state, or None if the operation is impossible now or has no effect."""
        request, answer = self.operation.request, self.operation.answer
        if self.optional:
            left = _effect(request, state, None)
            return None if left == state else left
        if answer.outcome is Outcome.FAILED:
            return None if state.is_as_asked(request) else state
        if answer.outcome is Outcome.ABSENT:
            return None if state.version else state
        if request.kind is Kind.DELETE:
            return _effect(request, state, None)
        if request.kind is Kind.GET:
            return state.read(answer)
        left = _effect(request, state, answer.seen.tag if answer.seen else None)
        return left and left.read(answer)


def _effect(request: Request, state: _State, tag: str | None) -> _State | None:
    """Return the state after a write, or None if it cannot be applied."""
    if not state.is_as_asked(request):
        return None
    if request.kind is Kind.DELETE:
        return state.deleted()
    if state.version and state.body == request.body:  # it has been applied, without a later write
        return state
    return state.written(request.body, tag)


def _moves(operation: Operation) -> Iterator[_Move]:
    request, outcome = operation.request, operation.answer.outcome
    if outcome is Outcome.UNAVAILABLE or (request.kind is Kind.GET and outcome is Outcome.UNKNOWN):
        return
    certain = outcome is not Outcome.UNKNOWN
    if certain:
        yield _Move(operation, operation.start, operation.end)
    if request.kind is Kind.GET:
        return
    repeats = operation.sent if request.asks is Asks.NOTHING else 1
    for _ in range(repeats - certain):
        yield _Move(operation, operation.start, math.inf, optional=True)


class _Search:
    def __init__(self, history: Iterable[Operation], late: bool, limit: int) -> None:
        self._late = late
        self._limit = limit
        # In the order in which they ended, which is likely to be a good one to try.
        moves = [move for operation in history for move in _moves(operation)]
        self._moves = sorted(moves, key=lambda move: (move.optional, move.end, move.start))
        self._tried: set[tuple[int, _State]] = set()

    def succeeds(self) -> bool:
        demanded = sum(1 << n for n, move in enumerate(self._moves) if not move.optional)
        return self._finds(0, _State(), demanded)

    def _finds(self, done: int, state: _State, demanded: int) -> bool:
        """Return whether the remaining operations are explained. Sets are the bits of an int."""
        if done & demanded == demanded:
            return True
        if (done, state) in self._tried:
            return False
        self._tried.add((done, state))
        if len(self._tried) > self._limit:
            raise Undecided("this history is too hard to judge")
        for n, move in self._next(done, demanded):
            left = move.after(state)
            if left is not None and self._finds(done | 1 << n, left, demanded):
                return True
        return False

    def _next(self, done: int, demanded: int) -> Iterator[tuple[int, _Move]]:
        """Yield the possible next moves, which no remaining operation must precede."""
        rest = [(n, move) for n, move in enumerate(self._moves) if not done >> n & 1]
        first_end = min(move.end for n, move in rest if demanded >> n & 1)
        answered = {
            id(move.operation)
            for n, move in enumerate(self._moves)
            if done >> n & 1 and not move.optional
        }
        tried: set[int] = set()  # the repeats of one operation are all the same
        for n, move in rest:
            if move.start > first_end:
                continue
            if move.optional:
                is_over = not self._late and id(move.operation) in answered
                if is_over or id(move.operation) in tried:
                    continue
                tried.add(id(move.operation))
            yield n, move


def is_explained(history: Iterable[Operation], late: bool = False, limit: int = LIMIT) -> bool:
    """Return whether the history of one item is explained. Raises `Undecided`."""
    return _Search(history, late, limit).succeeds()


def violations(history: Iterable[Operation], late: bool = False) -> list[str]:
    """Return the unexplained histories of items, each as short as possible."""
    return [
        f"nothing explains the last of these answers:\n{text_of(shortest(operations, late))}"
        for operations in by_item(history).values()
        if not is_explained(operations, late)
    ]


def shortest(history: list[Operation], late: bool = False) -> list[Operation]:
    """Return the history up to the unexplained response, without irrelevant operations."""
    part: list[Operation] = []
    for moment in sorted(operation.end for operation in history):
        part = [_as_of(moment, each) for each in history if each.start <= moment]
        if not is_explained(part, late):
            break
    shown = {each.answer.seen.body for each in part if each.answer.seen}
    for operation in sorted(part, key=lambda each: each.start):
        without = [each for each in part if each is not operation]
        if _changes_nothing(operation, shown) and not is_explained(without, late):
            part = without
    return part


def _changes_nothing(operation: Operation, shown: set[str]) -> bool:
    """Whether it can be left out without making anything else inexplicable."""
    request, outcome = operation.request, operation.answer.outcome
    if request.kind is Kind.PUT and request.body not in shown:
        return outcome in (Outcome.FAILED, Outcome.UNAVAILABLE)
    return request.kind is Kind.GET


def _as_of(moment: float, operation: Operation) -> Operation:
    """Return the operation as known then: without a response, a write's outcome is unknown."""
    if operation.end <= moment or operation.answer.outcome is Outcome.UNAVAILABLE:
        return operation
    return replace(operation, answer=Answer(Outcome.UNKNOWN))
