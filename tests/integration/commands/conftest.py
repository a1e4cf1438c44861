"""A copy of the project, in which commands are run as at a terminal, away from the developer's."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.commands.forks import Forks
from tests.project_copy import IGNORED, copy_project
from tools.project import PROJECT

#: `run("infra data --stage dev", NAME="value")`: `python -m infra data --stage dev`.
Run = Callable[..., subprocess.CompletedProcess[str]]

SIGNED_IN = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
}


def environment(home: Path, **variables: str) -> dict[str, str]:
    """Return an environment without the developer's credentials and region."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LOCAL_HOME": str(home),
        "NO_PROXY": "127.0.0.1",
        # Otherwise the SDK looks for a virtual machine's credentials in the network.
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
        **variables,
    }


def arguments(command: str) -> list[str]:
    """Return the arguments of a command that begins with a module or a script."""
    name, *rest = command.split()
    return [sys.executable, *([name] if name.endswith(".py") else ["-m", name]), *rest]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create a copy of the project without dependencies to download."""
    project = copy_project(tmp_path_factory.mktemp("project"))
    for name in ("bench", "tests"):
        shutil.copytree(PROJECT / name, project / name, ignore=IGNORED)
    for name in ("Makefile", "README.md", "VERSION", "requirements-run.txt"):
        shutil.copy(PROJECT / name, project)
    (project / "docs").mkdir()
    (project / "requirements.txt").touch()
    (project / "website" / "src").mkdir(parents=True)
    (project / "website" / "package-lock.json").write_text("{}")
    return project


@pytest.fixture(scope="module")
def forks(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    forks = Forks(project, environment(tmp_path_factory.mktemp("forks")))
    yield forks
    forks.close()


@pytest.fixture
def run(forks: Forks, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Run:
    """Run a command in a fork, which saves the imports of a new interpreter."""

    def run(command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        directory = tmp_path_factory.mktemp("output")
        return forks.run(arguments(command)[1:], environment(tmp_path, **variables), directory)

    return run


@pytest.fixture
def spawn(project: Path, tmp_path: Path) -> Run:
    """Run a command in a new interpreter, as at a terminal."""

    def spawn(command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            arguments(command),
            cwd=project,
            env=environment(tmp_path, **variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return spawn


def configure(project: Path, **settings: Any) -> str:
    """Set these settings of stage `odd`, a copy of `dev`, and return its name."""
    file = project / ".chalice" / "config.json"
    config = json.loads(file.read_text())
    config["stages"]["odd"] = {**config["stages"]["dev"], **settings}
    file.write_text(json.dumps(config))
    return "odd"


def assert_one_sentence(result: subprocess.CompletedProcess[str], status: int) -> str:
    """Return the error. Fail unless it is one line and the exit status is `status`."""
    assert result.returncode == status, result.stdout + result.stderr
    [line] = result.stderr.splitlines()
    assert line.startswith("error: "), line
    return line.removeprefix("error: ")
