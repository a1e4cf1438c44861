"""A random order of tests, to find the tests that depend on the tests before them."""

import random
from pathlib import Path

import pytest


def shuffle(items: list[pytest.Item], seed: int) -> None:
    """Shuffle the modules of all folders, and the tests within each module, in place.

    The tests of a module stay together, because its fixtures can take minutes. A module marked
    `in_order` keeps the order of its tests.
    """
    chance = random.Random(seed)  # noqa: S311 - no secret
    modules: dict[Path, list[pytest.Item]] = {}
    for item in items:
        modules.setdefault(item.path, []).append(item)
    order = list(modules.values())
    for tests in order:
        if tests[0].get_closest_marker("in_order") is None:
            chance.shuffle(tests)
    chance.shuffle(order)
    items[:] = [item for tests in order for item in tests]
