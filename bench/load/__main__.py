"""Measure the deployed stack under load, and the memory growth of the function.

    .venv/bin/python -m bench.load            seven minutes, write docs/load.md and .svg
    .venv/bin/python -m bench.load --quick    two minutes, only print the tables

It starts a separate local cloud, deploys into it, signs in, and offers requests at increasing
rates. Then one process of the deployed zip gets many requests, with a DynamoDB stub that responds
at once. It exits with 1 if memory grows or the lowest rate has errors. It needs Linux, because it
reads /proc.
"""

import argparse
import asyncio
import random
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NamedTuple
from zipfile import ZipFile

from bench.function import service
from bench.function.report import place
from bench.load import generator, memory, report
from bench.load.processes import Meter
from bench.load.step import Step
from bench.load.target import Target, deployed
from infra.function import dependencies
from local.cloud import become_root_of_the_local_cloud
from tools.command import run_command
from tools.project import PROJECT, PYTHON

DOCUMENT = PROJECT / "docs" / "load.md"
CHART = PROJECT / "docs" / "load.svg"
_RUNTIME = PROJECT / "bench" / "function" / "requirements.txt"


class Plan(NamedTuple):
    """The rates in requests per second, the seconds of each, and the number of memory samples.

    Each sample follows `every` requests.
    """

    rates: Sequence[float]
    seconds: float
    every: int
    samples: int


FULL = Plan((5, 10, 20, 40, 60, 80, 100, 120, 160), 12, 5_000, 20)
QUICK = Plan((5, 20, 40), 4, 1_000, 10)
# The rate and seconds of the uncounted warm-up. It overloads the stack, so that all function
# processes start that later steps need.
_WARM = (160.0, 3.0)
_PAUSE = 3.0


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=f"{PYTHON} -m bench.load",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--quick", action="store_true", help="run fewer and shorter steps, and only print"
    )
    return parser.parse_args()


async def _step(target: Target, rate: float, seconds: float) -> Step:
    chance = random.Random(f"{rate:g}")  # noqa: S311 - the same requests in each run
    meter = Meter()
    async with target.sender(chance) as send:
        answers = await generator.offer(generator.arrivals(rate, seconds, chance), send)
    return Step(rate, seconds, answers, meter.work())


def load(target: Target, plan: Plan) -> list[Step]:
    """Run each rate in turn, after a warm-up."""
    steps = []
    asyncio.run(_step(target, *_WARM))
    for rate in plan.rates:
        time.sleep(_PAUSE)
        step = asyncio.run(_step(target, rate, plan.seconds))
        say(f"{rate:g} requests a second: p50 {step.latency(50):.0f} ms")
        steps.append(step)
    return steps


def watch(zipped: Path, scratch: Path, plan: Plan) -> memory.Memory:
    """Return the memory of one process of the function."""
    task, runtime = scratch / "task", dependencies.install(_RUNTIME)
    with ZipFile(zipped) as content:
        content.extractall(task)
    say(f"{plan.every * plan.samples:,} requests to one process")
    with service.stub(scratch, runtime / "botocore" / "cacert.pem") as variables:
        return memory.measure([task, runtime], scratch, variables, plan.every, plan.samples)


def run(plan: Plan, keep: bool) -> int:
    with tempfile.TemporaryDirectory(prefix="items-load-") as scratch:
        with deployed(Path(scratch) / "cloud", say) as (target, zipped):
            steps = load(target, plan)
        watched = watch(zipped, Path(scratch), plan)
    found = f"{report.load_table(steps)}\n## Memory\n\n{report.memory_table(watched)}"
    print(found)
    if keep:
        place(found, DOCUMENT)
        CHART.write_text(report.picture(steps, watched))
    complaints = report.complaints(steps, watched)
    for complaint in complaints:
        say(f"error: {complaint}")
    return 1 if complaints else 0


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Return the exit status: 1 if memory grows or requests fail without load."""
    arguments = parse()
    for ending in (signal.SIGTERM, signal.SIGHUP):  # as with Ctrl-C, the cloud is stopped
        signal.signal(ending, _interrupt)
    become_root_of_the_local_cloud()
    plan = QUICK if arguments.quick else FULL
    return run_command(lambda: run(plan, keep=not arguments.quick))


if __name__ == "__main__":
    sys.exit(main())
