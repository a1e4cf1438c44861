"""After any end of `ops rightsize` the memory is restored, and changes by others are kept."""

import os
import signal
from typing import Any

import pytest

from tests.integration.ops.responses import failure
from tests.integration.ops.rightsize.conftest import Desk
from tests.integration.ops.rightsize.function import fail_at

UPDATE = "UpdateFunctionConfiguration"
BY_HAND = "aws lambda update-function-configuration --function-name items-dev --memory-size 1024"


# --- failures and interruptions ---


@pytest.mark.parametrize(
    ("operation", "number", "error"),
    [
        ("Invoke", 1, failure("Invoke", "TooManyRequestsException")),
        ("Invoke", 10, failure("Invoke", "AccessDeniedException")),
        (UPDATE, 2, failure(UPDATE, "ServiceException")),
        ("GetFunctionConfiguration", 9, failure("GetFunctionConfiguration", "ServiceException")),
        ("Invoke", 1, KeyboardInterrupt),
        ("Invoke", 10, KeyboardInterrupt),
        (UPDATE, 1, KeyboardInterrupt),
        (UPDATE, 2, KeyboardInterrupt),
        # While an update is under way, when another would be refused.
        ("GetFunctionConfiguration", 4, KeyboardInterrupt),
    ],
)
def test_failure_restores_the_function(
    desk: Desk, operation: str, number: int, error: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.function.before = fail_at(number, operation, error)
    interrupted = error is KeyboardInterrupt
    assert desk.run("--sizes", "256,512") == (130 if interrupted else 1)
    assert desk.function.memory == 1024
    assert desk.function.items == set()
    error_lines = capsys.readouterr().err
    assert ("interrupted" if interrupted else f" {operation}") in error_lines
    assert f"if this is killed, restore the memory: {BY_HAND}" in desk.lines


def test_interrupted_update_is_undone(desk: Desk) -> None:
    update = desk.function.update_function_configuration

    def applied_then_interrupted(**parameters: Any) -> Any:
        update(**parameters)
        if len(desk.function.configured) == 1:
            raise KeyboardInterrupt

    changed = applied_then_interrupted
    desk.function.update_function_configuration = changed  # type: ignore[method-assign] # for once
    assert desk.run("--sizes", "256") == 130
    assert desk.function.configured == [256, 1024]
    assert not [line for line in desk.lines if "somebody else" in line]


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP], ids=lambda ending: ending.name)
def test_signal_is_an_interruption(desk: Desk, ending: signal.Signals) -> None:
    handler = signal.getsignal(ending)

    def end(name: str, _: Any) -> None:
        if name == "Invoke" and len(desk.function.measured) == 6:
            desk.function.before = lambda name, parameters: None
            os.kill(os.getpid(), ending)

    desk.function.before = end
    assert desk.run("--sizes", "256,512") == 130
    assert desk.function.configured == [256, 1024]
    assert desk.function.items == set()
    assert signal.getsignal(ending) == handler


@pytest.mark.parametrize("error", [failure(UPDATE, "ExpiredToken"), KeyboardInterrupt])
def test_failed_restoration_prints_the_command(
    desk: Desk, error: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.function.before = fail_at(2, UPDATE, error)
    assert desk.run("--sizes", "256") == 1
    assert desk.function.memory == 256
    assert f"may not have its 1024 MB again. First run: {BY_HAND}" in (capsys.readouterr().err)


def test_expired_credentials_print_the_command(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    def expired(name: str, _: Any) -> None:
        if len(desk.function.measured) >= 5:
            raise failure(name, "ExpiredToken")

    desk.function.before = expired
    assert desk.run("--sizes", "256") == 1
    assert BY_HAND in capsys.readouterr().err
    (item,) = desk.function.items
    assert desk.lines[-1] == f"not deleted: the item {item} of the owner release-check"


def test_endless_update_is_an_error(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    def stuck(name: str, _: Any) -> None:
        if name == "GetFunctionConfiguration" and desk.function.configured:
            desk.function._updating = 2

    desk.function.before = stuck
    assert desk.run("--sizes", "256") == 1
    error = capsys.readouterr().err
    assert "does not come to an end" in error
    assert BY_HAND in error


# --- changes by others meanwhile ---


def test_release_meanwhile_is_reported(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """It may have published a version with a trial size."""

    def release(name: str, _: Any) -> None:
        if name == "Invoke" and len(desk.function.measured) == 5:
            desk.function.others_change()

    desk.function.before = release
    assert desk.run("--sizes", "256,512") == 1
    assert "release again" in capsys.readouterr().err
    assert desk.function.configured == [256, 1024]


def test_release_at_the_last_size_is_reported(desk: Desk) -> None:
    def release(name: str, _: Any) -> None:
        if name == "Invoke" and len(desk.function.measured) == 90:
            desk.function.others_change()

    desk.function.before = release
    assert desk.run("--sizes", "256,512") == 0
    assert [line for line in desk.lines if "release again" in line]
    assert desk.function.memory == 1024


def test_memory_set_by_others_is_kept(desk: Desk) -> None:
    def change(name: str, _: Any) -> None:
        if name == "Invoke" and len(desk.function.measured) == 5:
            desk.function.others_change(memory=640)

    desk.function.before = change
    desk.run("--sizes", "256")
    assert desk.function.memory == 640
    assert desk.about("items-dev: left with 640 MB")
