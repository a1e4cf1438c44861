"""Send requests at scheduled times, independently of earlier responses.

A client that waits for each response sends fewer requests to a slow server, and then measures a low
latency: "coordinated omission" (Gil Tene, "How NOT to Measure Latency"). Here each request has a
scheduled time, and its latency counts from that time. It includes waiting for a free connection, or
for this program.

Clients of hey, autocannon, loadtest, Molotov and Locust wait for responses. Artillery's do not, but
it needs hundreds of packages for the work of this module.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

#: Of a hundred requests, how many are of which kind.
MIX = {"get": 60, "list": 20, "put": 15, "delete": 5}

CONNECTIONS = 64  # the maximum number of concurrent requests
PATIENCE = 10.0  # seconds after its time in which a request has to be sent

NOT_SENT = "not sent"
NO_ANSWER = "no response"


class Arrival(NamedTuple):
    """When somebody wants something, in seconds from the beginning."""

    at: float
    kind: str


class Answer(NamedTuple):
    """The result of a request: its end, the latency in seconds, and the status.

    The status is HTTP's, or `NOT_SENT` or `NO_ANSWER`.
    """

    kind: str
    ended: float
    latency: float
    status: str


Send = Callable[[str], Awaitable[str]]  # from a kind to a status


def arrivals(rate: float, seconds: float, chance: random.Random) -> list[Arrival]:
    """Return arrivals at the given rate, as a Poisson process.

    It has exactly `rate * seconds` arrivals, so the offered rate is exact.
    """
    times = sorted(chance.uniform(0, seconds) for _ in range(round(rate * seconds)))
    kinds = chance.choices(list(MIX), list(MIX.values()), k=len(times))
    return [Arrival(at, kind) for at, kind in zip(times, kinds, strict=True)]


async def offer(
    wanted: Sequence[Arrival],
    send: Send,
    connections: int = CONNECTIONS,
    patience: float = PATIENCE,
) -> list[Answer]:
    """Send each request at its time. Return after the last response or timeout."""
    clock = asyncio.get_running_loop().time
    free = asyncio.Semaphore(connections)
    begun = clock()

    async def send_one(arrival: Arrival) -> Answer:
        due = begun + arrival.at
        try:
            async with asyncio.timeout_at(due + patience):
                await free.acquire()
        except TimeoutError:
            status = NOT_SENT
        else:
            try:
                status = await send(arrival.kind)
            finally:
                free.release()
        ended = clock()
        return Answer(arrival.kind, ended - begun, ended - due, status)

    async with asyncio.TaskGroup() as group:
        tasks = []
        for arrival in wanted:
            await asyncio.sleep(begun + arrival.at - clock())
            tasks.append(group.create_task(send_one(arrival)))
    return [task.result() for task in tasks]
