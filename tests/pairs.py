"""All pairs of parameter values, instead of all combinations.

Few faults need three values together (R. Kuhn, D. Wallace, A. Gallo: Software Fault Interactions
and Implications for Software Testing, 2004).
"""

from collections.abc import Iterable, Mapping
from heapq import heapify, heappop, heapreplace
from itertools import combinations

import pytest

Pair = frozenset[tuple[str, str]]


def choose(cases: Iterable[Mapping[str, object]]) -> set[int]:
    """Return the positions of a few cases that have each pair of values of all cases.

    A case has each parameter's name and value. Values are equal if their `repr` is. The choice is
    greedy: next is a case with the most pairs that the chosen cases lack.
    """
    pairs = [_pairs(case) for case in cases]
    queue = [(-len(lacking), position) for position, lacking in enumerate(pairs)]
    heapify(queue)
    chosen: set[int] = set()
    covered: set[Pair] = set()
    while queue:
        number, position = queue[0]
        # The number was counted earlier, and can only have become smaller.
        lacking = pairs[position] - covered
        if not lacking:
            heappop(queue)
        elif len(lacking) < -number:
            heapreplace(queue, (-len(lacking), position))
        else:
            heappop(queue)
            chosen.add(position)
            covered |= lacking
    return chosen


def _pairs(case: Mapping[str, object]) -> set[Pair]:
    values = [(name, repr(value)) for name, value in case.items()]
    return {frozenset(pair) for pair in combinations(values, min(2, len(values)))}


def left_out(items: Iterable[pytest.Item]) -> set[pytest.Item]:
    """Return the cases of tests marked `pairs` that add no pair of values."""
    functions: dict[str, list[pytest.Function]] = {}
    for item in items:
        if isinstance(item, pytest.Function) and item.get_closest_marker("pairs"):
            name = item.nodeid.removesuffix(item.name) + item.originalname
            functions.setdefault(name, []).append(item)
    return {
        case
        for cases in functions.values()
        for kept in [choose(case.callspec.params for case in cases)]
        for position, case in enumerate(cases)
        if position not in kept
    }
