"""Measure the memory of one function process, which must not grow with requests.

A separate interpreter runs the deployed zip, with a DynamoDB stub that responds at once. Each
request has its own owner, item and id, because leaks are often data that is kept per request.
"""

import itertools
import random
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.function import event
from bench.function.worker import Worker
from bench.load.generator import MIX
from bench.load.processes import resident
from bench.load.step import GOOD

MEGABYTE = 1024 * 1024
LIMIT = MEGABYTE


@dataclass(frozen=True)
class Memory:
    """The resident bytes after every `every` requests. The first sample is after a warm-up."""

    every: int
    samples: Sequence[int]

    @property
    def growth(self) -> int:
        """Return the growth from the first sample to the last in bytes, negative if it shrank."""
        return self.samples[-1] - self.samples[0]

    @property
    def flat(self) -> bool:
        return self.growth < LIMIT

    @property
    def points(self) -> list[tuple[float, float]]:
        """Return pairs of requests and megabytes."""
        return [(n * self.every, bytes / MEGABYTE) for n, bytes in enumerate(self.samples, 1)]


class Watched(Worker):
    """A worker whose memory can be asked for."""

    def resident(self) -> int:
        return resident(self._process.pid)


def measure(
    path: Sequence[Path], scratch: Path, variables: Mapping[str, str], every: int, samples: int
) -> Memory:
    """Take `samples` samples of a new process, each after `every` requests.

    `path` has the unpacked zip and the runtime's packages. Raises `bench.function.worker.Failed`,
    and `RuntimeError` if a response is an error.
    """
    requests, found = _requests(random.Random(1)), []  # noqa: S311 - no secret
    with Watched(path, scratch, variables) as worker:
        for _ in range(samples):
            for request in itertools.islice(requests, every):
                answer = worker.invoke(request)
                if str(answer["statusCode"]) not in GOOD:
                    raise RuntimeError(f"the function returned {answer} to {request}")
            found.append(worker.resident())
    return Memory(every, found)


def _requests(chance: random.Random) -> Iterator[dict[str, Any]]:
    while True:
        [kind] = chance.choices(list(MIX), list(MIX.values()))
        request = _request(kind, str(uuid.uuid4()), f"item-{chance.getrandbits(64):x}")
        request["requestContext"]["requestId"] = str(uuid.uuid4())
        yield request


def _request(kind: str, owner: str, item_id: str) -> dict[str, Any]:
    if kind == "list":
        return event.listing(owner)
    if kind == "put":
        return event.put({"id": item_id, "name": f"The {item_id}", "price": 12345}, owner)
    return (event.get if kind == "get" else event.delete)(item_id, owner)
