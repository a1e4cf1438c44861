"""Memory: the verdict, and that a handler which keeps something of each request is found out."""

import itertools
import os
import random
from pathlib import Path

import pytest

from bench.load import memory
from bench.load.memory import LIMIT, Memory, measure
from bench.load.processes import resident

HANDLER = """
kept = []
def app(event, context):
    if {keeps}:
        kept.append(bytearray(64 * 1024))
    return {{"statusCode": {status}}}
"""


def task(directory: Path, keeps: bool = False, status: int = 200) -> list[Path]:
    (directory / "app.py").write_text(HANDLER.format(keeps=keeps, status=status))
    return [directory]


@pytest.mark.parametrize(
    ("samples", "flat"),
    [
        ([50 * LIMIT] * 3, True),
        ([50 * LIMIT, 49 * LIMIT], True),
        ([50 * LIMIT, 51 * LIMIT - 1], True),
        ([50 * LIMIT, 51 * LIMIT], False),
        # Memory that was freed at the end is no growth.
        ([50 * LIMIT, 60 * LIMIT, 50 * LIMIT], True),
    ],
)
def test_flat_memory(samples: list[int], flat: bool) -> None:
    assert Memory(5_000, samples).flat is flat


def test_the_first_sample_is_after_the_warm_up() -> None:
    found = Memory(5_000, [LIMIT, 3 * LIMIT])
    assert found.points == [(5_000, 1.0), (10_000, 3.0)]
    assert found.growth == 2 * LIMIT


@pytest.mark.parametrize("keeps", [False, True])
def test_a_leak_is_found(tmp_path: Path, keeps: bool) -> None:
    found = measure(task(tmp_path, keeps), tmp_path, {}, every=50, samples=3)
    assert len(found.samples) == 3
    assert found.flat is not keeps
    if keeps:  # 64 KB of each of a hundred requests
        assert found.growth > 6 * LIMIT


def test_an_error_is_not_measured(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="500"):
        measure(task(tmp_path, status=500), tmp_path, {}, every=1, samples=1)


def test_no_two_requests_are_alike() -> None:
    chance = random.Random(1)  # noqa: S311 - no secret
    found = list(itertools.islice(memory._requests(chance), 200))
    assert {each["resource"] for each in found} == {"/items", "/items/{id}"}
    assert {each["httpMethod"] for each in found} == {"GET", "PUT", "DELETE"}
    contexts = [each["requestContext"] for each in found]
    assert len({each["requestId"] for each in contexts}) == len(found)
    assert len({each["authorizer"]["claims"]["sub"] for each in contexts}) == len(found)


def test_resident_is_in_bytes() -> None:
    before = resident(os.getpid())
    kept = bytearray(os.urandom(1)) * (32 * LIMIT)
    assert 20 * LIMIT < resident(os.getpid()) - before < 44 * LIMIT
    del kept
