"""SnapStart: init runs once, and each execution environment resets its copy of the snapshot."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.breaker import CircuitBreaker
from chalicelib.dynamodb.choice import sdk_client
from chalicelib.errors import CircuitOpen, ResourceNotFound, Unavailable
from chalicelib.items import ITEMS
from chalicelib.retry import Deadline, Retry, RetryBudget
from chalicelib.table import RecordTable
from tests.unit.stub import Stub, running

ON_LAMBDA = {"AWS_LAMBDA_FUNCTION_NAME": "items", "TABLE_NAME": "items"}
UNDER_SNAP_START = {**ON_LAMBDA, "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"}

# The used part of a module of Lambda's runtimes from Python 3.12 on:
# https://github.com/aws/snapshot-restore-py
RUNTIME = """
hooks = []

def register_after_restore(func, *args, **kwargs):
    hooks.append((func, args, kwargs))
    return func
"""
INITIALISE = """
import sys
import app
from chalicelib.table import records

hooks = getattr(sys.modules.get("snapshot_restore_py"), "hooks", [])
print([func.__self__ is records() for func, _, _ in hooks])
for func, args, kwargs in hooks:
    func(*args, **kwargs)
print("snapshot_restore_py" in sys.modules)
"""


@pytest.fixture
def dynamodb() -> Iterator[Stub]:
    with running() as stub:
        stub.answer = '{"ConsumedCapacity": {"CapacityUnits": 0.5}}'
        yield stub


def initialise(runtime: Path, dynamodb: Stub, **variables: str) -> list[str]:
    """Return the hooks, whether they are this table's, and whether their module was imported."""
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": dynamodb.url,
        "PYTHONPATH": f"{runtime}{os.pathsep}{Path.cwd()}",
        **variables,
    }
    result = subprocess.run(
        [sys.executable, "-c", INITIALISE],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.splitlines()[1:]  # without the line that says which client there is


def test_snapshot_copy_resets_the_client(tmp_path: Path, dynamodb: Stub) -> None:
    (tmp_path / "snapshot_restore_py.py").write_text(RUNTIME)
    assert initialise(tmp_path, dynamodb, **UNDER_SNAP_START) == ["[True]", "True"]
    assert len(dynamodb.requests) == 1  # connections and keys are ready in the snapshot


@pytest.mark.parametrize("kind", ["on-demand", "provisioned-concurrency"])
def test_without_a_snapshot_there_is_no_hook(tmp_path: Path, dynamodb: Stub, kind: str) -> None:
    # Older runtimes lack the module, and do not import it.
    variables = {**ON_LAMBDA, "AWS_LAMBDA_INITIALIZATION_TYPE": kind}
    assert initialise(tmp_path, dynamodb, **variables) == ["[]", "False"]
    assert len(dynamodb.requests) == 1


def test_runtime_without_hooks_initializes(tmp_path: Path, dynamodb: Stub) -> None:
    found = initialise(tmp_path, dynamodb, **UNDER_SNAP_START)
    assert found[-2:] == ["[]", "False"]
    assert "snapshot_restore_py" in found[0]  # the log of the failed import


@pytest.fixture
def table(dynamodb: Stub) -> RecordTable:
    client = sdk_client(
        endpoint_url=dynamodb.url,
        region_name="us-east-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
    )
    retry = Retry(sleep=lambda _: None, budget=RetryBudget(capacity=2, refund=0))
    return RecordTable(client, "items", retry, new_breaker=lambda name: CircuitBreaker(name, 3))


def read(table: RecordTable) -> None:
    with pytest.raises(ResourceNotFound):
        table.get(ITEMS, "alice", "1", Deadline.after(60))


def test_connections_of_before_are_not_used(table: RecordTable, dynamodb: Stub) -> None:
    read(table)
    read(table)
    assert (dynamodb.connections, len(dynamodb.requests)) == (1, 2)
    table.reset_after_restore()
    read(table)
    assert (dynamodb.connections, len(dynamodb.requests)) == (2, 3)


def test_failures_of_before_are_forgotten(table: RecordTable, dynamodb: Stub) -> None:
    dynamodb.status = 500

    def fail() -> int:
        """How many requests it takes to fail with a circuit that is closed, and all retries."""
        before = len(dynamodb.requests)
        with pytest.raises(Unavailable):
            table.get(ITEMS, "alice", "1", Deadline.after(60))
        return len(dynamodb.requests) - before

    assert fail() == 3  # one and two retries, after which the circuit is open
    with pytest.raises(CircuitOpen):
        table.get(ITEMS, "alice", "1", Deadline.after(60))
    table.reset_after_restore()
    assert fail() == 3  # the budget is full again too
    dynamodb.status = 200
    table.reset_after_restore()
    read(table)
