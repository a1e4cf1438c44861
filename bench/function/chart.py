"""Pictures as SVG: readable in light and in dark, and as text to who cannot see it."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

from bench.function.ratio import Ratio


class Bar(NamedTuple):
    """A bar of a candidate. `ours` has another color."""

    title: str
    ratio: Ratio
    ours: bool = False


WIDTH = 760
_LEFT, _RIGHT = 200, 60  # the labels are in the left margin, the last figures right
_BAR, _GAP, _HEAD = 18, 6, 34  # heights: of a bar, between two, and of a group's own title
_TOP = 12

_STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .group { font-weight: 600 }
  .paper { fill: #ffffff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .paper { fill: #0d1117 }
  }
"""
_BARS = """
  .peer { fill: #9aa7b4 } .ours { fill: #0969da }
  .one, .spread { stroke: #1f2328 } .one { stroke-dasharray: 3 3 }
  @media (prefers-color-scheme: dark) {
    .peer { fill: #57606a } .ours { fill: #4493f8 }
    .one, .spread { stroke: #e6edf3 }
  }
"""


def svg(title: str, groups: Mapping[str, list[Bar]]) -> str:
    """Return the SVG: a group of horizontal bars for each measure, as long as the ratios."""
    most = max(bar.ratio.high for bars in groups.values() for bar in bars)
    scale = (WIDTH - _LEFT - _RIGHT) / max(most, 1.0)
    body, y = [], _TOP
    for name, bars in groups.items():
        body.append(text(_LEFT, y + 20, name, "group"))
        y += _HEAD
        for bar in bars:
            body += _bar(bar, y, scale)
            y += _BAR + _GAP
        y += _GAP
    one = _LEFT + scale
    described = "; ".join(
        f"{name}: " + ", ".join(f"{bar.title} {bar.ratio.median:.2f}" for bar in bars)
        for name, bars in groups.items()
    )
    return picture(title, described, y + _TOP, _BARS, [*body, line("one", one, _TOP, one, y)])


def picture(title: str, described: str, height: int, style: str, body: Sequence[str]) -> str:
    """Return an SVG of `WIDTH` by `height` pixels.

    `described` is the full text alternative. `style` is the style of the body's own classes.
    """
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            'role="img" aria-labelledby="title desc">',
            f'<title id="title">{escape(title)}</title>',
            f'<desc id="desc">{escape(described)}</desc>',
            f"<style>{_STYLE}{style}</style>",
            f'<rect class="paper" width="{WIDTH}" height="{height}"/>',
            *body,
            "</svg>",
            "",
        ]
    )


def _bar(bar: Bar, y: int, scale: float) -> list[str]:
    kind = "ours" if bar.ours else "peer"
    middle = y + _BAR / 2
    low, high = (_LEFT + each * scale for each in (bar.ratio.low, bar.ratio.high))
    width = bar.ratio.median * scale
    return [
        text(_LEFT - 8, middle + 4, bar.title, "label", ' text-anchor="end"'),
        f'<rect class="{kind}" x="{_LEFT}" y="{y}" width="{width:.1f}" height="{_BAR}"/>',
        line("spread", low, middle, high, middle),
        text(max(_LEFT + width, high) + 6, middle + 4, f"{bar.ratio.median:.2f}", "figure"),
    ]


def line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def text(x: float, y: float, content: str, kind: str, more: str = "") -> str:
    """Return a text element. `more` has further attributes, each after a space."""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}"{more}>{escape(content)}</text>'
