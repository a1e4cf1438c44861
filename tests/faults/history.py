"""The requests of clients for one item and their responses, and a notation for them.

    alice 0-3   put a                    -> 1 t1 a
    bob   2-9   put b if-match t1 x2     -> unknown
    carol 4-5   get                      -> 2 t2 b

Each line has the client, the times of request and response, the request, and the response: the
item's version, tag and body, or one of `Outcome`'s words. `x2` means up to two attempts. A run
prints its violations in this notation, so they can become tests.
"""

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    DONE = "done"
    ABSENT = "absent"
    FAILED = "failed"  # a precondition did
    UNAVAILABLE = "unavailable"  # and so known not to have been applied
    UNKNOWN = "unknown"


class Kind(Enum):
    GET = "get"
    PUT = "put"
    DELETE = "delete"


class Asks(Enum):
    """The precondition of a write."""

    NOTHING = ""
    EXISTS = "if-match *"
    ABSENT = "if-none-match *"
    TAG = "if-match"


@dataclass(frozen=True)
class Seen:
    """The item in a response."""

    version: int
    tag: str
    body: str


@dataclass(frozen=True)
class Request:
    """`body` is the unique content of a PUT. `tag` is the tag of If-Match."""

    kind: Kind
    item: str
    body: str = ""
    asks: Asks = Asks.NOTHING
    tag: str = ""


@dataclass(frozen=True)
class Answer:
    outcome: Outcome
    seen: Seen | None = None


@dataclass(frozen=True)
class Operation:
    """A request and its response. `sent` is the maximum number of attempts at the database."""

    client: str
    request: Request
    answer: Answer
    start: float
    end: float
    sent: int = 1


def by_item(history: Iterable[Operation]) -> dict[str, list[Operation]]:
    """Return the history of each item, because items are independent."""
    histories: dict[str, list[Operation]] = {}
    for operation in history:
        histories.setdefault(operation.request.item, []).append(operation)
    return histories


_LINE = re.compile(
    r"(?P<client>\S+) +(?P<start>\d+)-(?P<end>\d+) +(?P<kind>get|put|delete)"
    r"(?: (?P<body>(?!if-|x\d)\S+))?(?: (?P<asks>if-match \*|if-none-match \*|if-match))?"
    r"(?: (?P<tag>(?!x\d)\S+))?(?: x(?P<sent>\d+))? +-> +(?P<answer>.+)"
)


def parse(text: str) -> list[Operation]:
    """Parse the history of one item."""
    return [_parse_line(line.strip()) for line in text.strip().splitlines()]


def _parse_line(line: str) -> Operation:
    match = _LINE.fullmatch(line)
    assert match, f"not a line of a history: {line}"
    words = match["answer"].split()
    if len(words) == 3:
        answer = Answer(Outcome.DONE, Seen(int(words[0]), words[1], words[2]))
    else:
        answer = Answer(Outcome(match["answer"].strip()))
    request = Request(
        Kind(match["kind"]),
        "item",
        match["body"] or "",
        Asks(match["asks"] or ""),
        match["tag"] or "",
    )
    times = float(match["start"]), float(match["end"])
    return Operation(match["client"], request, answer, *times, int(match["sent"] or 1))


def text_of(history: Iterable[Operation]) -> str:
    """Return the notation. Times become ordered numbers, tags t1, t2 … in the order of starts."""
    operations = sorted(history, key=lambda operation: operation.start)
    times = sorted({time for each in operations for time in (each.start, each.end)})
    place = {time: number for number, time in enumerate(times)}
    seen = [each.answer.seen.tag for each in operations if each.answer.seen]
    asked = [each.request.tag for each in operations if each.request.tag]
    names: dict[str, str] = {}
    number = itertools.count(1)
    for tag in seen + asked:
        names.setdefault(tag, f"t{next(number)}")
    lines = []
    for each in operations:
        request, answer = each.request, each.answer
        words = [request.kind.value, request.body, request.asks.value, names.get(request.tag, "")]
        words.append(f"x{each.sent}" if each.sent > 1 else "")
        asked_text = " ".join(word for word in words if word)
        if answer.seen:
            said = f"{answer.seen.version} {names[answer.seen.tag]} {answer.seen.body}"
        else:
            said = answer.outcome.value
        when = f"{place[each.start]}-{place[each.end]}"
        lines.append(f"{each.client:8} {when:7} {asked_text:32} -> {said}")
    return "\n".join(lines)
