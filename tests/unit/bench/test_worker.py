"""A worker has Lambda's environment, and reports durations."""

from pathlib import Path

import pytest

from bench.function.event import get
from bench.function.worker import Failed, Worker

HANDLER = """
import logging, os, sys, time
until = time.process_time() + 0.02
while time.process_time() < until:
    pass
calls = []
def app(event, context):
    calls.append(event["path"])
    print("a line")
    logging.getLogger("x").warning("a warning")
    if event["path"] == "/items/bad":
        raise RuntimeError("of this kind")
    try:
        import pytest
    except ImportError:
        pytest = None
    return {
        "calls": len(calls), "path": sys.path, "pytest": bool(pytest),
        "variables": dict(os.environ), "left": context.get_remaining_time_in_millis(),
        "bytecode": sys.dont_write_bytecode,
    }
"""


@pytest.fixture
def task(tmp_path: Path) -> Path:
    directory = tmp_path / "task"
    directory.mkdir()
    (directory / "app.py").write_text(HANDLER)
    return directory


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    directory = tmp_path / "scratch"
    directory.mkdir()
    return directory


def test_it_is_alone(task: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "somebody's own")
    with Worker([task, scratch], scratch, {"LOG_LEVEL": "INFO"}) as worker:
        found = worker.invoke(get("1"))
    assert found["path"][:2] == [str(task), str(scratch)]
    assert not any("site-packages" in each for each in found["path"])
    assert not found["pytest"]
    assert found["bytecode"]
    assert not (task / "__pycache__").exists()
    assert found["variables"]["LOG_LEVEL"] == "INFO"
    assert found["variables"]["AWS_LAMBDA_FUNCTION_NAME"]
    assert "AWS_PROFILE" not in found["variables"]
    assert 0 < found["left"] <= 10_000


def test_it_says_what_things_took(task: Path, scratch: Path) -> None:
    with Worker([task], scratch, {}) as worker:
        assert worker.started.cpu >= 20  # milliseconds that the import burns
        took, answer = worker.ask(get("1"), times=3)
        assert answer["calls"] == 3
        assert took.cpu > 0
        assert took.wall > 0


def test_worker_output_is_unbuffered(task: Path, scratch: Path) -> None:
    with Worker([task], scratch, {}) as worker:
        worker.invoke(get("1"))
        first, second = (scratch / "output").read_text().splitlines()
    assert first == "a line"
    assert second.startswith("[WARNING]\t")
    assert second.endswith("\ta warning")


def test_its_end_has_a_reason(task: Path, scratch: Path) -> None:
    with Worker([task], scratch, {}) as worker, pytest.raises(Failed, match="of this kind"):
        worker.invoke(get("bad"))
    (task / "app.py").write_text("import nothing_like_this")
    with pytest.raises(Failed, match="nothing_like_this"):
        Worker([task], scratch, {})
