"""Whether a history of one item can be explained by what the API promises.

An item is a register, and DynamoDB carries out the requests for it one after another. So there must
be an order of the operations, each at a moment between its start and its end, in which every answer
is the one that the item's state at that moment gives: linearizability (Herlihy and Wing, 1990). The
promises (the docstrings of `chalicelib.table`) say what each operation may do to the state:

- A conditional write is applied once if it was answered with success, never if it was refused
  (412), and at most once, at any moment after its start, if its outcome is unknown. So one that was
  applied twice has no explanation.
- An unconditional PUT or DELETE is applied *at least* once: each time that it was sent may have
  been carried out. But a PUT does nothing where the state is its own already, so two of its
  applications have another write between them. Where requests can be carried out late, after the
  client has given up on them (`late`), the additional ones have no end; else they come before the
  one that was answered, for a client sends one after the other.
- What was answered with "unavailable" has not been applied. It is left out, so that its effect, if
  it had one, is nobody's.
- An applied PUT makes the version one more, or 1 where there was no item, and gives the item a tag
  that it has never had. The tag of a write that was not answered is learnt from whoever reads it
  first. A client can only name a tag that somebody has read before.
- A GET answers the state.

The search is Wing and Gong's ("Testing and Verifying Concurrent Objects", 1993) with Lowe's
memory of what has been tried ("Testing for Linearizability", 2017): try each operation that no
other must precede as the next one, and never the same rest from the same state twice. Operations
that may or may not have been applied are tried, never demanded, as in Knossos and Porcupine. That
is exponential in the operations that overlap, so items are short-lived; a history too hard is an
error (`Undecided`), not a pass. (No checker for Python was found on PyPI; theirs are in Clojure and
Go.)
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
    """The item. `version` 0: there is none. `tag` is None until it has been read.

    `dead` are the tags that the item had and has no more.
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
        """This state if it is the one that was answered, its tag now known."""
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
            # A DELETE has nothing to object to where there is nothing.
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
        """The state that this leaves; None if it cannot have happened now, or to no effect."""
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
    """What a write makes of the state; None if it cannot be applied to it."""
    if not state.is_as_asked(request):
        return None
    if request.kind is Kind.DELETE:
        return state.deleted()
    if state.version and state.body == request.body:  # it has been applied, and nothing since
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
        """Whether the rest can be explained from this state. Sets are the bits of an int."""
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
        """The moves that can come next: nothing that is left must come before them."""
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
    """Whether the history of one item can be explained. Raises `Undecided`."""
    return _Search(history, late, limit).succeeds()


def violations(history: Iterable[Operation], late: bool = False) -> list[str]:
    """The histories of items that cannot be explained, each made as short as it goes."""
    return [
        f"nothing explains the last of these answers:\n{text_of(shortest(operations, late))}"
        for operations in by_item(history).values()
        if not is_explained(operations, late)
    ]


def shortest(history: list[Operation], late: bool = False) -> list[Operation]:
    """The history up to the answer that cannot be explained, less what does not matter for it."""
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
    """What was known of it then: without an answer, a write's outcome is unknown."""
    if operation.end <= moment or operation.answer.outcome is Outcome.UNAVAILABLE:
        return operation
    return replace(operation, answer=Answer(Outcome.UNKNOWN))
