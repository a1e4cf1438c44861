"""Firefox, driven by its own protocol.

Playwright's build of Firefox keeps the process of a page that is left, so it sends requests that
the real Firefox loses. Marionette drives the real Firefox. It needs no package, because a message
is its length, a colon, and JSON (firefox-source-docs.mozilla.org/testing/marionette/Protocol.html).
"""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.page.webdriver import SECONDS, CommandFailed, WebDriver

MISSING = "no Firefox on this machine (apt install firefox-esr, or set FIREFOX)"

_PREFERENCES = {
    "marionette.port": 0,  # any free port
    # Other hosts are behind a proxy that does not exist.
    "network.proxy.type": 1,
    **{f"network.proxy.{kind}": "127.0.0.1" for kind in ("http", "ssl")},
    **{f"network.proxy.{kind}_port": 9 for kind in ("http", "ssl")},
    "intl.accept_languages": "en",
}


def program() -> str | None:
    """Return the path of Firefox, otherwise None."""
    names = (os.environ.get("FIREFOX", ""), "firefox-esr", "firefox")
    return next((path for name in names if name and (path := shutil.which(name))), None)


@contextmanager
def running(program: str, profile: Path) -> Iterator["Firefox"]:
    """Run Firefox without a window, with a new profile, until the end of the block."""
    lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in _PREFERENCES.items()]
    (profile / "user.js").write_text("\n".join(lines))
    command = [program, "--headless", "--no-remote", "--marionette", "--profile", str(profile)]
    with (profile / "output").open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=profile)
    try:
        with Firefox(_wait_for_port(process, profile)) as firefox:
            yield firefox
    finally:
        process.terminate()
        process.wait(SECONDS)


def _wait_for_port(process: subprocess.Popen[bytes], profile: Path) -> int:
    file = profile / "MarionetteActivePort"
    until = time.monotonic() + 60
    while not (file.exists() and file.read_text()):
        if process.poll() is not None or time.monotonic() > until:
            raise CommandFailed(f"Firefox did not start: {(profile / 'output').read_text()}")
        time.sleep(0.05)
    return int(file.read_text())


class Firefox(WebDriver):
    """Marionette's connection."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._stream = self._socket.makefile("rb")
        self._sent = 0

    def __enter__(self) -> "Firefox":
        self._receive()  # its greeting
        self.send("NewSession")
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self._socket.close()

    def send(self, command: str, **parameters: Any) -> Any:
        """Return the result of a command. Raises `CommandFailed`."""
        self._sent += 1
        message = json.dumps([0, self._sent, f"WebDriver:{command}", parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(message), message))
        _, _, error, result = self._receive()
        if error:
            raise CommandFailed(f"{command} {parameters}: {error['message']}")
        return result["value"] if isinstance(result, dict) and "value" in result else result

    def _receive(self) -> Any:
        length = b""
        while (byte := self._stream.read(1)) != b":":
            if not byte:
                raise CommandFailed("Firefox has ended")
            length += byte
        return json.loads(self._stream.read(int(length)))
