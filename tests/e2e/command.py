"""`.venv/bin/python -m local`, run as a person runs it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

from tools.project import PROJECT

#: `python -c` of `python -m infra`, for an emulator that has no CodeDeploy.
INFRA_WITHOUT_CODEDEPLOY = """
import sys
from functools import partial
from infra import __main__
from infra.aws import Capabilities
from infra.commands import options
options.Stacks = partial(options.Stacks, target=Capabilities(False, False))
sys.exit(__main__.main())
"""


def local(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "local", *arguments],
        cwd=PROJECT,
        env={**os.environ, "LOCAL_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
    )


def assert_one_sentence(
    result: subprocess.CompletedProcess[str], *words: str, status: int = 1
) -> None:
    """Fail unless the command failed with one line that has the reason and the remedy."""
    assert result.returncode == status, result.stderr
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    for word in words:
        assert word in line


class Run:
    """`python -m local run`, or another command, on a port as at a terminal.

    `home` is its LOCAL_HOME and has its output. `project` is the work tree.
    """

    def __init__(
        self, home: Path, port: int, command: str = "run", project: Path = PROJECT
    ) -> None:
        self.home = home
        self.port = port
        self.environment = {**os.environ, "LOCAL_HOME": str(home)}
        self._command = [sys.executable, "-m", "local", command, "--port", str(port)]
        self._project = project
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def output(self) -> str:
        return (self.home / "output").read_text()

    @property
    def stack(self) -> dict[str, Any]:
        stack: dict[str, Any] = json.loads((self.home / "stack.json").read_text())
        return stack

    def launch(self) -> None:
        assert self._process is None or self.ended()
        with (self.home / "output").open("wb") as output:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._project,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def start(self) -> None:
        """Wait until it prints that it is ready."""
        self.launch()
        self.wait_until(lambda: "Ctrl-C stops everything." in self.output)

    def wait_until(self, condition: Callable[[], bool], *, may_end: bool = False) -> None:
        """Wait for the text. Fail with the output after a timeout, or on an early exit."""
        until = time.monotonic() + 300
        while not condition():
            assert may_end or not self.ended(), self.output
            assert time.monotonic() < until, self.output
            time.sleep(0.05)

    def stop(self, how: int) -> int:
        """Send the signal, by default Ctrl-C's SIGINT, and return the exit status."""
        assert self._process
        self._process.send_signal(how)
        return self.status()

    def ended(self) -> bool:
        assert self._process
        return self._process.poll() is not None

    def status(self) -> int:
        """Wait for the process, and return its exit status."""
        assert self._process
        return self._process.wait(60)

    def stop_after(self, line: str, how: int) -> int:
        """Launch it, send the signal once it has printed the line, and return its exit status."""
        self.launch()
        self.wait_until(lambda: line in self.output)
        return self.stop(how)

    def kill(self) -> None:
        """Kill the processes that a failed test left."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(60)
        for pid in self.matching(rf"{re.escape(str(self.home))}|--port {self.port}\b"):
            os.kill(pid, signal.SIGKILL)

    def processes(self) -> list[str]:
        """Return the commands that name this home or port, in arguments or environment."""
        home, port = re.escape(str(self.home)), self.port
        return list(self.matching(rf"{home}|--port {port}\b|_PORT={port}\b|:{port}\b").values())

    @staticmethod
    def matching(own: str) -> dict[int, str]:
        """Return the commands by process id whose arguments or environment match the pattern."""
        shown = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,args="], capture_output=True)
        found = {}
        for line in shown.stdout.decode(errors="replace").splitlines():
            pid, _, command = line.strip().partition(" ")
            try:
                environment = Path(f"/proc/{pid}/environ").read_bytes()
            except OSError:  # it has ended, or this is no Linux
                environment = b""
            text = f"{command} {environment.decode(errors='replace')}"
            if re.search(own, text):
                found[int(pid)] = command
        return found

    def left_over(self) -> list[str]:
        """Return the processes that remain after a stop. After a kill, this takes a moment."""
        until = time.monotonic() + 20
        while self.processes() and time.monotonic() < until:
            time.sleep(0.05)
        left = self.processes()
        try:
            httpx.get(f"http://127.0.0.1:{self.port}", timeout=5)
        except httpx.ConnectError:
            return left
        return [*left, f"something answers on port {self.port}"]

    def api(self) -> httpx.Client:
        """Return Alice's client."""
        token = local(self.home, "token", "alice@example.com").stdout.splitlines()[-1]
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self.stack["api_url"], headers=headers, timeout=30)


def everything(api: httpx.Client) -> Iterator[str]:
    """Return the ids of all items of a user, page by page."""
    query = {"limit": "25"}
    while True:
        page = api.get("/items", params=query).raise_for_status().json()
        yield from (item["id"] for item in page["items"])
        if page["cursor"] is None:
            return
        query["cursor"] = page["cursor"]
