"""Run `chalice local` as at a terminal, and stop it with all that it has started."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.dynamodb_local import free_port
from tools.project import PROJECT

PROGRAM = Path(sys.executable).with_name("chalice")


@dataclass(frozen=True)
class ChaliceLocal:
    """A running `chalice local`. `home` is its LOCAL_HOME."""

    url: str
    home: Path
    project: Path
    process: subprocess.Popen[bytes]

    @property
    def output(self) -> str:
        return (self.home / "chalice-local.log").read_text()

    @property
    def curl(self) -> str:
        """Return the printed command, as a person would paste it."""
        line = re.search(r"^  (curl .*)$", self.output, re.MULTILINE)
        assert line, self.output
        return line[1]

    @property
    def starts(self) -> int:
        """Return the number of starts, including restarts after changes."""
        return self.output.count("Serving on http://")

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Fail with the output if the process ends before, or it takes too long."""
        until = time.monotonic() + 120
        while not condition():
            assert self.process.poll() is None, self.output
            assert time.monotonic() < until, self.output
            time.sleep(0.1)


@contextmanager
def chalice_local(
    home: Path,
    *arguments: str,
    project: Path = PROJECT,
    environment: Mapping[str, str] = os.environ,
) -> Iterator[ChaliceLocal]:
    """Yield the server when it serves. Pass `--no-autoreload` unless reload is the subject."""
    port = free_port()
    home.mkdir(parents=True, exist_ok=True)
    with (home / "chalice-local.log").open("wb") as output:
        process = subprocess.Popen(
            [PROGRAM, "local", "--port", str(port), *arguments],
            cwd=project,
            # Otherwise Python keeps the lines that the tests wait for, as the output is a file.
            env={**environment, "LOCAL_HOME": str(home), "PYTHONUNBUFFERED": "1"},
            stdout=output,
            stderr=subprocess.STDOUT,
            # With reload there are two processes. Chalice's first one ends without its worker.
            start_new_session=True,
        )
    server = ChaliceLocal(f"http://127.0.0.1:{port}", home, project, process)
    try:
        server.wait_until(lambda: server.starts > 0)
        yield server
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)
