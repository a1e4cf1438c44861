"""`make smoke`, as it is run after a release: that it passes, and that it fails when it should."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.cloud import Cloud
from local.home import Home
from tests.e2e.conftest import StoredItems, TokenOf
from tests.e2e.smoke.broken import Headers, Spoil, broken_gateway
from tools.project import PROJECT

LeftBehind = Callable[[], list[Any]]

# With the Python that runs this, whichever it is. (Another make may be running this, too.)
MAKE = ["make", "--no-print-directory", "smoke", f"BIN={Path(sys.executable).parent}", "READY="]


def smoke(home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MAKE, "STAGE=local"],
        cwd=PROJECT,
        env={**os.environ, "LOCAL_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        timeout=240,
    )


@pytest.fixture
def left_behind(cloud: Cloud, stack: dict[str, Any], stored_items: StoredItems) -> LeftBehind:
    """Return the new users and items since the start."""
    pages = cloud.client("cognito-idp").get_paginator("list_users")

    def people() -> list[str]:
        found = pages.paginate(UserPoolId=stack["user_pool_id"])
        return [
            each["Value"]
            for page in found
            for user in page["Users"]
            for each in user["Attributes"]
            if each["Name"] == "email" and each["Value"].startswith("smoke-")
        ]

    before = stored_items()
    return lambda: [*people(), *(item for item in stored_items() if item not in before)]


def test_it_passes_and_leaves_nothing_behind(
    stack: dict[str, Any], cloud: Cloud, left_behind: LeftBehind
) -> None:
    result = smoke(cloud.home.directory)
    assert result.returncode == 0, result.stdout + result.stderr
    last = result.stdout.strip().splitlines()[-1]
    assert " passed" in last
    assert "skipped" not in last
    assert "a token without the scope, by the gateway: 401" in result.stdout
    assert "the client for DynamoDB, by the gateway: " in result.stdout
    assert "not on this stage: test_the_page_is_https_only[/] (needs real AWS)" in result.stdout
    assert left_behind() == []


def _without_cors(answer: Headers) -> None:
    answer.pop("access-control-allow-origin", None)


def _with_old_answers(answer: Headers) -> None:
    if answer.get("cache-control") == "private, no-cache":
        answer["cache-control"] = "public, max-age=60"


@pytest.mark.parametrize(
    ("spoil", "let_in", "failing"),
    [
        pytest.param(
            _without_cors, False, "test_refusals.py", id="no CORS", marks=pytest.mark.long
        ),
        pytest.param(
            _with_old_answers,
            False,
            "test_walk.py",
            id="kept by caches",
            marks=pytest.mark.long,
        ),
        pytest.param(lambda _: None, True, "test_a_wrong_token_gets_nobody_in", id="no lock"),
    ],
)
def test_it_fails_when_something_is_wrong(
    spoil: Spoil,
    let_in: bool,
    failing: str,
    stack: dict[str, Any],
    tmp_path: Path,
    token_of: TokenOf,
    left_behind: LeftBehind,
) -> None:
    token = token_of("alice") if let_in else None
    with broken_gateway(stack["api_url"], spoil, token) as api_url:
        Home(tmp_path).write_stack({**stack, "api_url": api_url})
        result = smoke(tmp_path, PYTEST_ADDOPTS=f"--maxfail=1 -k 'gateway and {failing}'")
    assert result.returncode != 0, result.stdout
    assert any(
        line.startswith("FAILED") and failing in line for line in result.stdout.splitlines()
    ), result.stdout + result.stderr
    # The user cannot find items that were created with another user's token.
    assert let_in or left_behind() == []


@pytest.mark.long
def test_it_tidies_up_after_ctrl_c(
    stack: dict[str, Any], cloud: Cloud, left_behind: LeftBehind
) -> None:
    running = subprocess.Popen(
        [*MAKE, "STAGE=local"],
        cwd=PROJECT,
        env={**os.environ, "LOCAL_HOME": str(cloud.home.directory)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # so that it, and not these tests, can be interrupted
    )
    until = time.monotonic() + 120
    while not any(isinstance(each, dict) for each in left_behind()):  # until it has an item
        assert running.poll() is None, running.communicate()[0]
        assert time.monotonic() < until
        time.sleep(0.1)
    os.killpg(running.pid, signal.SIGINT)
    said = running.communicate(timeout=120)[0]
    assert running.returncode != 0
    assert "! Interrupted: interrupted !" in said or "! KeyboardInterrupt !" in said, said
    assert left_behind() == []
