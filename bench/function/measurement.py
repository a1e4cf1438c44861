"""Measures: all candidates in turns, so that what else the machine does falls on all of them.

What is compared is of one block, which is a short time. In which order a block asks is chance.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from bench.function import event, stub
from bench.function.candidate import Candidate
from bench.function.worker import Took, Worker

_ITEM = {"id": stub.ITEM_ID, "name": "An item", "price": 12345, "description": "What it is."}
REQUESTS = {
    "get": event.get(stub.ITEM_ID),
    "list": event.listing(),
    "put": event.put(_ITEM),
}

BATCH = 20  # requests at a time, of a process that is warm

Report = Callable[[str], None]
Start = Callable[[Candidate], Worker]
Costs = dict[str, float]  # of a request of each kind, in milliseconds of processor time


class ColdStart(NamedTuple):
    """What a new process takes: to import the function, for its first GET, and for its second."""

    imported: Took
    first: Took
    second: Took

    @property
    def wall(self) -> float:
        """Until the first request is answered, in milliseconds, as the second one has it."""
        return self.imported.wall + self.first.wall

    @property
    def cpu(self) -> float:
        return self.imported.cpu + self.first.cpu


def starter(scratch: Path, variables: Mapping[str, str]) -> Start:
    """Starts workers of candidates with these variables beside their own."""

    def start(candidate: Candidate) -> Worker:
        return Worker(candidate.path, scratch, candidate.environment(variables))

    return start


def cold(
    candidates: Sequence[Candidate], start: Start, blocks: int, report: Report
) -> list[dict[str, ColdStart]]:
    """One start of each candidate in each block, by its name."""
    found = []
    _cold_starts(candidates, start)  # what the file system and the standard library keep
    for number in range(blocks):
        found.append(_cold_starts(candidates, start))
        if (number + 1) % 5 == 0:
            report(f"cold starts: {number + 1} of {blocks} blocks")
    return found


def _cold_starts(candidates: Sequence[Candidate], start: Start) -> dict[str, ColdStart]:
    found = {}
    for candidate in random.sample(candidates, len(candidates)):
        with start(candidate) as worker:
            first, _ = worker.ask(REQUESTS["get"])
            second, _ = worker.ask(REQUESTS["get"])
            found[candidate.name] = ColdStart(worker.started, first, second)
    return found


def warm(
    candidates: Sequence[Candidate], start: Start, generations: int, blocks: int, report: Report
) -> list[dict[str, Costs]]:
    """What requests cost each candidate, by its name, in each block.

    A generation is a new process of each candidate, because where one happens to have its objects
    is good for some percent; it serves so many blocks.
    """
    found = []
    for number in range(generations):
        with ExitStack() as stack:
            workers = {each.name: stack.enter_context(start(each)) for each in candidates}
            for _ in range(2):
                _costs(workers)  # not counted: the processes get warm
            found += [_costs(workers) for _ in range(blocks)]
        report(f"warm requests: {number + 1} of {generations} generations")
    return found


def _costs(workers: Mapping[str, Worker]) -> dict[str, Costs]:
    found: dict[str, Costs] = {name: {} for name in workers}
    for kind, request in _shuffled(REQUESTS.items()):
        for name, worker in _shuffled(workers.items()):
            took, answer = worker.ask(request, BATCH)
            if answer["statusCode"] not in (200, 201):
                raise RuntimeError(f"{name} returned {answer} to {kind}")
            found[name][kind] = took.cpu / BATCH
    return found


def _shuffled(items: Any) -> list[Any]:
    chosen = list(items)
    random.shuffle(chosen)
    return chosen
