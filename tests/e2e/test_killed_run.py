"""`python -m local run` is killed (SIGKILL), and then run again."""

import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from local.home import Home
from local.seed import ITEMS
from tests.dynamodb_local import free_port
from tests.e2e.command import Run, everything

# The first line of each phase. A run after a kill continues with the next phase.
FIRST_RUN = (
    "starting the local cloud",
    "items-local-data:",
    "packaging the API",
    "items-local-api:",
    "items-local: version 1 is live",
    "items-local-site:",
    "building the website",
    "uploading",
    "adding 64 items",
    "adding 3 items",
    "ready",
)
LATER_RUN = (
    "starting the local cloud",
    "items-local-data: no changes",
    "packaging the API",
    "items-local-api: no changes",
    "items-local-site: no changes",
    "building the website",
    "ready",
)
SEEDED = {item["id"] for item in ITEMS}
KEPT = {"id": "kept", "name": "across a kill"}


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    run = Run(tmp_path, free_port())
    yield run
    run.kill()


def _kill_at(run: Run, phase: str) -> None:
    assert run.stop_after(phase, signal.SIGKILL) == -signal.SIGKILL


def _start(run: Run) -> httpx.Client:
    run.start()
    assert "Traceback" not in run.output
    return run.api()


def _stop(run: Run) -> None:
    assert run.stop(signal.SIGINT) == 0
    assert "Traceback" not in run.output
    assert run.left_over() == []
    home = Home(run.home)
    assert not home.scratch.exists()
    assert not home.seeding_file.exists()


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_run_killed_in_each_phase_loses_nothing(run: Run) -> None:
    for phase in FIRST_RUN:
        _kill_at(run, phase)
    with _start(run) as api:
        assert set(everything(api)) == SEEDED
        api.put("/items", json=KEPT).raise_for_status()
    assert run.stop(signal.SIGKILL) == -signal.SIGKILL
    for phase in LATER_RUN:
        _kill_at(run, phase)
    with _start(run) as api:
        assert set(everything(api)) == SEEDED | {"kept"}
    _stop(run)
