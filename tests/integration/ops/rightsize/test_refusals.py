"""`ops rightsize`: stages that it refuses, and sizes that fail."""

import pytest

from tests.integration.ops.conftest import record_chalice_deployment
from tests.integration.ops.responses import failure
from tests.integration.ops.rightsize.conftest import Desk
from tests.integration.ops.rightsize.function import fail_at

# --- stages whose users would notice ---


def assert_refused(desk: Desk, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    for dry in ((), ("--dry-run",)):
        assert desk.run(*dry) == 3
        assert message in capsys.readouterr().err
    assert (desk.function.configured, desk.function.measured) == ([], [])


@pytest.mark.parametrize(
    ("live", "message"),
    [(None, "has no alias live"), ("$LATEST", "the alias live of items-dev is on $LATEST")],
)
def test_stage_without_a_live_version_is_refused(
    desk: Desk, live: str | None, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.function.live = live
    assert_refused(desk, message, capsys)


def test_chalice_stage_is_refused(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """Even with an alias, because the gateway of `chalice deploy` does not use it."""
    record_chalice_deployment(desk.project)
    assert_refused(desk, "chalice deploy made stage dev", capsys)


def test_absent_function_is_refused(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.function.name = "items-other"
    assert_refused(desk, "there is no function items-dev", capsys)


def test_denied_right_is_no_refusal(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    for operation in ("GetAlias", "GetFunctionConfiguration"):
        desk.function.before = fail_at(1, operation, failure(operation, "AccessDeniedException"))
        assert desk.run() == 1
        assert "AccessDenied" in capsys.readouterr().err


def test_difference_to_the_live_version_is_noted(desk: Desk) -> None:
    desk.function.live_code, desk.function.live_memory = "other", 512
    assert desk.run("--dry-run") == 0
    assert desk.about("note: version 3 is live, and $LATEST has other code than that")
    assert desk.about("note: $LATEST has 1024 MB, the live version 3 has 512")


# --- sizes that fail ---


@pytest.mark.parametrize("status", [0, 503], ids=["killed", "error of the application"])
def test_failing_size_is_not_recommended(desk: Desk, status: int) -> None:
    desk.function.status = lambda memory, method, number: status if memory == 256 else 200
    assert desk.run("--sizes", "256,512") == 0
    assert desk.about("warning: 256 MB: 52 of 52 invocations failed")
    assert desk.about("recommended: 512 MB")


def test_undeleted_items_are_deleted_at_the_end(desk: Desk) -> None:
    fails = ("DELETE", 256)
    desk.function.status = lambda memory, method, number: 0 if (method, memory) == fails else 200
    assert desk.run("--sizes", "256,512") == 0
    assert desk.function.measured[-13:] == [1024] * 13
    assert desk.function.items == set()
    assert desk.about("not deleted") == []


def test_size_over_the_account_limit_is_left_out(desk: Desk) -> None:
    desk.function.most = 3008
    assert desk.run("--sizes", "512,1024,4096") == 0
    assert desk.about("4096 MB: left out, AWS refuses it")
    assert desk.function.configured == [512, 1024]
    assert desk.about("recommended: ")


def test_no_fit_size_is_an_error(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.function.used = 230
    assert desk.run("--sizes", "256") == 1
    assert "no size can be recommended" in capsys.readouterr().err
    assert desk.about("warning: 256 MB: 230 MB were in use, 90% of the memory")
    desk.function.most = 128
    assert desk.run("--sizes", "256,512") == 1
    assert "AWS refused each of the sizes" in capsys.readouterr().err


def test_log_without_a_report_is_an_error(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """The log is of an emulator, or in the JSON format."""
    desk.function.has_report = False
    assert desk.run("--sizes", "256") == 1
    assert "the response's log has no REPORT line; it ends: " in capsys.readouterr().err
    assert (desk.function.memory, desk.function.items) == (1024, set())
