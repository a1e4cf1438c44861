"""The browser: Debian's headless shell of Chromium, or Chromium itself."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

MISSING = "no Chromium on this machine (apt install chromium-headless-shell, or set CHROMIUM)"
#: The browser that people use.
WHOLE = ("chromium", "google-chrome", "chromium-browser")
#: The same engine without the browser's own pages: a new tab takes a fifth of the CPU time.
SHELL = "chromium-headless-shell"

_ARGUMENTS = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: Confine all connections to this machine.
CONFINED = (
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE *.localhost",
)


def program(*names: str) -> str | None:
    """Return the path of the first program that exists, otherwise None."""
    names = (os.environ.get("CHROMIUM", ""), *(names or (SHELL, *WHOLE)))
    return next((path for name in names if name and (path := shutil.which(name))), None)


@contextmanager
def running(program: str, *arguments: str) -> Iterator[Browser]:
    """Run the browser without a window, until the end of the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=[*_ARGUMENTS, *arguments]
        )
        yield browser
        browser.close()
