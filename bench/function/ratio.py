"""Ratios of measurements from the same blocks."""

import statistics
from collections.abc import Sequence
from typing import NamedTuple


class Ratio(NamedTuple):
    """The median of ratios, and their quartiles."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"**{self.median:.2f}** ({self.low:.2f} to {self.high:.2f})"


def paired(measured: Sequence[float], base: Sequence[float]) -> Ratio:
    """Return the ratios of `measured` to `base` in the same blocks. Raises `ValueError`."""
    ratios = [one / other for one, other in zip(measured, base, strict=True)]
    if len(ratios) < 2:
        raise ValueError("a spread needs at least two blocks")
    low, median, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return Ratio(median, low, high)
