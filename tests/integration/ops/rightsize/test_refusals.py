"""What `ops rightsize` refuses, and sizes that do not do."""

import pytest

from tests.integration.ops.rightsize.conftest import Desk
from tests.integration.ops.rightsize.function import fail_at, failure

# --- whose users would notice ---


def refused(desk: Desk, why: str, capsys: pytest.CaptureFixture[str]) -> bool:
    for dry in ((), ("--dry-run",)):
        assert desk.run(*dry) == 3
        assert why in capsys.readouterr().err
    return (desk.function.given, desk.function.measured) == ([], [])


def test_refuses_without_the_alias(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.function.live = None
    assert refused(desk, "has no alias live", capsys)


def test_refuses_when_the_alias_is_on_latest(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.function.live = "$LATEST"
    assert refused(desk, "the alias live of items-dev is on $LATEST", capsys)


def test_refuses_what_chalice_deployed(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """Even if there is an alias as well: the gateway that chalice made does not use it."""
    deployed = desk.project / ".chalice" / "deployed" / "dev.json"
    deployed.parent.mkdir()
    deployed.write_text('{"resources": [{"resource_type": "rest_api", "rest_api_id": "abc"}]}')
    assert refused(desk, "chalice deploy made stage dev", capsys)


def test_refuses_without_a_function(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.function.name = "items-other"
    assert refused(desk, "there is no function items-dev", capsys)


def test_no_refusal_hides_a_missing_right(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    for operation in ("GetAlias", "GetFunctionConfiguration"):
        desk.function.before = fail_at(1, operation, failure("AccessDeniedException", operation))
        assert desk.run() == 1
        assert "AccessDenied" in capsys.readouterr().err


def test_what_is_measured_is_not_what_is_live(desk: Desk) -> None:
    desk.function.live_code, desk.function.live_memory = "other", 512
    assert desk.run("--dry-run") == 0
    assert desk.about("note: version 3 is live, and $LATEST has other code than that")
    assert desk.about("note: $LATEST has 1024 MB, the live version 3 has 512")


# --- sizes that do not do ---


def test_a_size_that_fails_is_not_recommended(desk: Desk) -> None:
    desk.function.status = lambda memory, method, number: 0 if memory == 256 else 200
    assert desk.run("--sizes", "256,512") == 0
    assert desk.about("warning: 256 MB: 52 of 52 invocations failed")
    assert desk.about("recommended: 512 MB")


def test_an_error_of_the_applications_is_a_failure(desk: Desk) -> None:
    desk.function.status = lambda memory, method, number: 503 if memory == 256 else 200
    assert desk.run("--sizes", "256,512") == 0
    assert desk.about("warning: 256 MB: 52 of 52 invocations failed")


def test_what_a_size_could_not_delete_is_deleted_afterwards(desk: Desk) -> None:
    fails = ("DELETE", 256)
    desk.function.status = lambda memory, method, number: 0 if (method, memory) == fails else 200
    assert desk.run("--sizes", "256,512") == 0
    assert desk.function.measured[-13:] == [1024] * 13
    assert desk.function.items == set()
    assert desk.about("not deleted") == []


def test_a_size_that_the_account_may_not_have_is_left_out(desk: Desk) -> None:
    desk.function.most = 3008
    assert desk.run("--sizes", "512,1024,4096") == 0
    assert desk.about("4096 MB: left out, AWS refuses it")
    assert desk.function.given == [512, 1024]
    assert desk.about("recommended: ")


def test_nothing_is_recommended_when_nothing_can_be(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.function.used = 230
    assert desk.run("--sizes", "256") == 1
    assert "no size can be recommended" in capsys.readouterr().err
    assert desk.about("warning: 256 MB: 230 MB were in use, 90% of it")
    desk.function.most = 128
    assert desk.run("--sizes", "256,512") == 1
    assert "AWS refused each of the sizes" in capsys.readouterr().err


def test_a_log_without_a_report(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """An emulator's, or in the JSON format."""
    desk.function.has_report = False
    assert desk.run("--sizes", "256") == 1
    assert "the response's log has no REPORT line; it ends: " in capsys.readouterr().err
    assert (desk.function.memory, desk.function.items) == (1024, set())
