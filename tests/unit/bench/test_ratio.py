"""Ratios of measurements from the same blocks."""

import pytest

from bench.function.ratio import Ratio, paired


def test_each_is_compared_with_its_own_block() -> None:
    # The machine was ten times slower in the second block, for both.
    assert paired([1.0, 10.0, 1.0], [2.0, 20.0, 2.0]) == Ratio(0.5, 0.5, 0.5)


def test_the_middle_half() -> None:
    measured = [1.0, 2.0, 3.0, 4.0, 100.0]
    assert paired(measured, [1.0] * 5) == Ratio(3.0, 2.0, 4.0)
    assert paired(list(reversed(measured)), [1.0] * 5) == Ratio(3.0, 2.0, 4.0)


@pytest.mark.parametrize(("measured", "base"), [([1.0], [1.0]), ([1.0, 2.0], [1.0])])
def test_without_pairs_there_is_no_ratio(measured: list[float], base: list[float]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever of the two it is
        paired(measured, base)


def test_as_it_is_shown() -> None:
    assert str(Ratio(0.625, 0.61, 0.649)) == "**0.62** (0.61 to 0.65)"
