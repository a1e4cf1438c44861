"""Whatever happens to `ops rightsize`, the memory is put back, and what others did is left."""

import os
import signal
from typing import Any

import pytest

from tests.integration.ops.rightsize.conftest import Desk
from tests.integration.ops.rightsize.function import fail_at, failure

UPDATE = "UpdateFunctionConfiguration"
BY_HAND = "aws lambda update-function-configuration --function-name items-dev --memory-size 1024"


# --- whatever happens ---


@pytest.mark.parametrize(
    ("operation", "number", "error"),
    [
        ("Invoke", 1, failure("TooManyRequestsException", "Invoke")),
        ("Invoke", 10, failure("AccessDeniedException", "Invoke")),
        (UPDATE, 2, failure("ServiceException", UPDATE)),
        ("GetFunctionConfiguration", 9, failure("ServiceException", "GetFunctionConfiguration")),
        ("Invoke", 1, KeyboardInterrupt),
        ("Invoke", 10, KeyboardInterrupt),
        (UPDATE, 1, KeyboardInterrupt),
        (UPDATE, 2, KeyboardInterrupt),
        # While an update is under way, when another would be refused.
        ("GetFunctionConfiguration", 4, KeyboardInterrupt),
    ],
)
def test_after_a_failure_everything_is_as_before(
    desk: Desk, operation: str, number: int, error: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.function.before = fail_at(number, operation, error)
    interrupted = error is KeyboardInterrupt
    assert desk.run("--sizes", "256,512") == (130 if interrupted else 1)
    assert desk.function.memory == 1024
    assert desk.function.items == set()
    said = capsys.readouterr().err
    assert ("interrupted" if interrupted else "a fake's") in said
    assert f"should this be killed, put the memory back: {BY_HAND}" in desk.said


def test_an_interrupted_update_that_was_applied_is_undone(desk: Desk) -> None:
    update = desk.function.update_function_configuration

    def applied_then_interrupted(**parameters: Any) -> Any:
        update(**parameters)
        if len(desk.function.given) == 1:
            raise KeyboardInterrupt

    changed = applied_then_interrupted
    desk.function.update_function_configuration = changed  # type: ignore[method-assign] # for once
    assert desk.run("--sizes", "256") == 130
    assert desk.function.given == [256, 1024]
    assert not [line for line in desk.said if "somebody else" in line]


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP], ids=lambda ending: ending.name)
def test_being_ended_is_an_interruption(desk: Desk, ending: signal.Signals) -> None:
    handler = signal.getsignal(ending)

    def end(name: str, _: Any) -> None:
        if name == "Invoke" and len(desk.function.measured) == 6:
            desk.function.before = lambda name, parameters: None
            os.kill(os.getpid(), ending)

    desk.function.before = end
    assert desk.run("--sizes", "256,512") == 130
    assert desk.function.given == [256, 1024]
    assert desk.function.items == set()
    assert signal.getsignal(ending) == handler


@pytest.mark.parametrize("error", [failure("ExpiredToken", UPDATE), KeyboardInterrupt])
def test_how_to_put_it_back_is_said_when_that_fails(
    desk: Desk, error: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.function.before = fail_at(2, UPDATE, error)
    assert desk.run("--sizes", "256") == 1
    assert desk.function.memory == 256
    assert f"may not have its 1024 MB again. Before anything else: {BY_HAND}" in (
        capsys.readouterr().err
    )


def test_that_is_what_is_said_when_everything_fails(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    """Credentials that expire midway."""

    def expired(name: str, _: Any) -> None:
        if len(desk.function.measured) >= 5:
            raise failure("ExpiredToken", name)

    desk.function.before = expired
    assert desk.run("--sizes", "256") == 1
    assert BY_HAND in capsys.readouterr().err
    (item,) = desk.function.items
    assert desk.said[-1] == f"not deleted: the item {item} of the owner release-check"


def test_an_update_that_does_not_end(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    def stuck(name: str, _: Any) -> None:
        if name == "GetFunctionConfiguration" and desk.function.given:
            desk.function._updating = 2

    desk.function.before = stuck
    assert desk.run("--sizes", "256") == 1
    error = capsys.readouterr().err
    assert "does not come to an end" in error
    assert BY_HAND in error


# --- somebody else changes the function meanwhile ---


def test_a_release_meanwhile_is_noticed(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """It may have published a version with a size that was only being tried."""

    def release(name: str, _: Any) -> None:
        if name == "Invoke" and len(desk.function.measured) == 5:
            desk.function.others_change()

    desk.function.before = release
    assert desk.run("--sizes", "256,512") == 1
    assert "release again" in capsys.readouterr().err
    assert desk.function.given == [256, 1024]


def test_a_release_during_the_last_size_is_noticed(desk: Desk) -> None:
    def release(name: str, _: Any) -> None:
        if name == "Invoke" and len(desk.function.measured) == 90:
            desk.function.others_change()

    desk.function.before = release
    assert desk.run("--sizes", "256,512") == 0
    assert [line for line in desk.said if "release again" in line]
    assert desk.function.memory == 1024


def test_a_memory_that_others_set_is_theirs(desk: Desk) -> None:
    def change(name: str, _: Any) -> None:
        if name == "Invoke" and len(desk.function.measured) == 5:
            desk.function.others_change(memory=640)

    desk.function.before = change
    desk.run("--sizes", "256")
    assert desk.function.memory == 640
    assert desk.about("items-dev: left with 640 MB")
