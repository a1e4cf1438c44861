"""The browser: Debian's Chromium, or whichever there is."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

MISSING = "no Chromium on this machine (apt install chromium, or set CHROMIUM)"

_ARGUMENTS = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: Whatever the page or the browser is up to: nothing leaves this machine.
CONFINED = (
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE *.localhost",
)


def program() -> str | None:
    """Where it is; None if there is none."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "google-chrome", "chromium-browser")
    return next((found for name in names if name and (found := shutil.which(name))), None)


@contextmanager
def running(program: str, *arguments: str) -> Iterator[Browser]:
    """Without a window, until the end of the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=[*_ARGUMENTS, *arguments]
        )
        yield browser
        browser.close()
