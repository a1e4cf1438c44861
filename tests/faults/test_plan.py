"""When faults happen."""

from collections import Counter
from dataclasses import dataclass

import pytest

from tests.faults.plan import READS, WRITES, Plan, Rule


@dataclass(frozen=True)
class Named:
    name: str


A, B = Named("a"), Named("b")


@pytest.mark.parametrize("share", [0.0, 0.01, 0.1, 0.5, 1.0])
def test_a_share_of_the_requests_is_hit(share: float) -> None:
    plan = Plan(Rule([A], share))
    hit = sum(plan.next("GetItem") is A for _ in range(10_000))
    assert hit == pytest.approx(10_000 * share, rel=0.2)
    assert plan.seen == Counter(GetItem=10_000)
    assert plan.injected[A.name] == hit


def test_each_of_several_faults_happens() -> None:
    plan = Plan(Rule([A, B]))
    assert {plan.next("GetItem") for _ in range(100)} == {A, B}


def test_the_same_seed_gives_the_same_faults() -> None:
    def faults(seed: int) -> list[Named | None]:
        plan = Plan(Rule([A, B], 0.5), seed=seed)
        return [plan.next("GetItem") for _ in range(100)]

    assert faults(1) == faults(1)
    assert faults(1) != faults(2)


def test_first_matching_rule_applies() -> None:
    plan = Plan(Rule([A], operations=frozenset({"DeleteItem"})), Rule([B], operations=WRITES))
    assert {name: plan.next(name) for name in sorted(READS | WRITES | {"CreateTable"})} == {
        "CreateTable": None,
        "DeleteItem": A,
        "GetItem": None,
        "Query": None,
        "UpdateItem": B,
    }


def test_a_rule_ends_after_its_seconds() -> None:
    times = [100.0, 100.9, 101.0, 159.9, 160.0]
    clock = iter(times)
    plan = Plan(Rule([A], seconds=1.0), Rule([B], seconds=60.0), clock=lambda: next(clock))
    assert [plan.next("GetItem") for _ in times] == [A, A, B, B, None]
