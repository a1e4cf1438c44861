from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.shuffle import shuffle

MODULES = [Path(folder, f"test_{name}.py") for folder in ("unit", "infra") for name in "abcdef"]
STORY = MODULES[3]


def shuffled(seed: int) -> list[tuple[Path, int]]:
    """Return the order of seven tests in each module, by path and number."""

    def test(path: Path, number: int) -> Any:
        def get_closest_marker(name: str) -> str | None:
            return name if (name, path) == ("in_order", STORY) else None

        return SimpleNamespace(path=path, number=number, get_closest_marker=get_closest_marker)

    tests = [test(path, number) for path in MODULES for number in range(7)]
    shuffle(tests, seed)
    return [(each.path, each.number) for each in tests]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_test_runs_once_beside_its_module(seed: int) -> None:
    order = shuffled(seed)
    assert sorted(order) == sorted((path, number) for path in MODULES for number in range(7))
    changes = [one for one, other in pairwise(order) if one[0] != other[0]]
    assert len(changes) == len(MODULES) - 1


def test_a_seed_repeats_its_order_alone() -> None:
    assert shuffled(1) == shuffled(1)
    assert shuffled(1) != shuffled(2)


def test_folders_mix_and_modules_too() -> None:
    order = shuffled(1)
    modules = list(dict.fromkeys(path for path, _ in order))
    assert modules != MODULES
    assert [path.parent for path in modules] != sorted(path.parent for path in modules)
    numbers = {path: [number for each, number in order if each == path] for path in MODULES}
    assert numbers.pop(STORY) == list(range(7))
    assert all(each != list(range(7)) for each in numbers.values())
