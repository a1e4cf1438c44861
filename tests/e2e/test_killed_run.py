"""`python -m local run` is killed (SIGKILL) in each of its phases, and then run again."""

import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from local.home import Home
from local.seed import ITEMS
from tests.dynamodb_local import free_port
from tests.e2e.command import Run

NewRun = Callable[[Path], Run]

# What it prints at the start of each phase of a first run.
PHASES = (
    "starting the local cloud",
    "items-local-data: ItemsTable",
    "packaging the API",
    "items-local-api: ApiHandlerRole",
    "items-local: version 1 is live",
    "items-local-site: Bucket",
    "building the website",
    "uploaded",
    "adding 64 items",
    "adding 3 items",
    "ready",
)
# Those of later runs, with what a person has stored.
LATER = (
    "starting the local cloud",
    "items-local-data: no changes",
    "packaging the API",
    "items-local-api: no changes",
    "building the website",
    "ready",
)


@pytest.fixture
def new_run() -> Iterator[NewRun]:
    runs: list[Run] = []

    def new_run(home: Path) -> Run:
        home.mkdir(exist_ok=True)
        runs.append(Run(home, free_port()))
        return runs[-1]

    yield new_run
    for run in runs:
        run.kill()


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in whose state somebody has stored an item."""
    run = Run(tmp_path_factory.mktemp("stored"), free_port())
    try:
        run.start()
        with run.api() as api:
            api.put("/items", json={"id": "kept", "name": "across a kill"}).raise_for_status()
        assert run.stop(signal.SIGTERM) == 0
    finally:
        run.kill()
    return run.home


def _ids(api: httpx.Client) -> set[str]:
    ids: set[str] = set()
    query: dict[str, str] = {"limit": "100"}
    while query:
        page = api.get("/items", params=query).raise_for_status().json()
        ids |= {item["id"] for item in page["items"]}
        query = {**query, "cursor": page["cursor"]} if page["cursor"] else {}
    return ids


def _assert_nothing_is_left(run: Run) -> None:
    assert run.stop(signal.SIGINT) == 0
    assert "Traceback" not in run.output
    assert run.left_over() == []
    home = Home(run.home)
    assert not home.scratch.exists()
    assert not home.seeding_file.exists()


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("phase", PHASES)
def test_first_run_killed_goes_on(phase: str, new_run: NewRun, tmp_path: Path) -> None:
    run = new_run(tmp_path / "home")
    assert run.stop_after(phase, signal.SIGKILL) == -signal.SIGKILL
    run.start()
    seeded = {item["id"] for item in ITEMS}
    with run.api() as api:
        assert _ids(api) == seeded
        api.put("/items", json={"id": "kept", "name": "across a kill"}).raise_for_status()
    assert run.stop(signal.SIGKILL) == -signal.SIGKILL
    run.start()
    with run.api() as api:
        assert _ids(api) == seeded | {"kept"}
    _assert_nothing_is_left(run)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "phase",
    [
        pytest.param(
            phase, marks=[] if phase in ("packaging the API", "ready") else pytest.mark.long
        )
        for phase in LATER
    ],
)
def test_later_run_killed_keeps_items(
    phase: str, stored: Path, new_run: NewRun, tmp_path: Path
) -> None:
    home = Path(shutil.copytree(stored, tmp_path / "home"))
    run = new_run(home)
    assert run.stop_after(phase, signal.SIGKILL) == -signal.SIGKILL
    run.start()
    with run.api() as api:
        assert "kept" in _ids(api)
    _assert_nothing_is_left(run)
