"""`.venv/bin/python -m local`, run as a person runs it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from tools.project import PROJECT


def local(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "local", *arguments],
        cwd=PROJECT,
        env={**os.environ, "LOCAL_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
    )


class Run:
    """`.venv/bin/python -m local run` in a home and on a port, as at a terminal."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self.port = port
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "LOCAL_HOME": str(self.home)}

    @property
    def output(self) -> str:
        return (self.home / "output").read_text()

    @property
    def stack(self) -> dict[str, Any]:
        stack: dict[str, Any] = json.loads((self.home / "stack.json").read_text())
        return stack

    def launch(self) -> None:
        with (self.home / "output").open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "local", "run", "--port", str(self.port)],
                cwd=PROJECT,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def start(self) -> None:
        """Returns when it says that it is ready."""
        self.launch()
        self.wait_until(lambda: "Ctrl-C stops everything." in self.output)

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Fails with what it printed if it ends before, or takes too long."""
        until = time.monotonic() + 120
        while not condition():
            assert self._process
            assert self._process.poll() is None, self.output
            assert time.monotonic() < until, self.output
            time.sleep(0.05)

    def stop(self, how: int) -> int:
        """Its exit status. SIGINT is what Ctrl-C sends."""
        assert self._process
        self._process.send_signal(how)
        return self._process.wait(60)

    def kill(self) -> None:
        """End what a failed test left of it."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(60)
        for pid in self._processes(re.escape(str(self.home))):
            os.kill(pid, signal.SIGKILL)

    def processes(self) -> list[str]:
        """The commands of those that know of this home or port, by command or environment."""
        home, port = re.escape(str(self.home)), self.port
        return list(self._processes(rf"{home}|--port {port}\b|_PORT={port}\b|:{port}\b").values())

    def _processes(self, own: str) -> dict[int, str]:
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
        """What is still there although it was stopped; a killed process may take a moment."""
        until = time.monotonic() + 5
        while self.processes() and time.monotonic() < until:
            time.sleep(0.05)
        left = self.processes()
        try:
            httpx.get(f"http://127.0.0.1:{self.port}", timeout=5)
        except httpx.ConnectError:
            return left
        return [*left, f"something answers on port {self.port}"]

    def api(self) -> httpx.Client:
        """Alice's."""
        token = local(self.home, "token", "alice@example.com").stdout.splitlines()[-1]
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self.stack["api_url"], headers=headers, timeout=30)
