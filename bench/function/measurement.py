"""Measure all candidates in turns, so other load on the computer affects all of them.

Comparisons are within one block, which is short. The order in a block is random.
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
    """The times of a new process: to import the function, for its first GET, and for its second."""

    imported: Took
    first: Took
    second: Took

    @property
    def wall(self) -> float:
        """Return the milliseconds until the first response, measured like the second."""
        return self.imported.wall + self.first.wall

    @property
    def cpu(self) -> float:
        return self.imported.cpu + self.first.cpu


def starter(scratch: Path, variables: Mapping[str, str]) -> Start:
    """Return a function that starts workers with these additional variables."""

    def start(candidate: Candidate) -> Worker:
        return Worker(candidate.path, scratch, candidate.environment(variables))

    return start


def cold(
    candidates: Sequence[Candidate], start: Start, blocks: int, report: Report
) -> list[dict[str, ColdStart]]:
    """Start each candidate once per block, and return the times by name."""
    found = []
    _cold_starts(candidates, start)  # fills the caches of the file system and the standard library
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
    """Return the request times of each candidate, by name, in each block.

    A generation is a new process of each candidate, because the memory layout of a process changes
    times by some percent. It serves the given number of blocks.
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
