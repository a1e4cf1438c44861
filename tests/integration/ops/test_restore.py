"""`.venv/bin/python -m ops restore`: its requests, its refusals and its results."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from tests.integration.ops.conftest import (
    EARLIEST,
    LATEST,
    NOW,
    RESTORE,
    RESTORED,
    TABLE,
    Scene,
)
from tests.integration.ops.formation import arn

RECOVERY = {
    "TableName": RESTORED,
    "PointInTimeRecoverySpecification": {
        "PointInTimeRecoveryEnabled": True,
        "RecoveryPeriodInDays": 35,
    },
}


def test_request_has_the_exact_moment(scene: Scene) -> None:
    assert scene.run("restore", "--to", "2026-01-30T10:15:30+02:00") == 0
    (request,) = scene.requests(RESTORE)
    moment = request.pop("RestoreDateTime")
    assert moment.isoformat() == "2026-01-30T08:15:30+00:00"
    assert request == {"SourceTableName": TABLE, "TargetTableName": RESTORED}
    assert f"restoring {TABLE} as of 2026-01-30T08:15:30.000Z to {RESTORED}" in scene.lines
    assert f"  .venv/bin/python -m ops switch --stage dev --table {RESTORED}" in scene.lines


def test_latest_moment_is_left_to_aws(scene: Scene) -> None:
    assert scene.run("restore", "--to", "latest", "--target", f"{TABLE}-restored-mine") == 0
    (request,) = scene.requests(RESTORE)
    assert request == {
        "SourceTableName": TABLE,
        "TargetTableName": f"{TABLE}-restored-mine",
        "UseLatestRestorableTime": True,
    }


def test_another_source_can_be_restored(scene: Scene) -> None:
    assert scene.run("restore", "--to", "latest") == 0
    scene.now += timedelta(hours=1)
    backups = scene.client("dynamodb").describe_continuous_backups(TableName=RESTORED)
    recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"
    assert scene.run("restore", "--to", "latest", "--source", RESTORED) == 0
    assert scene.requests(RESTORE)[1]["SourceTableName"] == RESTORED
    # Not "…-restored-…-restored-…", which would exceed the length of a name.
    assert scene.requests(RESTORE)[1]["TargetTableName"] == f"{TABLE}-restored-20260131T103000"


def test_restore_waits_for_table_and_index(scene: Scene) -> None:
    states = iter(["CREATING", "CREATING", "INDEX"])

    def not_yet(parsed: dict[str, Any]) -> None:
        table = parsed.get("Table", {})
        if table.get("TableName") == RESTORED and (state := next(states, None)):
            if state == "INDEX":
                table["GlobalSecondaryIndexes"][0]["IndexStatus"] = "CREATING"
            else:
                table["TableStatus"] = state

    scene.after("DescribeTable", not_yet)
    assert scene.run("restore", "--to", "latest") == 0
    assert scene.slept == [30, 30, 30]
    assert f"{RESTORED}: creating, for 0.5 minutes" in scene.lines


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        (EARLIEST - timedelta(milliseconds=1), 3),
        (EARLIEST, 0),
        (LATEST, 0),
        (LATEST + timedelta(milliseconds=1), 3),
    ],
)
def test_moment_outside_the_window_is_refused(
    scene: Scene, moment: Any, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--to", moment.isoformat(), "--accept-differences")
    assert scene.run("restore", *options) == status
    if status:
        assert "can be from 2025-12-27T09:30:00.000Z to 2026-01-31T09:25:00.000Z" in (
            capsys.readouterr().err
        )
        assert scene.calls == []
    else:
        assert scene.requests(RESTORE)[0]["RestoreDateTime"] == moment


def test_table_without_recovery_is_refused(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    scene.client("dynamodb").update_continuous_backups(
        TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )
    scene.calls.clear()
    assert scene.run("restore", "--to", "latest") == 3
    assert "no point-in-time recovery" in capsys.readouterr().err
    assert scene.calls == []


def test_existing_target_is_refused(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    assert scene.run("restore", "--to", "latest") == 0
    scene.calls.clear()
    for how in ((), ("--drill",), ("--dry-run",)):
        assert scene.run("restore", "--to", "latest", "--target", RESTORED, *how) == 3
    assert f"there is a table {RESTORED} already" in capsys.readouterr().err
    assert scene.calls == []
    assert set(scene.tables()) == {TABLE, RESTORED}


def test_absent_source_is_refused(scene: Scene) -> None:
    assert scene.run("restore", "--to", "latest", "--source", "absent") == 3
    assert scene.calls == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--stage", "other", "--to", "latest"], "has no stage other"),
        (["--stage", "local", "--to", "latest"], "the local cloud"),
        (["--to", "yesterday"], "no time like"),
        (["--to", "2026-01-31T09:30:00"], "in no time zone"),
        (["--to", "latest", "--sample", "0"], "--sample"),
        (["--to", "latest", "--drill", "--switch"], "not allowed with"),
        (["--resume"], "--resume needs --target"),
        (["--resume", "--target", RESTORED, "--drill"], "--resume needs --target"),
        ([], "required"),
    ],
)
def test_wrong_usage_exits_with_2(
    scene: Scene, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status: object = scene.run("restore", *arguments)
    except SystemExit as error:
        status = error.code
    assert status == 2
    assert message in capsys.readouterr().err
    assert scene.calls == []


def test_stage_without_data_stack_fails(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    assert scene.run("restore", "--stage", "prod", "--to", "latest") == 2
    assert "no stack items-prod-data" in capsys.readouterr().err


@pytest.mark.parametrize("then", [[], ["--switch"], ["--drill"]])
def test_dry_run_makes_no_change(scene: Scene, then: list[str]) -> None:
    before = scene.variables()
    assert scene.run("restore", "--to", "latest", "--dry-run", *then) == 0
    assert scene.lines[1] == f"would restore {TABLE} as of 2026-01-31T09:25:00.000Z to {RESTORED}"
    assert scene.lines[-1].endswith("; no change was made")
    assert ("delete it again" in scene.lines[-1]) == ("--drill" in then)
    assert ("point stage dev at it" in scene.lines[-1]) == ("--switch" in then)
    assert (scene.calls, scene.tables(), scene.variables()) == ([], [TABLE], before)


def test_drill_deletes_the_restored_table(scene: Scene) -> None:
    assert scene.run("restore", "--to", "latest", "--drill") == 0
    assert scene.calls == [
        (
            RESTORE,
            {
                "SourceTableName": TABLE,
                "TargetTableName": RESTORED,
                "UseLatestRestorableTime": True,
            },
        ),
        ("UpdateContinuousBackups", RECOVERY),
        ("DeleteTable", {"TableName": RESTORED}),
        (
            "TagResource",
            {
                "ResourceArn": arn(TABLE),
                "Tags": [{"Key": "drilled", "Value": "2026-01-31T09:30:00.000Z"}],
            },
        ),
    ]
    assert scene.tables() == [TABLE]
    assert scene.lines[-1] == "drill passed: restored in 0.0 minutes, compared after 0.0"


def test_drill_with_a_difference_deletes_too(scene: Scene) -> None:
    scene.after(RESTORE, lambda _: scene.delete("alice#7", RESTORED))
    assert scene.run("restore", "--to", "latest", "--drill") == 1
    assert scene.tables() == [TABLE]
    assert not any("passed" in line for line in scene.lines)
    assert "TagResource" not in scene.operations()


def test_drill_unprotects_only_its_own_table(scene: Scene) -> None:
    def protect(_: object) -> None:
        boto = scene.client("dynamodb")
        boto.update_table(TableName=RESTORED, DeletionProtectionEnabled=True)

    scene.client("dynamodb").update_table(TableName=TABLE, DeletionProtectionEnabled=True)
    scene.after(RESTORE, protect)
    assert scene.run("restore", "--to", "latest", "--drill") == 0
    assert scene.tables() == [TABLE]
    source = scene.client("dynamodb").describe_table(TableName=TABLE)["Table"]
    assert source["DeletionProtectionEnabled"] is True


@pytest.mark.parametrize("operation", ["DescribeTable", "Scan", "TagResource"])
def test_interrupted_restore_can_be_resumed(
    scene: Scene, capsys: pytest.CaptureFixture[str], operation: str
) -> None:
    """Ctrl-C comes while it waits, compares, or sets the new table up."""
    scene.client("dynamodb").tag_resource(
        ResourceArn=f"arn:aws:dynamodb:us-east-1:123456789012:table/{TABLE}",
        Tags=[{"Key": "team", "Value": "items"}],
    )
    interruptions = iter([KeyboardInterrupt()])

    def interrupt(parsed: dict[str, Any]) -> None:
        if RESTORED in scene.tables() and (error := next(interruptions, None)):
            raise error

    scene.after(operation, interrupt)
    assert scene.run("restore", "--to", "latest", "--switch") == 130
    command = capsys.readouterr().err.strip().partition(".venv/bin/python -m ops ")[2].split()
    assert command == [
        *("restore", "--stage", "dev", "--resume", "--switch"),
        *("--source", TABLE, "--target", RESTORED),
    ]
    assert scene.run(*command) == 0
    assert len(scene.requests(RESTORE)) == 1
    assert scene.variables()["TABLE_NAME"] == RESTORED


def test_resume_needs_a_table_of_the_source(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scene.run("restore", "--to", "latest") == 0
    source = f"{TABLE}-restored-other"
    scene.calls.clear()
    assert scene.run("restore", "--resume", "--source", source, "--target", RESTORED) == 3
    assert f"{RESTORED} was not restored from {source}" in capsys.readouterr().err
    assert scene.run("restore", "--resume", "--target", f"{TABLE}-restored-absent") == 3
    assert scene.calls == []


def test_target_is_named_by_the_clock(scene: Scene) -> None:
    scene.now = NOW + timedelta(seconds=61)
    assert scene.run("restore", "--to", "latest", "--dry-run") == 0
    assert scene.lines[1].endswith(f"{TABLE}-restored-20260131T093101")


def test_target_with_a_foreign_name_is_refused(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    """The stage's roles and backups cover only names of this form."""
    names = ("mine", TABLE, f"{TABLE}-copy", "items-prod-data-A-restored-1", f"x{RESTORED}")
    for target, then in product(names, ([], ["--switch"], ["--drill"], ["--dry-run"])):
        assert scene.run("restore", "--to", "latest", "--target", target, *then) == 3
        assert "name it items-dev-data-…-restored-…" in capsys.readouterr().err
    assert scene.calls == []
