"""Requests that come when they come, whether or not those before them have been answered.

A client that waits for each answer before it asks again asks a slow server less, and then finds it
fast: "coordinated omission" (Gil Tene, "How NOT to Measure Latency"). Here each request has a time
at which somebody wants something, and its latency counts from that time: what it waits for a free
connection, or for this program, is in it.

Nothing that there is does just this: hey, autocannon, loadtest, Molotov and Locust have clients
that wait for their answers; Artillery's do not, but it is hundreds of packages for what is a page
here.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

#: Of a hundred requests, how many are of which kind.
MIX = {"get": 60, "list": 20, "put": 15, "delete": 5}

CONNECTIONS = 64  # as many as requests that are being answered at a time
PATIENCE = 10.0  # seconds after its time in which a request has to be sent

NOT_SENT = "not sent"
NO_ANSWER = "no response"


class Arrival(NamedTuple):
    """When somebody wants something, in seconds from the beginning."""

    at: float
    kind: str


class Answer(NamedTuple):
    """What became of it: when, how long after it was wanted (seconds), and the status.

    That is HTTP's, or `NOT_SENT` or `NO_ANSWER`.
    """

    kind: str
    ended: float
    latency: float
    status: str


Send = Callable[[str], Awaitable[str]]  # from a kind to a status


def arrivals(rate: float, seconds: float, chance: random.Random) -> list[Arrival]:
    """So many a second, as independent people come: a Poisson process.

    It is one that has exactly `rate * seconds` arrivals, so that what is offered is what it says.
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
    """Send each at its time; returns when the last has been answered or given up."""
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
