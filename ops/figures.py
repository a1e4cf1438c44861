"""The measured sizes as a table, as a plot for the terminal, and as an SVG."""

from collections.abc import Callable, Sequence
from html import escape

from ops.sizing import Size, percentile

_COLUMNS = ["MB", "vCPU", "warm", "typical", "p50", "p90", "p99", "cold", "p50 cold"]
_COLUMNS += ["failed", "MB used", "USD/million"]
_BAR = 30  # characters

# The SVG's two panels, one below the other, have the memory in common.
_WIDTH, _PANEL, _LEFT, _RIGHT, _GAP = 760, 190, 90, 40, 54
_STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .paper { fill: #ffffff } .axis { stroke: #9aa7b4 }
  .typical, .cost { fill: none; stroke: #0969da; stroke-width: 2 }
  .p90 { fill: none; stroke: #9aa7b4; stroke-width: 2; stroke-dasharray: 4 3 }
  .chosen { stroke: #1a7f37; stroke-dasharray: 2 3 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .paper { fill: #0d1117 } .axis { stroke: #57606a }
    .typical, .cost { stroke: #4493f8 } .p90 { stroke: #57606a } .chosen { stroke: #3fb950 }
  }
"""


def table(measured: Sequence[Size]) -> list[str]:
    """The lines of a table. Times are in milliseconds, the cost is for a million requests."""
    rows = [list(_COLUMNS)]
    for size in measured:
        shares = [(size.warm, 0.5), (size.warm, 0.9), (size.warm, 0.99), (size.cold, 0.5)]
        times = [_ms(percentile(values, share)) if values else "-" for values, share in shares]
        cells = [f"{size.memory}", f"{size.vcpus:.2f}", f"{len(size.warm)}", _ms(size.typical)]
        cells += [*times[:3], f"{len(size.cold)}", times[3]]
        rows.append([*cells, f"{size.failed}", f"{size.used}", f"{size.cost:.3f}"])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]


def plot(measured: Sequence[Size]) -> list[str]:
    """Two bars for each size: its typical duration, its cost."""
    slowest = max(size.typical for size in measured) or 1.0
    dearest = max(size.cost for size in measured)
    lines = [f"{'MB':>5}  {'typical ms':<{_BAR + 10}}USD for a million requests"]
    for size in measured:
        time = f"{_bar(size.typical / slowest)} {_ms(size.typical)}"
        cost = f"{_bar(size.cost / dearest)} {size.cost:.3f}"
        lines.append(f"{size.memory:>5}  {time:<{_BAR + 10}}{cost}")
    return lines


def svg(measured: Sequence[Size], chosen: Size | None) -> str:
    """Duration and cost against memory, readable in light and in dark; warm invocations only."""
    shown = [size for size in measured if size.warm]
    described = "; ".join(
        f"{size.memory} MB: {_ms(size.typical)} ms, {size.cost:.3f} USD" for size in shown
    )
    duration = "duration in ms: typical, and p90 (dashed)"
    cost = "USD for a million requests"
    height = 2 * (_PANEL + _GAP) + 10
    body = [
        *_panel(
            _GAP / 2,
            shown,
            duration,
            {"typical": lambda size: size.typical, "p90": lambda size: percentile(size.warm, 0.9)},
        ),
        *_panel(_GAP * 1.5 + _PANEL, shown, cost, {"cost": lambda size: size.cost}),
    ]
    if chosen:
        described += f"; recommended: {chosen.memory} MB"
        x = _x(chosen, shown)
        body.append(f'<line class="chosen" x1="{x}" y1="{_GAP / 2}" x2="{x}" y2="{height - 30}"/>')
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
            'role="img" aria-labelledby="title desc">',
            '<title id="title">Duration and cost by memory size</title>',
            f'<desc id="desc">{escape(described)}</desc>',
            f"<style>{_STYLE}</style>",
            f'<rect class="paper" width="{_WIDTH}" height="{height}"/>',
            *body,
            "</svg>",
            "",
        ]
    )


def _panel(
    top: float,
    shown: Sequence[Size],
    title: str,
    curves: dict[str, Callable[[Size], float]],
) -> list[str]:
    """One diagram whose vertical axis begins at 0, so that heights can be compared."""
    bottom = top + _PANEL
    most = max((value(size) for size in shown for value in curves.values()), default=0.0) or 1.0
    parts = [
        _text(_LEFT, top - 8, title),
        f'<line class="axis" x1="{_LEFT}" y1="{bottom}" x2="{_WIDTH - _RIGHT}" y2="{bottom}"/>',
        _text(_LEFT - 8, bottom, "0", "end"),
        _text(_LEFT - 8, top + 10, f"{most:.3g}", "end"),
    ]
    # The label of a size that is too near to the one before is left out.
    free = 0.0
    for size in shown:
        if _x(size, shown) >= free:
            parts.append(_text(_x(size, shown), bottom + 18, f"{size.memory}", "middle"))
            free = _x(size, shown) + 40
    for name, value in curves.items():
        points = [(_x(size, shown), bottom - value(size) / most * _PANEL) for size in shown]
        line = " ".join(f"{x},{y:.1f}" for x, y in points)
        parts.append(f'<polyline class="{name}" points="{line}"/>')
        parts += [f'<circle class="{name}" cx="{x}" cy="{y:.1f}" r="3"/>' for x, y in points]
    return parts


def _x(size: Size, shown: Sequence[Size]) -> float:
    """Where a size is, in proportion to its memory."""
    most = max(each.memory for each in shown)
    return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * size.memory / most, 1)


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _bar(share: float) -> str:
    return "#" * max(round(share * _BAR), 1)


def _ms(value: float) -> str:
    return f"{value:.1f}"
