"""`python -m local run` from its start to its end, and again."""

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import httpx
import pytest

from tests.dynamodb_local import free_port
from tests.e2e.command import Run, everything
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


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """`make run` in a home and on a port of its own, not started yet."""
    run = Run(tmp_path, free_port())
    yield run
    run.kill()


def assert_served(run: Run) -> str:
    """Fail unless the site serves only the page and the API. Return its host."""
    stack = run.stack
    site = urlsplit(stack["site_url"])
    assert site.port == run.port
    assert f"  Site     {stack['site_url']}\n" in run.output
    [viewer] = re.findall(r"  API docs (http://127\.0\.0\.1:\d+)\n", run.output)
    for file in ("", "swagger-ui-bundle.js", "swagger-ui.css"):
        httpx.get(f"{viewer}/{file}").raise_for_status()
    host = {"Host": site.netloc}
    told = httpx.get(f"{stack['endpoint_url']}/config.json", headers=host, timeout=30).json()
    assert told["login_url"] == stack["login_url"] == stack["endpoint_url"]
    with run.api() as api:
        found = httpx.get(
            f"{stack['endpoint_url']}/api/items",
            headers={**host, "Authorization": api.headers["authorization"]},
            timeout=30,
        )
        assert found.json() == api.get("/items").json()
    clients = {"endpoint_url": stack["endpoint_url"], "region_name": stack["region"]}
    distributions = boto3.client("cloudfront", **clients).list_distributions()
    assert distributions["DistributionList"]["Quantity"] == 1
    (client,) = [
        each
        for each in boto3.client("cognito-idp", **clients).list_user_pool_clients(
            UserPoolId=stack["user_pool_id"]
        )["UserPoolClients"]
        if each["ClientName"] == "items-local-site"
    ]
    assert client["ClientId"] == stack["site_client_id"] == told["client_id"]
    return str(site.hostname)


@pytest.mark.timeout(600)
def test_data_survives_kill_and_port_change(run: Run, tmp_path: Path) -> None:
    before = _git_status()
    run.start()
    assert len(run.processes()) >= 2  # this command and the cloud, which must end later
    assert run.stack.keys() >= STACK
    users = [user["username"] for user in run.stack["users"]]
    assert users == ["alice@example.com", "bob@example.com"]

    (line,) = re.findall(r"^  (curl .*)$", run.output, re.MULTILINE)
    curl = subprocess.run(
        ["bash", "-c", line], cwd=PROJECT, env=run.environment, capture_output=True, timeout=60
    )
    assert curl.returncode == 0, curl.stderr
    assert len(json.loads(curl.stdout)["items"]) == 3

    host = assert_served(run)
    with run.api() as api:
        seeded = list(everything(api))
        assert len(seeded) >= 60
        assert len(set(seeded)) == len(seeded)
        item = {"id": "kept", "name": "across a stop", "price": 12.5}
        kept = api.put("/items", json=item).raise_for_status()

    assert run.stop(signal.SIGKILL) == -signal.SIGKILL
    assert run.left_over() == []  # although it has not been run again

    elsewhere = Run(tmp_path, free_port())
    try:
        elsewhere.start()
        assert assert_served(elsewhere) == host
        with elsewhere.api() as api:
            found = api.get("/items/kept").raise_for_status()
            assert found.text == kept.text
            assert found.headers["etag"] == kept.headers["etag"]
            assert sorted(everything(api)) == sorted([*seeded, "kept"])
        assert elsewhere.stop(signal.SIGINT) == 0
        assert "Traceback" not in elsewhere.output
        assert elsewhere.left_over() == []
    finally:
        elsewhere.kill()
    assert _git_status() == before


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_during_start_leaves_no_process(run: Run, how: int) -> None:
    run.launch()
    run.wait_until(lambda: len(run.processes()) >= 2)  # this command, and the cloud just begun
    assert run.stop(how) == 0
    assert run.left_over() == []


def _git_status() -> str:
    command = ["git", "status", "--porcelain"]
    result = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    return result.stdout
