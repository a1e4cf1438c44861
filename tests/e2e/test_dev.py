"""`python -m local dev`, as at a terminal, in a copy of the project."""

import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.cloud import Cloud
from local.site import DEVELOPMENT_URL
from tests.dynamodb_local import free_port
from tests.e2e.command import Run, assert_one_sentence, local
from tests.e2e.conftest import TokenOf
from tests.serving import serving
from tools.project import PROJECT

PAGE_PORT = 5173
# Vite listens on the first of them that works.
ADDRESSES = sorted({(info[0], info[4]) for info in socket.getaddrinfo("localhost", PAGE_PORT)})


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Create a copy of the work tree, with the original's installed packages."""
    copy = tmp_path / "project"
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for name in names:
        if (PROJECT / name).exists():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, copy / name)
    (copy / "website" / "node_modules").symlink_to(PROJECT / "website" / "node_modules")
    (copy / ".local").mkdir()
    (copy / ".local" / "shared").symlink_to(PROJECT / ".local" / "shared")
    return copy


@pytest.fixture
def dev(project: Path, stack: dict[str, Any], cloud: Cloud, tmp_path: Path) -> Iterator[Run]:
    """The command, not started yet, beside the tests' own local cloud."""
    home = tmp_path / "output"
    home.mkdir()
    dev = Run(home, free_port(), "dev", project)
    dev.environment["LOCAL_HOME"] = str(cloud.home.directory)
    yield dev
    dev.kill()


def _status(url: str) -> int | None:
    try:
        return httpx.get(url, timeout=5).status_code
    except httpx.TransportError:
        return None


def _start(dev: Run) -> str:
    """The API's address, once it and the page respond."""
    dev.launch()
    api = f"http://127.0.0.1:{dev.port}/items"
    dev.wait_until(lambda: _status(api) == 401)
    dev.wait_until(lambda: _status(DEVELOPMENT_URL) == 200)
    return api


def _sed(script: str, file: Path) -> None:
    """Change a file as `sed -i` does: it writes another, and gives it the name."""
    before = file.stat().st_ino
    subprocess.run(["sed", "-i", script, file.name], cwd=file.parent, check=True)
    assert file.stat().st_ino != before


def _left_over(dev: Run) -> list[str]:
    left = dev.left_over()
    return left if _status(DEVELOPMENT_URL) is None else [*left, "Vite"]


@pytest.mark.timeout(400)
def test_dev_serves_new_code_after_each_save(dev: Run, project: Path, token_of: TokenOf) -> None:
    api = _start(dev)
    headers = {"Authorization": f"Bearer {token_of('alice')}"}

    def cache_control(url: str = api) -> str:
        try:
            return str(httpx.get(url, headers=headers, timeout=5).headers.get("cache-control"))
        except httpx.TransportError:
            return ""

    def has_cache_control(expected: str) -> Callable[[], bool]:
        return lambda: cache_control() == expected

    assert cache_control() == "private, no-cache"
    for save in ("first", "second"):
        _sed(f's/^CACHE_CONTROL = .*/CACHE_CONTROL = "{save}"/', project / "app.py")
        dev.wait_until(has_cache_control(save))
    # The page's server passes requests on to the API.
    assert cache_control(f"{DEVELOPMENT_URL}api/items") == "second"

    _sed("1i def (", project / "app.py")
    dev.wait_until(lambda: "SyntaxError" in dev.output and "the API has exited" in dev.output)
    assert cache_control() == ""
    _sed('1d; s/"second"/"mended"/', project / "app.py")
    dev.wait_until(has_cache_control("mended"))

    # A module that it imports, written in place.
    cors = project / "chalicelib" / "cors.py"
    cors.write_text(cors.read_text() + '\nprint("imported anew", flush=True)\n')
    dev.wait_until(lambda: "imported anew" in dev.output)

    assert dev.stop(signal.SIGINT) == 0
    assert "Traceback" not in dev.output.partition("mended")[2]
    assert _left_over(dev) == []


@pytest.mark.timeout(200)
@pytest.mark.long  # tests/e2e/test_run.py kills `make run` in each run
def test_dev_killed_leaves_no_process(dev: Run) -> None:
    _start(dev)
    assert dev.stop(signal.SIGKILL) == -signal.SIGKILL
    assert _left_over(dev) == []


@pytest.mark.long
@pytest.mark.timeout(200)
def test_dev_ends_with_vite(dev: Run) -> None:
    _start(dev)
    for pid, command in dev.matching(rf"API_ORIGIN=\S+:{dev.port}\b").items():
        if re.search(r"\bvite\b", command):
            os.kill(pid, signal.SIGKILL)
    assert dev.status() == 1
    assert "error: Vite has exited" in dev.output
    assert _left_over(dev) == []


def test_dev_without_deployment_names_make_run(tmp_path: Path) -> None:
    assert_one_sentence(local(tmp_path, "dev"), "has no deployment", "make run", status=2)


def test_dev_with_stopped_cloud_names_make_run(
    tmp_path: Path, stack: dict[str, Any], cloud: Cloud
) -> None:
    # Something responds at the address, but it is not of this home.
    (tmp_path / "stack.json").write_text(cloud.home.stack_file.read_text())
    assert_one_sentence(local(tmp_path, "dev"), "not running", "make run")


def test_dev_on_a_busy_port_names_another(stack: dict[str, Any], cloud: Cloud) -> None:
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    port = server.server_port
    with serving(server):
        result = local(cloud.home.directory, "dev", "--port", str(port))
    assert_one_sentence(result, f"port {port} is in use", "make dev DEV_PORT=")
    assert result.stdout == ""


@pytest.mark.long
@pytest.mark.parametrize(("family", "address"), ADDRESSES)
def test_dev_with_the_pages_port_busy_says_so(
    family: int, address: tuple[Any, ...], stack: dict[str, Any], cloud: Cloud
) -> None:
    with socket.create_server(address, family=family):
        result = local(cloud.home.directory, "dev", "--port", str(free_port()))
    assert_one_sentence(result, f"port {PAGE_PORT} is in use")
    assert result.stdout == ""
