"""Measure how long the page takes to respond with many items, on a slow processor.

    .venv/bin/python -m bench.page

Loads 1,000 items into the page in Chromium, slows its processor four times, and performs each
action three times. Prints the longest interaction of each (Interaction to Next Paint), and the
Largest Contentful Paint of a first visit on a slow line. Writes `docs/page-speed.md`.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

import deploy_site
from bench.page.server import SESSION_KEY, Items, serving
from infra.stage import application_name
from tests.e2e.page import chromium
from tools.command import run_command
from tools.errors import Misconfigured
from tools.project import PROJECT, PYTHON

_REPORT = PROJECT / "docs" / "page-speed.md"
_ITEMS, _SLOWDOWN, _TIMES = 1_000, 4, 3
#: Bits a second, and milliseconds.
_LINE, _LATENCY = 400_000, 400

_OBSERVE = """
window.worst = 0;
window.paint = 0;
new PerformanceObserver((list) => {
  for (const { interactionId, duration } of list.getEntries())
    if (interactionId) window.worst = Math.max(window.worst, duration);
}).observe({ type: "event", durationThreshold: 16, buffered: true });
new PerformanceObserver((list) => {
  window.paint = list.getEntries().at(-1).startTime;
}).observe({ type: "largest-contentful-paint", buffered: true });
"""


@dataclass(frozen=True)
class _Action:
    """A key, or a click on the element that a selector finds."""

    key: str = ""
    selector: str = ""
    nth: int = 0
    #: Leads to what has to have the focus, or to be open, before.
    prepare: Callable[[Page], None] = lambda page: None

    def perform(self, page: Page) -> Callable[[], None]:
        """Return a function that sends the input, and looks for no element meanwhile.

        A search by Playwright runs in the page, and would be measured with the page's own work.
        """
        if self.key:
            return lambda: page.keyboard.press(self.key)
        box = page.locator(self.selector).nth(self.nth).bounding_box()
        if box is None:
            raise LookupError(f"not on the page: {self.selector}")
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        return lambda: page.mouse.click(x, y)


_ROW, _DELETE = ".row .open", ".row .delete"


def _open(page: Page) -> None:
    page.locator(_ROW).nth(3).click()
    page.locator("fieldset:enabled").wait_for()


def _change(page: Page) -> None:
    _open(page)
    page.keyboard.press("x")


_ACTIONS = {
    "open an item": _Action(selector=_ROW, nth=3),
    "type a letter": _Action("x", prepare=_open),
    "save": _Action("Enter", prepare=_change),
    "delete": _Action(selector=_DELETE, nth=5),
    "undo": _Action("Control+z", prepare=lambda page: page.locator(_DELETE).nth(5).click()),
    "search a letter": _Action("7", prepare=lambda page: page.locator("#search").focus()),
    "clear the search": _Action(
        "Backspace", prepare=lambda page: page.locator("#search").fill("7")
    ),
    # Not by its role: finding that computes styles of every row, and this page then keeps them.
    "change the order": _Action(selector=".bar button"),
}


def _devtools(page: Page, command: str, parameters: dict[str, Any]) -> None:
    context: Any = page.context
    context.new_cdp_session(page).send(command, parameters)


def _sign_in(context: BrowserContext) -> None:
    session = {
        "access_token": "bench",
        "token_type": "Bearer",
        "scope": "openid",
        "profile": {"sub": "bench", "email": "bench@example.com"},
        "expires_at": int(time.time()) + 3600,
    }
    place = {"query": "", "loaded": _ITEMS, "scroll": 0, "open": None}
    kept = {
        SESSION_KEY: json.dumps(session),
        f"{application_name(PROJECT)}:bench:place": json.dumps(place),
    }
    context.add_init_script(
        f"for (const [key, value] of Object.entries({json.dumps(kept)})) "
        "sessionStorage.getItem(key) ?? sessionStorage.setItem(key, value);"
    )


def _interactions(browser: Browser, url: str) -> dict[str, int]:
    """Return the longest interaction of each action, in milliseconds."""
    found: dict[str, int] = {}
    with browser.new_context() as context:
        _sign_in(context)
        context.add_init_script(_OBSERVE)
        page = context.new_page()
        page.goto(url)
        page.locator(".row").nth(_ITEMS - 1).wait_for(state="attached")
        _devtools(page, "Emulation.setCPUThrottlingRate", {"rate": _SLOWDOWN})
        for name, action in _ACTIONS.items():
            for _ in range(_TIMES):
                action.prepare(page)
                perform = action.perform(page)
                page.wait_for_timeout(500)
                page.evaluate("window.worst = 0")
                perform()
                page.wait_for_timeout(700)
                found[name] = max(found.get(name, 0), round(page.evaluate("window.worst")))
                if page.locator("dialog[open]").count():
                    page.keyboard.press("Escape")
                page.wait_for_timeout(300)
    return found


def _paint(browser: Browser, url: str, *, signed_in: bool) -> int:
    """Return the Largest Contentful Paint of a first visit on a slow line, in milliseconds."""
    with browser.new_context() as context:
        if signed_in:
            _sign_in(context)
        context.add_init_script(_OBSERVE)
        page = context.new_page()
        line = {"offline": False, "latency": _LATENCY}
        line |= {"downloadThroughput": _LINE // 8, "uploadThroughput": _LINE // 8}
        _devtools(page, "Network.emulateNetworkConditions", line)
        page.goto(url, timeout=120_000, wait_until="networkidle")
        first = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        print(f"first paint, {'signed in' if signed_in else 'signed out'}: {first:.0f} ms")
        paint: float = page.evaluate("window.paint")
        return round(paint)


def measure(site: Path) -> str:
    """Return the report on the built page in `site`."""
    program = chromium.program(*chromium.WHOLE)
    if program is None:
        raise Misconfigured("no Chromium: run `apt install chromium`, or set CHROMIUM to its path")
    with chromium.running(program) as browser:
        with serving(site, Items(_ITEMS)) as url:
            worst = _interactions(browser, url)
        with serving(site, Items(25)) as url:
            paints = {text: _paint(browser, url, signed_in=text == "signed in") for text in _VISITS}
    lines = "\n".join(f"| {action} | {milliseconds} |" for action, milliseconds in worst.items())
    visits = "\n".join(f"| {visit} | {milliseconds} |" for visit, milliseconds in paints.items())
    return (
        "# The page's speed\n\n"
        f"`{PYTHON} -m bench.page` measures again and writes this file. It loads {_ITEMS:,} items\n"
        f"into Chromium, on a processor slowed {_SLOWDOWN} times. Each figure is the longest of\n"
        f"{_TIMES}, from the key or the click to the next frame. Up to 200 ms count as quick.\n\n"
        f"| action | ms |\n|---|--:|\n{lines}\n\n"
        f"The largest paint of a first visit at {_LINE // 1000} kbit/s and {_LATENCY} ms:\n\n"
        f"| visit | ms |\n|---|--:|\n{visits}\n"
    )


_VISITS = ("signed out", "signed in")


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(
        prog=f"{PYTHON} -m bench.page",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--site", type=Path, help="measure this build, and only print")
    arguments = parser.parse_args()

    def run() -> None:
        if arguments.site:
            print(measure(arguments.site))
            return
        with tempfile.TemporaryDirectory() as directory:
            report = measure(deploy_site.build(out=Path(directory)))
        print(report)
        _REPORT.write_text(report)

    return run_command(run)


if __name__ == "__main__":
    sys.exit(main())
