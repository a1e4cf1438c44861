"""Installing from the locks, from an index that has moved on since they were made."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.install import index
from tools import install
from tools.project import PROJECT

LOCKS = [*install.LOCKS.values(), install.UV_LOCK]
#: The oldest pips that supported Pythons bundle. Before 23.3, pip resolves a requirement with an
#: extra anew although its version is locked.
PIPS = {
    "22.3": "1daab4b8d3b97d1d763caeb01a4640a2250a0ea899e257b1e44b9eded91e15ab",
    "23.0.1": "236bcb61156d76c4b8a05821b988c7b8c35bf0da28a4b614e8d6ab5212c25c6f",
    "23.2.1": "7ccf472345f20d35bdc9d1841ff5f313260c2c33fe417f48c30ac46cccabf5be",
}
#: Settings of a developer's machine that must not reach the project's installations.
HOSTILE = {
    "PIP_USER": "1",
    "PIP_PREFIX": "/nonexistent",
    "PIP_TARGET": "/nonexistent",
    "PIP_REQUIRE_VIRTUALENV": "1",
    "PIP_NO_BINARY": ":all:",
    "UV_SYSTEM_PYTHON": "1",
    "UV_PYTHON": "/nonexistent",
    "UV_NO_BINARY": "1",
    "PYTHONPATH": "/nonexistent",
    "VIRTUAL_ENV": "/nonexistent",
}

OnRequest = list[Callable[[int], None]]


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The index's wheels, and the hashes of the locked ones."""
    directory = tmp_path_factory.mktemp("wheels")
    return directory, index.build(LOCKS, directory)


@pytest.fixture
def on_request() -> OnRequest:
    """Functions to call with the number of each request to the index."""
    return []


@pytest.fixture
def environ(
    wheels: tuple[Path, dict[str, str]], on_request: OnRequest, tmp_path: Path
) -> Iterator[dict[str, str]]:
    """An environment whose only index is ours, and whose caches are empty."""

    def notify(number: int) -> None:
        for each in on_request:
            each(number)

    kept = ("PIP_", "UV_", "PYTHON", "VIRTUAL_ENV")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(kept)}
    with index.serve(wheels[0], notify) as url:
        yield {
            **clean,
            "PIP_INDEX_URL": url,
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_CACHE_DIR": str(tmp_path / "pip-cache"),
            "UV_CACHE_DIR": str(tmp_path / "uv-cache"),
        }


@pytest.fixture
def project(wheels: tuple[Path, dict[str, str]], tmp_path: Path) -> Path:
    """The project's installer, with locks that have the hashes of the index's wheels."""
    project = tmp_path / "project"
    shutil.copytree(
        PROJECT / "tools", project / "tools", ignore=shutil.ignore_patterns("__pycache__")
    )
    for lock in LOCKS:
        relocked = project / lock.relative_to(PROJECT)
        relocked.write_text(index.relock(lock, wheels[1]))
    return project


def installed(python: Path) -> set[str]:
    """Return "name version" of each package that `python` sees."""
    program = "import importlib.metadata as m\nfor d in m.distributions(): print(d.name, d.version)"
    result = subprocess.run(
        [python, "-I", "-c", program], capture_output=True, text=True, check=True
    )
    return {install.canonical(line) for line in result.stdout.splitlines()}


def start(kind: str, project: Path, environ: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tools.install", kind],
        cwd=project,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run(kind: str, project: Path, environ: dict[str, str]) -> str:
    """Return the output of the installer, which must succeed."""
    process = start(kind, project, environ)
    output, errors = process.communicate(timeout=200)
    assert process.returncode == 0, errors
    return output


@pytest.mark.long
def test_locked_versions_are_installed_by_uv(project: Path, environ: dict[str, str]) -> None:
    """Each run installs them with hostile settings, after an interruption."""
    run("develop", project, environ)
    python = project / ".venv" / "bin" / "python"
    assert installed(python) == index.wanted(LOCKS[1]) | index.wanted(install.UV_LOCK)


@pytest.mark.long
def test_run_set_is_the_smaller_one(project: Path, environ: dict[str, str]) -> None:
    run("run", project, environ)
    python = project / ".venv" / "bin" / "python"
    assert installed(python) == index.wanted(LOCKS[0]) | index.wanted(install.UV_LOCK)
    assert index.wanted(LOCKS[0]) < index.wanted(LOCKS[1])


@pytest.fixture(
    params=[pytest.param(each, marks=pytest.mark.long) for each in ("22.3", "23.0.1", "23.2.1")]
)
def old_python(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An environment with only an old pip, as `python -m venv` of an old Python makes it."""
    version = request.param
    shared = PROJECT / ".local" / "shared" / f"pip-{version}"
    lock = tmp_path / "pip.txt"
    lock.write_text(f"pip=={version} --hash=sha256:{PIPS[version]}\n")
    install.install_once(shared, lock)
    python = install.create(tmp_path / "old", with_pip=False)
    [site] = python.parent.parent.glob("lib/python*/site-packages")
    shutil.copytree(shared, site, dirs_exist_ok=True)
    return python


def test_old_pip_installs_locked_versions(
    old_python: Path, project: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**environ, **HOSTILE}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(install, "UV_LOCK", project / "tools" / "requirements-uv.txt")
    install.install_uv(old_python)
    assert index.wanted(install.UV_LOCK) <= installed(old_python)
    old_python.with_name("uv").unlink()  # as on a machine for which there is no wheel of it
    lock = project / "requirements-dev.txt"
    install.sync(old_python, lock, installer=old_python)
    assert installed(old_python) == index.wanted(lock) | index.wanted(install.UV_LOCK)


@pytest.mark.long
def test_index_breaks_pip_that_resolves(
    old_python: Path, project: Path, environ: dict[str, str]
) -> None:
    """Otherwise the tests above would always pass."""
    arguments = "-m pip install --require-hashes -r requirements-dev.txt".split()
    command = [str(old_python), *arguments]
    result = subprocess.run(command, cwd=project, env=environ, capture_output=True, text=True)
    assert result.returncode != 0
    assert "must have their versions pinned" in result.stderr
    assert index.NEWER in result.stderr


@pytest.mark.parametrize(
    "moment", [1, *(pytest.param(each, marks=pytest.mark.long) for each in (0, 3, 20))]
)
def test_interrupted_installation_goes_on(
    moment: int, project: Path, environ: dict[str, str], on_request: OnRequest
) -> None:
    """Ctrl-C while the environment is created, at pip's first request, and while uv downloads.

    Then the locked versions are installed, although the settings are hostile.
    """
    environ |= HOSTILE
    process = start("develop", project, environ)

    def interrupt(number: int) -> None:
        if number == moment:
            os.killpg(process.pid, signal.SIGINT)

    on_request.append(interrupt)
    assert process.stdout
    if moment == 0:
        process.stdout.readline()  # "creating .venv with ..."
        os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=200)
    assert process.returncode == 130
    assert errors == "error: interrupted: run the same command again to continue\n"
    assert not (project / ".venv" / "ready").exists()
    on_request.clear()
    run("develop", project, environ)
    python = project / ".venv" / "bin" / "python"
    assert installed(python) == index.wanted(LOCKS[1]) | index.wanted(install.UV_LOCK)
    assert run("develop", project, environ) == ""
    assert run("run", project, environ) == "", "the whole set serves running too"


def test_changed_package_is_refused(
    project: Path, environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    lock = project / "requirements-run.txt"
    lock.write_text(re.sub(r"(?m)^(httpx==.*sha256:).{4}", r"\g<1>0000", lock.read_text()))
    python = install.create(tmp_path / "environment", with_pip=False)
    with pytest.raises(install.InstallFailed, match=r"could not be installed: (?s:.*)httpx"):
        install.sync(python, lock)


def test_unwritable_directory_is_named(project: Path, environ: dict[str, str]) -> None:
    (project / ".local").write_text("a file where a directory belongs")
    process = start("run", project, environ)
    _, errors = process.communicate(timeout=200)
    assert process.returncode == 2
    assert errors.startswith(f"error: {project / '.local'} cannot be used: ")
