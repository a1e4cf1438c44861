"""The files and packages of the container's image, served by gunicorn without Docker."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from local.home import Home
from serverful.__main__ import LOCK
from serverful.wsgi import HEALTH
from tests.dynamodb_local import free_port
from tools.install import prepare_once
from tools.project import PROJECT

DOCKERFILE = (PROJECT / "serverful" / "Dockerfile").read_text()


@dataclass(frozen=True)
class Server:
    """A running gunicorn. `log` has its output."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.root}/api"

    def wait_until_healthy(self) -> None:
        until = time.monotonic() + 60
        while True:
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            try:
                httpx.get(self.root + HEALTH, timeout=10).raise_for_status()
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return


@dataclass(frozen=True)
class Image:
    """The files, environment and command of the Dockerfile."""

    directory: Path
    python: Path
    command: list[str]

    def environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], **settings}

    def run(self, settings: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the container's command until it ends by itself."""
        return subprocess.run(
            [self.python, *self.command[1:], *arguments],
            cwd=self.directory,
            env=self.environment(settings),
            capture_output=True,
            text=True,
            timeout=60,
        )

    @contextmanager
    def serve(self, directory: Path, settings: Mapping[str, str]) -> Iterator[Server]:
        """Run the container's command, and wait until it is healthy."""
        port = free_port()
        with (directory / "gunicorn.log").open("wb") as output:
            process = subprocess.Popen(
                [self.python, *self.command[1:]],
                cwd=self.directory,
                env={**self.environment(settings), "BIND": f"127.0.0.1:{port}"},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        server = Server(port, process, directory / "gunicorn.log")
        try:
            server.wait_until_healthy()
            yield server
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait(30)


def build(directory: Path) -> Image:
    """Copy the files that the Dockerfile copies, and install the locked packages."""
    for line in re.findall(r"^COPY (.+)$", DOCKERFILE, re.MULTILINE):
        *sources, target = line.split()
        for source in map(PROJECT.joinpath, sources):
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(source, directory / target, ignore=ignored, dirs_exist_ok=True)
            else:
                (directory / target).mkdir(parents=True, exist_ok=True)
                shutil.copy(source, directory / target)
    [command] = re.findall(r"^CMD (.+)$", DOCKERFILE, re.MULTILINE)
    environment = prepare_once(Home().shared, "packages of the container", LOCK)
    return Image(directory, environment / "bin" / "python", json.loads(command))
