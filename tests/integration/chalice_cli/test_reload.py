"""`chalice local` starts again after each change of the project's own files, and after no other."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from local import embedded
from local.home import Home
from tests.chalice_local import ChaliceLocal, chalice_local
from tests.project_copy import copy_project

GENERATED = [
    ".local/state/table.json",
    ".venv/lib/package.py",
    "website/node_modules/package/index.js",
    "website/dist/index.html",
    ".git/index",
    "chalicelib/__pycache__/items.cpython-311.pyc",
    ".mypy_cache/cache.json",
    ".chalice/deployments/package.zip",
    "chalicelib/.items.py.swp",
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChaliceLocal]:
    directory = tmp_path_factory.mktemp("project")
    project = copy_project(directory)
    for name in GENERATED[::2]:
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text("before the start")
    with chalice_local(project / ".local", project=project) as server:
        yield server


def save(server: ChaliceLocal, how: str, name: str, old: str, new: str) -> None:
    """Change a file: written in place, replaced by `sed -i`, or renamed over as editors do."""
    file = server.project / name
    text = file.read_text()
    assert old in text
    if how == "sed":
        command = ["sed", "-i", f"s|{old}|{new}|", name]
        subprocess.run(command, cwd=server.project, check=True)
    elif how == "rename":
        draft = file.with_name("draft")
        draft.write_text(text.replace(old, new))
        # As `mv` and `git checkout` may: the new file looks older than the one it replaces.
        os.utime(draft, (0, 0))
        draft.replace(file)
    else:
        file.write_text(text.replace(old, new))


def await_code(server: ChaliceLocal, cache_control: str) -> None:
    """Wait until the running code is the one that sends this header."""
    key = embedded.signing_key(Home(server.home))
    headers = {"Authorization": f"Bearer {key.token('alice')}"}

    def is_served() -> bool:
        with suppress(httpx.TransportError):
            response = httpx.get(f"{server.url}/items", headers=headers, timeout=60)
            return response.headers["cache-control"] == cache_control
        return False

    server.wait_until(is_served)


def break_file(server: ChaliceLocal, file: Path) -> str:
    """Save a syntax error, wait until the server reports it, and return the text before."""
    good, failures = file.read_text(), server.output.count("SyntaxError")
    file.write_text("def broken(:\n" + good)
    server.wait_until(lambda: server.output.count("SyntaxError") > failures)
    return good


def await_starts(server: ChaliceLocal, number: int) -> None:
    server.wait_until(lambda: server.starts >= number)


def test_each_save_of_app_py_is_served(server: ChaliceLocal) -> None:
    """The items survive the restarts."""
    key = embedded.signing_key(Home(server.home))
    headers = {"Authorization": f"Bearer {key.token('alice')}"}
    item = {"id": "kept", "name": "Kept"}
    httpx.put(f"{server.url}/items", headers=headers, json=item, timeout=60).raise_for_status()
    texts = ["private, no-cache", "private, max-age=1", "private, max-age=2", "private, no-cache"]
    for how, current, following in zip(("sed", "rename", "write"), texts, texts[1:], strict=False):
        save(server, how, "app.py", current, following)
        await_code(server, following)
    response = httpx.get(f"{server.url}/items/kept", headers=headers, timeout=60)
    assert response.json()["name"] == "Kept"


def test_server_restarts_after_a_syntax_error(server: ChaliceLocal) -> None:
    file = server.project / "chalicelib" / "items.py"
    good = break_file(server, file)
    starts = server.starts
    file.write_text(good)
    await_starts(server, starts + 1)
    await_code(server, "private, no-cache")


def test_server_restarts_after_app_py_was_broken(server: ChaliceLocal) -> None:
    """Chalice's own watcher must see the change, because a broken `app.py` installs no other.

    It ignores a file that is saved before its first pass over the project has ended.
    """
    file = server.project / "app.py"
    good = break_file(server, file)
    starts = server.starts
    file.write_text(good)
    saved = time.monotonic()

    def is_restarted() -> bool:
        nonlocal saved
        if time.monotonic() > saved + 10:
            saved = time.monotonic()
            file.touch()
        return server.starts > starts

    server.wait_until(is_restarted)
    await_code(server, "private, no-cache")


def test_generated_files_do_not_restart_it(server: ChaliceLocal) -> None:
    starts = server.starts
    for name in GENERATED:  # some are new, some are changed
        file = server.project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("while it runs")
    # Of several changes, the first by name is printed: each of the above would come before.
    (server.project / "zzz.txt").touch()
    await_starts(server, starts + 1)
    assert server.output.count("zzz.txt changed: restarting") == 1
    assert server.starts == starts + 1
