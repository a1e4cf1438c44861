"""Writes with lost responses: applied once, or reported as outcome unknown."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.errors import OutcomeUnknown, PreconditionFailed
from tests.integration.examples import time_at
from tests.integration.network import (
    EMPTY,
    LOST,
    READ_TIMEOUT,
    REFUSED,
    THROTTLED,
    TRUNCATED,
    UNDELIVERED,
    Fault,
)
from tests.integration.scene import Scene, raises_exactly

ANSWERS: dict[str, type[Exception]] = {"412": PreconditionFailed, "unknown": OutcomeUnknown}
FAULTS = {"lost": LOST, "undelivered": UNDELIVERED, "refused": REFUSED}

# The first attempt's fault, the other writer's action before the second attempt, the response, and
# the final item: its owner and version. "first 1" exists at the start, except for "*-*".
PUTS = """
if-match          lost         -          done     ours 2
if-match          lost         written    unknown  theirs 3
if-match          lost         deleted    unknown  nothing
if-match          lost         recreated  unknown  theirs 1
if-match          undelivered  -          done     ours 2
if-match          undelivered  written    unknown  theirs 2
if-match          undelivered  deleted    unknown  nothing
if-match          undelivered  recreated  unknown  theirs 1
if-match          refused      -          done     ours 2
if-match          refused      written    412      theirs 2
if-match          refused      deleted    412      nothing
if-match          refused      recreated  412      theirs 1
if-none-match-*   lost         -          done     ours 1
if-none-match-*   lost         written    unknown  theirs 2
if-none-match-*   lost         deleted    unknown  nothing
if-none-match-*   lost         recreated  unknown  theirs 1
if-none-match-*   undelivered  -          unknown  nothing
if-none-match-*   undelivered  written    unknown  theirs 1
if-none-match-*   refused      -          done     ours 1
if-none-match-*   refused      written    412      theirs 1
if-match-*        lost         -          done     ours 2
if-match-*        lost         written    unknown  theirs 3
if-match-*        lost         deleted    unknown  nothing
if-match-*        lost         recreated  unknown  theirs 1
if-match-*        undelivered  -          unknown  first 1
if-match-*        undelivered  written    unknown  theirs 2
if-match-*        undelivered  deleted    unknown  nothing
if-match-*        refused      -          done     ours 2
if-match-*        refused      written    done     ours 3
if-match-*        refused      deleted    412      nothing
if-none-match     lost         -          done     ours 2
if-none-match     lost         written    unknown  theirs 3
if-none-match     lost         deleted    unknown  nothing
if-none-match     undelivered  -          unknown  first 1
if-none-match     undelivered  written    unknown  theirs 2
if-none-match     refused      -          done     ours 2
if-none-match     refused      deleted    done     ours 1
anyway            lost         -          done     ours 2
anyway            lost         written    done     ours 4
anyway            lost         deleted    done     ours 1
anyway            lost         recreated  done     ours 2
anyway            undelivered  -          done     ours 2
anyway            undelivered  written    done     ours 3
anyway            undelivered  deleted    done     ours 1
anyway            refused      -          done     ours 2
anyway            refused      written    done     ours 3
anyway            refused      deleted    done     ours 1
"""

DELETES = """
if-match          lost         -          done     nothing
if-match          lost         written    unknown  theirs 1
if-match          lost         deleted    done     nothing
if-match          undelivered  -          done     nothing
if-match          undelivered  written    unknown  theirs 2
if-match          undelivered  deleted    done     nothing
if-match          undelivered  recreated  unknown  theirs 1
if-match          refused      -          done     nothing
if-match          refused      written    412      theirs 2
if-match          refused      deleted    done     nothing
if-match          refused      recreated  412      theirs 1
anyway            lost         -          done     nothing
anyway            lost         written    done     nothing
anyway            lost         deleted    done     nothing
anyway            undelivered  -          done     nothing
anyway            undelivered  written    done     nothing
anyway            undelivered  deleted    done     nothing
anyway            refused      -          done     nothing
anyway            refused      written    done     nothing
anyway            refused      deleted    done     nothing
"""


def rows(table: str) -> Iterator[Any]:
    """Yield each row with a fault of its kind, the next in turn. `--long` has all its faults."""
    for number, line in enumerate(table.strip().splitlines()):
        asked, loss, meanwhile, answer, left = line.split(maxsplit=4)
        for turn, fault in enumerate(FAULTS[loss], number):
            marks = () if turn % len(FAULTS[loss]) == 0 else pytest.mark.long
            yield pytest.param(asked, fault, meanwhile, answer, left, marks=marks)


def begin(scene: Scene, asked: str, faults: list[Fault], *meanwhile: str) -> None:
    if asked != "if-none-match-*":
        scene.begin()
    scene.network.faults[:] = faults
    scene.meanwhile[:] = meanwhile


@pytest.mark.parametrize(("asked", "fault", "meanwhile", "answer", "left"), [*rows(PUTS)], ids=str)
def test_put(
    scene: Scene, asked: str, fault: Fault, meanwhile: str, answer: str, left: str
) -> None:
    begin(scene, asked, [fault], meanwhile)
    if answer == "done":
        assert scene.put(scene.asking(asked)) == scene.stored()
    else:
        raises_exactly(ANSWERS[answer], lambda: scene.put(scene.asking(asked)))
    assert scene.left() == left


@pytest.mark.parametrize(
    ("asked", "fault", "meanwhile", "answer", "left"), [*rows(DELETES)], ids=str
)
def test_delete(
    scene: Scene, asked: str, fault: Fault, meanwhile: str, answer: str, left: str
) -> None:
    begin(scene, asked, [fault], meanwhile)
    if answer == "done":
        scene.delete(scene.asking(asked))
    else:
        raises_exactly(ANSWERS[answer], lambda: scene.delete(scene.asking(asked)))
    assert scene.left() == left
    assert scene.network.sent == ["DeleteItem"] * 2


@pytest.mark.pairs
@pytest.mark.parametrize("asked", ["if-match-*", "if-none-match", "if-none-match-*"])
@pytest.mark.parametrize("fault", LOST, ids=str)
def test_repeatable_precondition_is_read_back(scene: Scene, asked: str, fault: Fault) -> None:
    begin(scene, asked, [fault])
    stored = scene.put(scene.asking(asked))
    assert scene.network.sent == ["UpdateItem", "GetItem"]
    assert scene.stored() == stored


@pytest.mark.pairs
@pytest.mark.parametrize("asked", ["if-match-*", "if-none-match", "if-none-match-*"])
@pytest.mark.parametrize("fault", LOST + REFUSED, ids=str)
def test_that_read_may_be_lost_too(scene: Scene, asked: str, fault: Fault) -> None:
    begin(scene, asked, [READ_TIMEOUT, fault])
    stored = scene.put(scene.asking(asked))
    assert scene.network.sent == ["UpdateItem", "GetItem", "GetItem"]
    assert scene.stored() == stored


@pytest.mark.parametrize("asked", ["if-match", "anyway"])
@pytest.mark.parametrize("again", [TRUNCATED, EMPTY], ids=str)
def test_truncated_condition_failure_is_resolved(scene: Scene, asked: str, again: Fault) -> None:
    begin(scene, asked, [READ_TIMEOUT, again])
    assert scene.put(scene.asking(asked)) == scene.stored()
    assert scene.left() == "ours 2"


@pytest.mark.parametrize("write", [Scene.put, Scene.delete])
def test_doubt_outlasts_a_later_refusal(scene: Scene, write: Callable[..., object]) -> None:
    begin(scene, "if-match", [UNDELIVERED[0], THROTTLED], "written")
    raises_exactly(OutcomeUnknown, lambda: write(scene, scene.asking("if-match")))
    assert scene.left() == "theirs 2"


@pytest.mark.pairs
@pytest.mark.parametrize("asked", ["anyway", "if-match-*", "if-none-match"])
@pytest.mark.parametrize("fault", REFUSED, ids=str)
def test_late_put_keeps_the_later_time(scene: Scene, asked: str, fault: Fault) -> None:
    scene.now = lambda: time_at(0)  # before the other writer's clock
    begin(scene, asked, [fault], "written")
    before = scene.stored().view
    after = scene.put(scene.asking(asked)).view
    assert scene.left() == "ours 3"
    assert before.created_at == after.created_at <= before.updated_at <= after.updated_at
    assert scene.network.sent == ["UpdateItem"] * 3


def test_late_put_with_a_stale_tag_is_refused(scene: Scene) -> None:
    scene.now = lambda: time_at(0)
    begin(scene, "if-match", [THROTTLED], "written")
    raises_exactly(PreconditionFailed, lambda: scene.put(scene.asking("if-match")))
    assert scene.left() == "theirs 2"


@settings(max_examples=25)
@given(
    asked=st.sampled_from(["if-match", "anyway"]),
    faults=st.lists(st.sampled_from(LOST + UNDELIVERED + REFUSED), max_size=3),
)
def test_put_is_applied_once_after_any_loss(
    scene_of: Callable[[], Scene], asked: str, faults: list[Fault]
) -> None:
    scene = scene_of()
    begin(scene, asked, faults)
    assert scene.put(scene.asking(asked)) == scene.stored()
    assert scene.left() == "ours 2"
    assert scene.network.faults == []
