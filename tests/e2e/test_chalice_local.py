"""`chalice local` when what it needs is not there."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from tests.dynamodb_local import free_port
from tests.e2e.conftest import TokenOf, running_chalice_local
from tests.e2e.problem import assert_problem
from tools.project import PROJECT


def test_with_the_cloud_stopped_a_good_token_is_not_called_a_bad_one(
    tmp_path: Path, stack: dict[str, Any], token_of: TokenOf
) -> None:
    gone = {**stack, "endpoint_url": f"http://127.0.0.1:{free_port()}"}
    (tmp_path / "stack.json").write_text(json.dumps(gone))
    headers = {"Authorization": f"Bearer {token_of('alice')}"}
    with running_chalice_local(tmp_path) as url:
        assert_problem(httpx.get(f"{url}/items", headers=headers), 500)
        assert_problem(httpx.get(f"{url}/items"), 401)
    assert "start it with `make run`" in (tmp_path / "chalice-local.log").read_text()


def test_with_nothing_deployed_it_says_so_and_ends(tmp_path: Path) -> None:
    # With reload, which is the default: the application is then imported in a thread.
    result = subprocess.run(
        [Path(sys.executable).with_name("chalice"), "local", "--stage", "local"],
        cwd=PROJECT,
        env={**os.environ, "LOCAL_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "nothing is deployed here yet; start it with `make run`" in result.stderr
