"""The changes that restart `chalice local`. tests/integration/chalice_cli tests the restart."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chalice.cli.filewatch.stat import StatFileWatcher
from chalice.utils import OSUtils

from local import chalice_internals, reload


def write(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("text")


@pytest.mark.parametrize("name", ["app.py", "chalicelib/items.py", ".chalice/config.json", "a.txt"])
def test_sources_are_watched(tmp_path: Path, name: str) -> None:
    write(tmp_path / name)
    assert list(reload.snapshot(tmp_path)) == [str(tmp_path / name)]


@pytest.mark.parametrize(
    "name",
    [
        ".local/stack.json",
        ".venv/bin/x.py",
        ".git/HEAD",
        "a/node_modules/x.js",
        "a/__pycache__/x.pyc",
        ".chalice/deployments/x.zip",
        "app.py~",
        ".app.py.swp",
    ],
)
def test_generated_files_are_not_watched(tmp_path: Path, name: str) -> None:
    write(tmp_path / name)
    assert reload.snapshot(tmp_path) == {}


def test_replaced_file_differs_whatever_its_time(tmp_path: Path) -> None:
    file, draft = tmp_path / "app.py", tmp_path / "draft"
    for path in (draft, file):
        write(path)
        os.utime(path, (1, 1))
    replacement = draft.rename(tmp_path.parent / "replacement")
    before = reload.snapshot(tmp_path)
    replacement.replace(file)
    assert reload.snapshot(tmp_path) != before


@pytest.mark.parametrize("change", ["add", "delete", "write"])
def test_change_is_reported_once_by_its_path(tmp_path: Path, change: str) -> None:
    write(tmp_path / "app.py")
    before = reload.snapshot(tmp_path)
    file = tmp_path / ("new.py" if change == "add" else "app.py")
    if change == "delete":
        file.unlink()
    else:
        file.write_text("another text")
    reported: list[str] = []
    called = threading.Event()

    def changed(path: str) -> None:
        reported.append(path)
        called.set()

    reload.watch(tmp_path, before, changed).join(60)
    assert called.is_set()
    assert reported == [str(file)]


class Interrupted(OSUtils):
    """Files in memory. `meanwhile` runs in the middle of the walk through them."""

    def __init__(self) -> None:
        self.times = {"/p/a": 1.0, "/p/b": 1.0, "/p/c": 1.0}
        self.meanwhile: Callable[[], None] = lambda: None

    def walk(
        self, path: str, followlinks: bool = False
    ) -> Iterator[tuple[str, list[str], list[str]]]:
        yield "/p", [], ["a"]
        self.meanwhile()
        yield "/p", [], ["b", "c"]

    def joinpath(self, *args: str) -> str:
        return "/".join(args)

    def mtime(self, path: str) -> float:
        return self.times[path]


@pytest.fixture
def unpatched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undo the patches of Chalice's watcher after the test."""
    for name in ("_single_pass_poll", "_is_changed_file"):
        monkeypatch.setattr(StatFileWatcher, name, getattr(StatFileWatcher, name))


@pytest.mark.parametrize("silenced", [False, True])
def test_watcher_is_silenced_during_a_pass(unpatched: None, silenced: bool) -> None:
    files, called = Interrupted(), []
    watcher = StatFileWatcher(files)
    watcher._seed_mtime_cache("/p")

    def meanwhile() -> None:
        files.times["/p/b"] = 2.0
        if silenced:
            chalice_internals.silence_watcher()

    files.meanwhile = meanwhile
    for _ in range(2):
        watcher._single_pass_poll("/p", lambda: called.append(True))
    assert bool(called) == (not silenced)
