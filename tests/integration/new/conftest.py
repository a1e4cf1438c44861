"""This project as the template of an application, in a repository of its own with two releases."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chalicelib.config import app_name
from tests.repository import files
from tools.project import PROJECT

# In an application that was made so, the name is another's.
NAME, ITEM = ("orders", "order") if app_name() == "bookings" else ("bookings", "booking")


def variables() -> dict[str, str]:
    """Return an environment without the developer's settings of git, and with a committer."""
    person = {"NAME": "A Developer", "EMAIL": "developer@example.com"}
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
        **{f"GIT_{role}_{key}": v for key, v in person.items() for role in ("AUTHOR", "COMMITTER")},
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        # The developer's settings do not change the documents that `new` writes.
        "APP_NAME": "another",
    }


def git(directory: Path, *arguments: str, status: int = 0) -> str:
    """Run git and return its output. Fails unless it exits with `status`."""
    result = subprocess.run(
        ["git", *arguments], cwd=directory, env=variables(), capture_output=True, text=True
    )
    assert result.returncode == status, result.stdout + result.stderr
    return result.stdout.strip()


@pytest.fixture(scope="package")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create a repository with the files of the work tree, including uncommitted changes."""
    directory = tmp_path_factory.mktemp("template")
    for name in files():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, directory / name)
    git(directory, "init", "--quiet", "--initial-branch", "main")
    git(directory, "add", "--all")
    git(directory, "commit", "--quiet", "--message", "Release 1.0.0")
    git(directory, "tag", "v1.0.0")
    return directory


@pytest.fixture(scope="package")
def application(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the application that the command creates from the template."""
    directory = tmp_path_factory.mktemp("new") / "my-app"
    command = ["-m", "local", "new", str(directory), "--name", NAME, "--item", ITEM]
    result = subprocess.run(
        [sys.executable, *command], cwd=template, env=variables(), capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    assert f"cd {directory}" in result.stdout
    return directory
