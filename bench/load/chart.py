"""Draw the curves in panels below each other, as measured values over the offered load."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bench.function.chart import WIDTH, line, picture, text

Points = Sequence[tuple[float, float]]


class Panel(NamedTuple):
    """`across` is the title of x. With `log`, each line of the grid is ten times the previous line.

    With `log_across`, each mark below the panel is ten times the previous mark.
    """

    title: str
    across: str
    curves: Mapping[str, Points]
    log: bool = False
    log_across: bool = False


_LEFT, _RIGHT, _HIGH = 70, WIDTH - 110, 170  # the curves' names are on the right
_HEAD, _FOOT, _LINE = 40, 50, 15
_MARKS = 11  # at most, below a panel

_STYLE = """
  .grid { stroke: #d0d7de } .curve { fill: none; stroke-width: 2 }
  .c0 { stroke: #0969da } .c1 { stroke: #1a7f37 } .c2 { stroke: #9a6700 } .c3 { stroke: #cf222e }
  @media (prefers-color-scheme: dark) {
    .grid { stroke: #30363d }
    .c0 { stroke: #4493f8 } .c1 { stroke: #3fb950 } .c2 { stroke: #d29922 } .c3 { stroke: #f85149 }
  }
"""


def svg(title: str, panels: Sequence[Panel]) -> str:
    """Return the SVG. Raises `ValueError` if a curve has no points."""
    body: list[str] = []
    for number, panel in enumerate(panels):
        body += _panel(panel, number * (_HEAD + _HIGH + _FOOT))
    described = "; ".join(
        f"{panel.title}, {name}: " + ", ".join(f"{y:.3g} at {x:g}" for x, y in points)
        for panel in panels
        for name, points in panel.curves.items()
    )
    return picture(title, described, len(panels) * (_HEAD + _HIGH + _FOOT), _STYLE, body)


def _panel(panel: Panel, top: int) -> list[str]:
    points = [point for each in panel.curves.values() for point in each]
    bottom = top + _HEAD + _HIGH
    # On a linear axis x begins at 0.
    least = _scaled(min(x for x, _ in points), True) if panel.log_across else 0.0
    most = _scaled(max(x for x, _ in points), panel.log_across)
    marks = _marks([y for _, y in points], panel.log)
    low, high = (_scaled(each, panel.log) for each in (marks[0], marks[-1]))

    def right(x: float) -> float:
        share = (_scaled(x, panel.log_across) - least) / (most - least)
        return _LEFT + share * (_RIGHT - _LEFT)

    def down(y: float) -> float:
        return bottom - (_scaled(y, panel.log) - low) / (high - low) * _HIGH

    drawn = [text(_LEFT, top + 24, panel.title, "group")]
    for mark in marks:
        drawn.append(line("grid", _LEFT, down(mark), _RIGHT, down(mark)))
        drawn.append(text(_LEFT - 8, down(mark) + 4, _figure(mark), "mark", _END))
    across = sorted({x for x, _ in points})
    for x in across[:: math.ceil(len(across) / _MARKS)]:
        drawn.append(text(right(x), bottom + 18, f"{x:,.0f}", "mark", _MIDDLE))
    drawn.append(text((_LEFT + _RIGHT) / 2, bottom + 36, panel.across, "mark", _MIDDLE))
    above = math.inf
    by_height = sorted(panel.curves.items(), key=lambda each: -down(each[1][-1][1]))
    kinds = {name: f"c{number % 4}" for number, name in enumerate(panel.curves)}
    for name, curve in by_height:  # the lowest first, so that no name is on another
        path = " ".join(f"{right(x):.1f},{down(y):.1f}" for x, y in curve)
        drawn.append(f'<polyline class="curve {kinds[name]}" points="{path}"/>')
        x, y = curve[-1]
        above = min(down(y), above - _LINE)
        drawn.append(text(right(x) + 8, above + 4, name, "name"))
    return drawn


_END, _MIDDLE = ' text-anchor="end"', ' text-anchor="middle"'


def _figure(value: float) -> str:
    """Return the number in full, because `g` would write 1e+06."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:g}"


def _scaled(value: float, log: bool) -> float:
    return math.log10(max(value, 1e-3)) if log else value


def _marks(values: Sequence[float], log: bool) -> list[float]:
    """Return round numbers that enclose all values."""
    if log:
        first = math.floor(_scaled(min(values), log))
        last = max(math.ceil(_scaled(max(values), log)), first + 1)
        return [10.0**each for each in range(first, last + 1)]
    size = 10 ** math.floor(math.log10(max(max(values), 1e-3)))
    step = next(each for each in (size / 5, size / 2, size, 2 * size) if max(values) <= 5 * each)
    return [step * each for each in range(math.ceil(max(values) / step) + 1)]
