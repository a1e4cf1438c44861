"""The commands that a person types: `python -m local run`, `token` and `logs`."""

import json
import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from chalicelib.auth import READ_SCOPE, WRITE_SCOPE
from local.cloud import Cloud
from tests.dynamodb_local import free_port
from tests.e2e.command import Run, assert_one_sentence, local
from tests.e2e.conftest import TokenOf
from tools.project import PROJECT


@pytest.fixture(scope="session")
def home(stack: dict[str, Any], cloud: Cloud) -> Path:
    """The home of the tests' own cloud, into which the application is deployed."""
    return cloud.home.directory


@pytest.mark.parametrize(
    ("options", "scopes"),
    [
        # In each run, test_run.py reads and writes with this token.
        pytest.param([], {READ_SCOPE, WRITE_SCOPE}, marks=pytest.mark.long),
        pytest.param(["--scope", READ_SCOPE], {READ_SCOPE}, marks=pytest.mark.long),
        (["--scope", READ_SCOPE, "--scope", "openid"], {READ_SCOPE, "openid"}),
    ],
)
def test_token_prints_a_valid_token_last(
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


def test_token_with_stopped_cloud_names_make_run(tmp_path: Path, stack: dict[str, Any]) -> None:
    gone = f"http://127.0.0.1:{free_port()}"
    left = {**stack, "endpoint_url": gone, "login_url": gone, "api_url": f"{gone}/api"}
    (tmp_path / "stack.json").write_text(json.dumps(left))
    assert_one_sentence(local(tmp_path, "token", "alice@example.com"), "make run", status=2)


def test_run_on_a_used_port_names_the_other_clone(cloud: Cloud, tmp_path: Path) -> None:
    result = local(tmp_path, "run", "--port", str(cloud.port))
    expected = f"port {cloud.port} is in use by the local cloud of {cloud.home.directory}:"
    assert_one_sentence(result, expected, "make run PORT=")
    assert not (tmp_path / "stack.json").exists()


def test_second_run_of_one_home_is_rejected(cloud: Cloud) -> None:
    result = local(cloud.home.directory, "run", "--port", str(free_port()))
    assert_one_sentence(
        result, "already running here", f"port {cloud.port}", f"`kill {os.getpid()}"
    )


@pytest.mark.long
@pytest.mark.timeout(400)
def test_two_clones_at_once_on_one_port(tmp_path: Path) -> None:
    port = free_port()
    runs = [Run(tmp_path / name, port) for name in ("one", "other")]
    try:
        for run in runs:
            run.home.mkdir()
            run.launch()
        runs[0].wait_until(lambda: any(run.ended() for run in runs), may_end=True)
        (loser,) = (run for run in runs if run.ended())
        (winner,) = (run for run in runs if run is not loser)
        winner.wait_until(lambda: "Ctrl-C stops everything." in winner.output)
        assert loser.status() == 1
        *progress, error = loser.output.splitlines()
        assert error.startswith(
            f"error: port {port} is in use by the local cloud of {winner.home}:"
        )
        # No deployment happened. The command may notice before it starts a process.
        assert all("starting the local cloud" in line for line in progress[-1:])
        assert not (loser.home / "stack.json").exists()
        assert winner.stop(signal.SIGINT) == 0
        for run in runs:
            assert run.left_over() == []
    finally:
        for run in runs:
            run.kill()


def test_logs_prints_a_requests_lines_in_order(
    home: Path, stack: dict[str, Any], token_of: TokenOf
) -> None:
    headers = {"Authorization": f"Bearer {token_of('alice')}"}
    ids = [f"logs-{n}" for n in range(3)]
    for id in ids:
        httpx.get(f"{stack['api_url']}/items", headers={**headers, "X-Correlation-Id": id})
    result = local(home, "logs", "--since", "1h")
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert [id for line in lines for id in ids if f'"{id}"' in line] == ids
    moments = [datetime.fromisoformat(line.partition(" ")[0]) for line in lines]
    assert moments == sorted(moments)
    assert local(home, "logs", "--since", "0s").stdout == ""


def test_logs_follow_prints_until_ctrl_c(
    home: Path, stack: dict[str, Any], token_of: TokenOf
) -> None:
    headers = {"Authorization": f"Bearer {token_of('alice')}"}
    with subprocess.Popen(
        [sys.executable, "-m", "local", "logs", "--follow"],
        cwd=PROJECT,
        env={**os.environ, "LOCAL_HOME": str(home)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        try:
            for id in ("follow-1", "follow-2"):
                headers["X-Correlation-Id"] = id
                httpx.get(f"{stack['api_url']}/items", headers=headers)
                line = next(line for line in process.stdout if "follow-" in line)
                assert f'"{id}"' in line  # the first of them is not printed twice
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
        finally:
            process.kill()


def test_logs_with_stopped_cloud_names_make_run(tmp_path: Path, stack: dict[str, Any]) -> None:
    gone = {**stack, "endpoint_url": f"http://127.0.0.1:{free_port()}"}
    (tmp_path / "stack.json").write_text(json.dumps(gone))
    assert_one_sentence(local(tmp_path, "logs"), "not running", "make run")
