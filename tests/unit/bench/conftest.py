"""Results as if they had been measured."""

from collections.abc import Callable
from typing import Any

import pytest

from bench.function.candidate import PLAIN, TITLES
from bench.function.measurement import ColdStart
from bench.function.result import Result
from bench.function.worker import Took

#: Of each candidate: import, first GET, second GET, and a warm request.
FIGURES = {
    "ours": (14.0, 4.0, 2.0, 0.2),
    "l0": (80.0, 20.0, 2.0, 1.0),
    "chalice_boto3": (100.0, 20.0, 2.0, 1.1),
    "chalice_pydynox": (70.0, 10.0, 2.0, 0.5),
    "powertools": (120.0, 20.0, 2.0, 1.2),
    "fastapi": (200.0, 20.0, 2.0, 1.3),
}


@pytest.fixture
def measured() -> Callable[..., Result]:
    """Return `measured(ours=(14, 4, 2, 0.2))`, with three blocks, the second twice as slow."""

    def measured(**figures: tuple[float, float, float, float]) -> Result:
        cold: list[dict[str, ColdStart]] = []
        warm: list[dict[str, Any]] = []
        for slow in (1, 2, 1):
            starts = {}
            for name, (imported, first, second, _) in {**FIGURES, **figures}.items():
                start = ColdStart(
                    Took(slow * imported, slow * imported / 2),
                    Took(slow * first, slow * first / 2),
                    Took(slow * second, slow * second / 2),
                )
                starts[name] = start
                starts[name + PLAIN] = start._replace(imported=Took(slow * imported * 1.5, 0))
            cold.append(starts)
            warm.append(
                {
                    name: dict.fromkeys(("get", "list", "put"), slow * request)
                    for name, (_, _, _, request) in {**FIGURES, **figures}.items()
                }
            )
        return Result(cold, warm)

    assert TITLES.keys() == FIGURES.keys()
    return measured
