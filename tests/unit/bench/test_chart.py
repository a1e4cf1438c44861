"""The chart."""

import xml.etree.ElementTree as ElementTree

from bench.function.chart import Bar, svg
from bench.function.ratio import Ratio

SVG = "{http://www.w3.org/2000/svg}"

GROUPS = {
    "cold start": [
        Bar("ours", Ratio(0.5, 0.45, 0.6), ours=True),
        Bar("<theirs> & others", Ratio(2.0, 1.9, 2.5)),
    ],
    "GET": [Bar("ours", Ratio(1.0, 1.0, 1.0), ours=True)],
}


def drawn() -> ElementTree.Element:
    return ElementTree.fromstring(svg("What it costs", GROUPS))  # noqa: S314 - our own


def test_bars_are_as_long_as_their_ratios() -> None:
    bars = [each for each in drawn().iter(f"{SVG}rect") if each.get("class") != "paper"]
    assert [each.get("class") for each in bars] == ["ours", "peer", "ours"]
    short, long, one = (float(each.get("width", 0)) for each in bars)
    assert long == 4 * short
    assert one == 2 * short
    [line] = [each for each in drawn().iter(f"{SVG}line") if each.get("class") == "one"]
    assert float(line.get("x1", 0)) == float(bars[0].get("x", 0)) + one


def test_everything_is_within_the_picture() -> None:
    root = drawn()
    _, _, width, height = map(float, root.get("viewBox", "").split())
    for each in root.iter():
        for name, most in (("x", width), ("x1", width), ("x2", width), ("y", height)):
            assert 0 <= float(each.get(name, 0)) <= most
        assert float(each.get("x", 0)) + float(each.get("width", 0)) <= width


def test_who_cannot_see_it_can_read_it() -> None:
    root = drawn()
    title, described = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert title.text == "What it costs"
    assert described is not None
    assert described.text == "cold start: ours 0.50, <theirs> & others 2.00; GET: ours 1.00"
    assert root.get("role") == "img"
    assert root.get("aria-labelledby", "").split() == [title.get("id"), described.get("id")]


def test_there_are_colours_for_the_dark() -> None:
    style = drawn().find(f"{SVG}style")
    assert style is not None
    assert "(prefers-color-scheme: dark)" in (style.text or "")
    # On its own background, independently of the page's.
    assert next(drawn().iter(f"{SVG}rect")).get("class") == "paper"
