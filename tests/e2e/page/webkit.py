"""WebKit, driven by Debian's WebKitWebDriver, on a virtual display."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.dynamodb_local import free_port
from tests.e2e.page.webdriver import SECONDS, CommandFailed, WebDriver

_PROGRAMS = ("WebKitWebDriver", "Xvfb")
MISSING = "no WebKit on this machine (apt install webkit2gtk-driver xvfb)"

#: The method and the path of each command, below the session's.
_ROUTES = {
    "Navigate": ("POST", "/url"),
    "FindElement": ("POST", "/element"),
    "ElementClick": ("POST", "/element/{id}/click"),
    "ElementClear": ("POST", "/element/{id}/clear"),
    "ElementSendKeys": ("POST", "/element/{id}/value"),
    "ExecuteScript": ("POST", "/execute/sync"),
    "NewWindow": ("POST", "/window/new"),
    "SwitchToWindow": ("POST", "/window"),
    "CloseWindow": ("DELETE", "/window"),
}
#: Other hosts are behind a proxy that does not exist. As a capability, a proxy makes every third
#: start hang.
_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    **dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9"),
    "no_proxy": "127.0.0.1,localhost,.localhost",
}


def is_present() -> bool:
    return all(map(shutil.which, _PROGRAMS))


@contextmanager
def running(directory: Path) -> Iterator["WebKit"]:
    """Run WebKit with a new profile, until the end of the block."""
    with _display() as display, (directory / "output").open("w") as output:
        port = free_port()
        environment = {**os.environ, **_ENVIRONMENT, "DISPLAY": display, "HOME": str(directory)}
        process = subprocess.Popen(
            [_PROGRAMS[0], f"--port={port}"], env=environment, stdout=output, stderr=output
        )
        try:
            with WebKit(port) as webkit:
                yield webkit
        finally:
            process.terminate()
            process.wait(SECONDS)


@contextmanager
def _display() -> Iterator[str]:
    """Run an X server on a free display. Yields its name."""
    reader, writer = os.pipe()
    command = [_PROGRAMS[1], "-displayfd", str(writer), "-screen", "0", "1280x1024x24"]
    process = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    try:
        with os.fdopen(reader) as numbers:
            number = numbers.readline().strip()
        if not number:
            raise CommandFailed("Xvfb did not start")
        yield f":{number}"
    finally:
        process.terminate()
        process.wait(SECONDS)


class WebKit(WebDriver):
    """A session of WebKitWebDriver."""

    def __init__(self, port: int) -> None:
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False)
        self._session = ""

    def __enter__(self) -> "WebKit":
        self._wait_until_ready()
        started = self._request("POST", "/session", {"capabilities": {}})
        self._session = f"/session/{started['sessionId']}"
        return self

    def __exit__(self, *_: object) -> None:
        self._request("DELETE", self._session)
        self._http.close()

    def send(self, command: str, **parameters: Any) -> Any:
        """Return the result of a command. Raises `CommandFailed`."""
        method, path = _ROUTES[command]
        if "{id}" in path:
            path = path.format(id=parameters.pop("id"))
        return self._request(method, self._session + path, parameters)

    def _wait_until_ready(self) -> None:
        until = time.monotonic() + 60
        while True:
            try:
                self._request("GET", "/status")
                return
            except httpx.TransportError:
                if time.monotonic() > until:
                    raise
            time.sleep(0.05)

    def _request(self, method: str, path: str, body: object = None) -> Any:
        response = self._http.request(method, path, json=body if method == "POST" else None)
        value = response.json()["value"]
        if response.is_error:
            raise CommandFailed(f"{method} {path} {body}: {value['error']} {value['message']}")
        return value
