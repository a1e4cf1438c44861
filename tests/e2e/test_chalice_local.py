"""`chalice local` with the deployment of `make run`, and with missing parts."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import httpx

from local.cloud import Cloud
from tests.chalice_local import PROGRAM, chalice_local
from tests.dynamodb_local import free_port
from tests.e2e.conftest import WITH_THE_STACK, ClientOf, Newcomer, TokenOf
from tests.e2e.problem import assert_problem
from tools.project import PROJECT


def test_without_stage_serves_the_running_stack(
    cloud: Cloud, stack: dict[str, Any], newcomer: Newcomer, client_of: ClientOf, tmp_path: Path
) -> None:
    (tmp_path / "stack.json").write_text(json.dumps(stack))
    name = newcomer("alice")
    item = {"id": "one", "name": "The same table"}
    client_of(name, stack["api_url"]).put("/items", json=item).raise_for_status()
    with chalice_local(tmp_path, "--no-autoreload") as server:
        first = server.output.splitlines()[0]
        assert first == f"Serving the local cloud of `make run`, at {cloud.endpoint}."
        assert client_of(name, server.url).get("/items/one").json()["name"] == "The same table"
        pasted = subprocess.run(
            ["bash", "-c", f"{server.curl} --silent --fail"], cwd=PROJECT, capture_output=True
        )
        assert pasted.returncode == 0, pasted.stderr
        assert json.loads(pasted.stdout).keys() == {"items", "cursor"}


def test_valid_token_without_cloud_is_not_401(
    tmp_path: Path, stack: dict[str, Any], token_of: TokenOf
) -> None:
    gone = {**stack, "endpoint_url": f"http://127.0.0.1:{free_port()}"}
    (tmp_path / "stack.json").write_text(json.dumps(gone))
    headers = {"Authorization": f"Bearer {token_of('alice')}"}
    with chalice_local(tmp_path, *WITH_THE_STACK) as server:
        assert_problem(httpx.get(f"{server.url}/items", headers=headers), 500)
        assert_problem(httpx.get(f"{server.url}/items"), 401)
        assert "run `make run`" in server.output


def test_without_deployment_exits_with_a_message(tmp_path: Path) -> None:
    # With reload, which is the default: the application is then imported in a thread.
    result = subprocess.run(
        [PROGRAM, "local", "--stage", "local"],
        cwd=PROJECT,
        env={**os.environ, "LOCAL_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "the local cloud has no deployment: run `make run`" in result.stderr
