"""The table keeps its guarantees under all faults between it and DynamoDB.

The default runs are some thousand operations under all faults at once. With `--long` they are
longer, and each fault is injected by itself, at each share and for each kind of operation: some
20,000.
"""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.faults import below
from tests.faults.conftest import RunOf, as_shipped, stubborn
from tests.faults.fault import ALL, LATE, LISTENER_CLOSED, REFUSED, THROTTLED, Fault
from tests.faults.history import Kind, Operation, Outcome
from tests.faults.plan import READS, WRITES, Plan, Rule
from tests.faults.workload import Run

Record = Callable[[str, Any], None]

PROMPT = tuple(fault for fault in ALL if not fault.late)
OPERATIONS = {"reads": READS, "writes": WRITES, "UpdateItem": frozenset({"UpdateItem"})}


def check(run: Run, plan: Plan[Any], record_property: Record) -> None:
    """Fail on a violation, or if too few faults and requests happened."""
    found = run.violations()
    counts = {"operations": len(run.history), "violations": len(found), **plan.injected}
    record_property("faults", counts)
    assert not found, "\n\n".join(found)
    assert plan.injected


def go(run: Run, rounds: int, seen: Callable[[], bool]) -> None:
    """Run `rounds` rounds, then more until all required events have happened."""
    run.go(rounds)
    while not seen():
        run.go(rounds=1)


def in_vain(operations: list[Operation]) -> list[Operation]:
    outcomes = (Outcome.UNAVAILABLE, Outcome.UNKNOWN)
    return [each for each in operations if each.answer.outcome in outcomes]


@pytest.mark.parametrize(
    ("share", "rounds"),
    [
        (0.3, 4),
        pytest.param(0.1, 30, marks=pytest.mark.long),
        pytest.param(0.5, 15, marks=pytest.mark.long),
    ],
)
def test_all_faults(share: float, rounds: int, run_of: RunOf, record_property: Record) -> None:
    plan = Plan(Rule(PROMPT, share))
    run = run_of(plan)
    expected = {Outcome.DONE, Outcome.FAILED, Outcome.UNKNOWN}
    go(run, rounds, seen=lambda: run.outcomes().keys() >= expected)
    check(run, plan, record_property)


# `UpdateItem` is one of the writes.
@pytest.mark.parametrize(
    "operations",
    [
        pytest.param(each, id=name, marks=pytest.mark.long if name == "UpdateItem" else ())
        for name, each in OPERATIONS.items()
    ],
)
def test_all_faults_of_some_operations(
    operations: frozenset[str], run_of: RunOf, record_property: Record
) -> None:
    # The fault that closes the listener also affects new connections.
    plan = Plan(Rule([fault for fault in PROMPT if fault is not LISTENER_CLOSED], 0.5, operations))
    run = run_of(plan)
    go(run, rounds=1, seen=lambda: bool(in_vain(run.history)))
    check(run, plan, record_property)
    others = {Kind.GET} if operations <= WRITES else {Kind.PUT, Kind.DELETE}
    assert not others & {each.request.kind for each in in_vain(run.history)}


@pytest.mark.parametrize("rounds", [2, pytest.param(10, marks=pytest.mark.long)])
def test_requests_that_are_late(rounds: int, run_of: RunOf, record_property: Record) -> None:
    plan = Plan(Rule((LATE,), 0.2, WRITES), Rule(PROMPT, 0.1))
    run = run_of(plan, late=True)
    go(run, rounds, seen=lambda: plan.injected["late"] > 0)
    check(run, plan, record_property)


@pytest.mark.parametrize("rounds", [2, pytest.param(25, marks=pytest.mark.long)])
def test_table_with_breaker_and_budget(rounds: int, run_of: RunOf, record_property: Record) -> None:
    plan = Plan(Rule(PROMPT, 0.3))
    run = run_of(plan, settings=as_shipped)
    run.go(rounds)
    check(run, plan, record_property)
    assert run.outcomes()[Outcome.DONE]


@pytest.mark.parametrize("settings", [pytest.param(stubborn, marks=pytest.mark.long), as_shipped])
def test_when_it_is_over_everything_is_answered(
    settings: Callable[[], dict[str, Any]], run_of: RunOf, record_property: Record
) -> None:
    plan = Plan(Rule(REFUSED, 1.0, seconds=1.0))
    run = run_of(plan, settings=settings)
    until = time.monotonic() + 20
    while in_vain(run.go(rounds=1)):
        assert time.monotonic() < until
    run.go(rounds=2)
    check(run, plan, record_property)


@pytest.mark.parametrize("rounds", [8, pytest.param(1000, marks=pytest.mark.long)])
def test_below_the_client(rounds: int, quick_run_of: RunOf, record_property: Record) -> None:
    plan = Plan(Rule(below.FAULTS, 0.4))
    run = quick_run_of(plan)
    go(run, rounds, seen=lambda: run.outcomes().keys() == set(Outcome))
    check(run, plan, record_property)


@pytest.mark.long
@pytest.mark.parametrize("fault", ALL, ids=str)
@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("operations", OPERATIONS.values(), ids=OPERATIONS)
def test_each_fault(
    operations: frozenset[str], share: float, fault: Fault, run_of: RunOf, record_property: Record
) -> None:
    plan = Plan(Rule((fault,), share, operations))
    run = run_of(plan, late=fault.late)
    go(run, rounds=5, seen=lambda: bool(plan.injected))
    check(run, plan, record_property)


@pytest.mark.long
def test_a_minute_of_it(run_of: RunOf, record_property: Record) -> None:
    plan = Plan(Rule((THROTTLED,), 0.5, seconds=60.0), Rule(PROMPT, 0.2, seconds=60.0))
    run = run_of(plan, settings=as_shipped)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        run.go(rounds=1)
    run.go(rounds=20)
    check(run, plan, record_property)
