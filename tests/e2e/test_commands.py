"""The commands that a person types: `.venv/bin/python -m local run` and `token`."""

import json
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from local.cloud import Cloud
from tests.dynamodb_local import free_port
from tests.e2e.command import Run, local
from tools.project import PROJECT

STACK = {
    "api_url",
    "endpoint_url",
    "region",
    "table_name",
    "user_pool_id",
    "client_id",
    "login_url",
    "users",
}


def assert_one_sentence(
    result: subprocess.CompletedProcess[str], *words: str, status: int = 1
) -> None:
    """It failed, and says why and what to do in one line, without a traceback."""
    assert result.returncode == status, result.stderr
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    for word in words:
        assert word in line


@pytest.fixture(scope="session")
def home(stack: dict[str, Any], cloud: Cloud) -> Path:
    """The home of the tests' own cloud, into which the application is deployed."""
    return cloud.home.directory


@pytest.mark.parametrize(
    ("options", "scopes"),
    [
        ([], {"items/read", "items/write"}),
        (["--scope", "items/read"], {"items/read"}),
        (["--scope", "items/read", "--scope", "openid"], {"items/read", "openid"}),
    ],
)
def test_token_prints_one_that_works_as_the_last_line(
    options: list[str], scopes: set[str], home: Path, stack: dict[str, Any]
) -> None:
    result = local(home, "token", "alice@example.com", *options)
    assert result.returncode == 0, result.stderr
    token = result.stdout.splitlines()[-1]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert set(claims["scope"].split()) == scopes
    assert claims["token_use"] == "access"
    headers = {"Authorization": f"Bearer {token}"}
    assert httpx.get(f"{stack['api_url']}/items", headers=headers).status_code == 200


def test_token_for_nobody_names_those_who_are(home: Path) -> None:
    result = local(home, "token", "mallory@example.com")
    assert_one_sentence(
        result, "mallory@example.com", "alice@example.com", "bob@example.com", status=2
    )
    assert result.stdout == ""


def test_token_with_a_scope_that_is_none(home: Path) -> None:
    assert_one_sentence(local(home, "token", "alice@example.com", "--scope", "items/own"), "scope")


def test_token_with_nothing_deployed_says_how_to_start(tmp_path: Path) -> None:
    assert_one_sentence(local(tmp_path, "token", "alice@example.com"), "make run", status=2)


def test_token_with_the_cloud_stopped_says_how_to_start(
    tmp_path: Path, stack: dict[str, Any]
) -> None:
    gone = f"http://127.0.0.1:{free_port()}"
    left = {**stack, "endpoint_url": gone, "login_url": gone, "api_url": f"{gone}/api"}
    (tmp_path / "stack.json").write_text(json.dumps(left))
    assert_one_sentence(local(tmp_path, "token", "alice@example.com"), "make run", status=2)


def test_run_on_a_busy_port_names_it_and_another(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = local(tmp_path / "home", "run", "--port", str(port))
    assert_one_sentence(result, f"port {port} is in use", "stop what uses it", "make run PORT=")
    assert not (tmp_path / "home" / "stack.json").exists()


@pytest.mark.parametrize("command", [[], ["run"], ["token"]])
def test_help_is_there(command: list[str], tmp_path: Path) -> None:
    result = local(tmp_path, *command, "--help")
    assert result.returncode == 0
    assert result.stdout.startswith(" ".join(["usage: .venv/bin/python -m local", *command]))
    if not command:
        listed = re.findall(r"^    (\w+) +\w", result.stdout, re.MULTILINE)
        assert listed == ["run", "token"]


@pytest.mark.parametrize("wrong", [[], ["walk"], ["token"], ["run", "--port", "http"]])
def test_wrong_usage_is_2(wrong: list[str], tmp_path: Path) -> None:
    result = local(tmp_path, *wrong)
    assert result.returncode == 2
    assert result.stderr.startswith("usage: .venv/bin/python -m local")


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """`make run` in a home and on a port of its own, not started yet."""
    run = Run(tmp_path, free_port())
    yield run
    run.kill()


@pytest.mark.timeout(400)
def test_a_run_from_start_to_ctrl_c_and_again(run: Run) -> None:
    before = _git_status()
    run.start()
    assert len(run.processes()) >= 2  # this command and the cloud: what must be gone later
    assert run.stack.keys() >= STACK
    users = [user["username"] for user in run.stack["users"]]
    assert users == ["alice@example.com", "bob@example.com"]

    (line,) = re.findall(r"^  (curl .*)$", run.output, re.MULTILINE)
    curl = subprocess.run(
        ["bash", "-c", line], cwd=PROJECT, env=run.environment, capture_output=True, timeout=60
    )
    assert curl.returncode == 0, curl.stderr
    assert len(json.loads(curl.stdout)["items"]) == 3

    with run.api() as api:
        seeded = list(_everything(api))
        assert len(seeded) >= 60
        assert len(set(seeded)) == len(seeded)
        item = {"id": "kept", "name": "across a stop", "price": 12.5}
        kept = api.put("/items", json=item).raise_for_status()

    assert run.stop(signal.SIGINT) == 0
    assert "Traceback" not in run.output
    assert run.left_over() == []

    run.start()
    with run.api() as api:
        found = api.get("/items/kept").raise_for_status()
        assert found.text == kept.text
        assert found.headers["etag"] == kept.headers["etag"]
        assert sorted(_everything(api)) == sorted([*seeded, "kept"])

    assert run.stop(signal.SIGTERM) == 0
    assert run.left_over() == []
    assert _git_status() == before


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGHUP])
def test_ending_while_the_cloud_starts_leaves_nothing_running(run: Run, how: int) -> None:
    run.launch()
    run.wait_until(lambda: len(run.processes()) >= 2)  # this command, and the cloud just begun
    assert run.stop(how) == 0
    assert run.left_over() == []


def _git_status() -> str:
    command = ["git", "status", "--porcelain"]
    result = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    return result.stdout


def _everything(api: httpx.Client) -> Iterator[str]:
    """The ids of all of a user's items, page by page."""
    query = {"limit": "25"}
    while True:
        page = api.get("/items", params=query).raise_for_status().json()
        yield from (item["id"] for item in page["items"])
        if page["cursor"] is None:
            return
        query["cursor"] = page["cursor"]
