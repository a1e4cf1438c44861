"""`.venv/bin/python -m ops restore`: what it asks of AWS, what it refuses, how it ends."""

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.ops.conftest import EARLIEST, LATEST, NOW, RESTORED, TABLE, Scene
from tests.integration.ops.formation import arn

RESTORE = "RestoreTableToPointInTime"
RECOVERY = {
    "TableName": RESTORED,
    "PointInTimeRecoverySpecification": {
        "PointInTimeRecoveryEnabled": True,
        "RecoveryPeriodInDays": 35,
    },
}


def requests(scene: Scene, operation: str) -> list[dict[str, Any]]:
    return [parameters for name, parameters in scene.calls if name == operation]


def test_asks_for_exactly_the_moment(scene: Scene) -> None:
    assert scene.run("restore", "--to", "2026-01-30T10:15:30+02:00") == 0
    (request,) = requests(scene, RESTORE)
    moment = request.pop("RestoreDateTime")
    assert moment.isoformat() == "2026-01-30T08:15:30+00:00"
    assert request == {"SourceTableName": TABLE, "TargetTableName": RESTORED}
    assert f"restoring {TABLE} as of 2026-01-30T08:15:30.000Z to {RESTORED}" in scene.said
    assert f"  .venv/bin/python -m ops switch --stage dev --table {RESTORED}" in scene.said


def test_the_latest_moment_is_left_to_aws(scene: Scene) -> None:
    assert scene.run("restore", "--to", "latest", "--target", f"{TABLE}-restored-mine") == 0
    (request,) = requests(scene, RESTORE)
    assert request == {
        "SourceTableName": TABLE,
        "TargetTableName": f"{TABLE}-restored-mine",
        "UseLatestRestorableTime": True,
    }


def test_another_source_can_be_restored(scene: Scene) -> None:
    assert scene.run("restore", "--to", "latest") == 0
    scene.now += timedelta(hours=1)
    boto_settings = scene.client("dynamodb").describe_continuous_backups(TableName=RESTORED)
    assert (
        boto_settings["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"][
            "PointInTimeRecoveryStatus"
        ]
        == "ENABLED"
    )
    assert scene.run("restore", "--to", "latest", "--source", RESTORED) == 0
    assert requests(scene, RESTORE)[1]["SourceTableName"] == RESTORED
    # Not "…-restored-…-restored-…", which would grow out of what a name may be.
    assert requests(scene, RESTORE)[1]["TargetTableName"] == f"{TABLE}-restored-20260131T103000"


def test_waits_until_the_table_and_its_index_are_active(scene: Scene) -> None:
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
    assert f"{RESTORED}: creating, for 0.5 minutes" in scene.said


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        (EARLIEST - timedelta(milliseconds=1), 3),
        (EARLIEST, 0),
        (LATEST, 0),
        (LATEST + timedelta(milliseconds=1), 3),
    ],
)
def test_only_what_aws_can_restore(
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
        assert requests(scene, RESTORE)[0]["RestoreDateTime"] == moment


def test_refuses_without_point_in_time_recovery(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    scene.client("dynamodb").update_continuous_backups(
        TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )
    scene.calls.clear()
    assert scene.run("restore", "--to", "latest") == 3
    assert "no point-in-time recovery" in capsys.readouterr().err
    assert scene.calls == []


def test_refuses_a_target_that_exists(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    assert scene.run("restore", "--to", "latest") == 0
    scene.calls.clear()
    for how in ((), ("--drill",), ("--dry-run",)):
        assert scene.run("restore", "--to", "latest", "--target", RESTORED, *how) == 3
    assert f"there is a table {RESTORED} already" in capsys.readouterr().err
    assert scene.calls == []
    assert set(scene.tables()) == {TABLE, RESTORED}


def test_refuses_a_source_that_is_not_there(scene: Scene) -> None:
    assert scene.run("restore", "--to", "latest", "--source", "absent") == 3
    assert scene.calls == []


@pytest.mark.parametrize(
    ("arguments", "said"),
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
def test_usage(
    scene: Scene, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status: object = scene.run("restore", *arguments)
    except SystemExit as error:
        status = error.code
    assert status == 2
    assert said in capsys.readouterr().err
    assert scene.calls == []


def test_a_stage_without_a_data_stack(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    assert scene.run("restore", "--stage", "prod", "--to", "latest") == 2
    assert "no stack items-prod-data" in capsys.readouterr().err


@pytest.mark.parametrize("then", [[], ["--switch"], ["--drill"]])
def test_a_dry_run_changes_nothing(scene: Scene, then: list[str]) -> None:
    before = scene.variables()
    assert scene.run("restore", "--to", "latest", "--dry-run", *then) == 0
    assert scene.said[1] == f"would restore {TABLE} as of 2026-01-31T09:25:00.000Z to {RESTORED}"
    assert scene.said[-1].endswith("; no change was made")
    assert ("delete it again" in scene.said[-1]) == ("--drill" in then)
    assert ("point stage dev at it" in scene.said[-1]) == ("--switch" in then)
    assert (scene.calls, scene.tables(), scene.variables()) == ([], [TABLE], before)


def test_a_drill_restores_compares_and_deletes_what_it_made(scene: Scene) -> None:
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
    assert scene.said[-1] == "drill passed: restored in 0.0 minutes, compared after 0.0"


def test_a_drill_that_finds_a_difference_deletes_too(scene: Scene) -> None:
    scene.after(RESTORE, lambda _: scene.delete("alice#7", RESTORED))
    assert scene.run("restore", "--to", "latest", "--drill") == 1
    assert scene.tables() == [TABLE]
    assert not any("passed" in line for line in scene.said)
    assert "TagResource" not in scene.operations()


def test_a_drill_lifts_the_protection_of_its_own_table(scene: Scene) -> None:
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
    """Ctrl-C while it waits, compares, or sets the new table up."""
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
    assert len(requests(scene, RESTORE)) == 1
    assert scene.variables()["TABLE_NAME"] == RESTORED


def test_only_what_was_restored_from_the_source_is_resumed(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scene.run("restore", "--to", "latest") == 0
    source = f"{TABLE}-restored-other"
    scene.calls.clear()
    assert scene.run("restore", "--resume", "--source", source, "--target", RESTORED) == 3
    assert f"{RESTORED} is no table restored from {source}" in capsys.readouterr().err
    assert scene.run("restore", "--resume", "--target", f"{TABLE}-restored-absent") == 3
    assert scene.calls == []


def test_the_moment_of_a_run_is_that_of_its_clock(scene: Scene) -> None:
    scene.now = NOW + timedelta(seconds=61)
    assert scene.run("restore", "--to", "latest", "--dry-run") == 0
    assert scene.said[1].endswith(f"{TABLE}-restored-20260131T093101")


@pytest.mark.parametrize(
    "target", ["mine", TABLE, f"{TABLE}-copy", "items-prod-data-A-restored-1", f"x{RESTORED}"]
)
@pytest.mark.parametrize("then", [[], ["--switch"], ["--drill"], ["--dry-run"]])
def test_target_with_a_foreign_name_is_refused(
    scene: Scene, target: str, then: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The roles of the stage may use no other table, and its backups name each by its end."""
    assert scene.run("restore", "--to", "latest", "--target", target, *then) == 3
    assert "name it items-dev-data-…-restored-…" in capsys.readouterr().err
    assert scene.calls == []


def not_available(scene: Scene, times: int) -> None:
    """Let AWS refuse recovery that often for each table, as it does after a creation."""
    refused: dict[str, int] = {}

    def refuse(params: dict[str, Any], **_: Any) -> None:
        name = params["TableName"]
        refused[name] = refused.get(name, 0) + 1
        if refused[name] <= times:
            error = {"Code": "ContinuousBackupsUnavailableException", "Message": "Not yet."}
            client = scene.client("dynamodb")
            kind = client.exceptions.ContinuousBackupsUnavailableException
            raise kind({"Error": error}, "UpdateContinuousBackups")

    events = scene.client("dynamodb").meta.events
    events.register("before-parameter-build.dynamodb.UpdateContinuousBackups", refuse)


def test_recovery_is_turned_on_once_aws_allows_it(scene: Scene) -> None:
    not_available(scene, 3)
    assert scene.run("restore", "--to", "latest", "--switch") == 0
    assert scene.slept == [30, 30, 30]
    assert scene.variables()["TABLE_NAME"] == RESTORED
    scene.now += timedelta(hours=1)
    assert scene.run("restore", "--to", "latest", "--switch") == 0
    # From the restored table to the next, which is served now.
    second = requests(scene, RESTORE)[1]
    assert second["SourceTableName"] == RESTORED
    assert scene.variables()["TABLE_NAME"] == second["TargetTableName"] != RESTORED


def test_a_drill_waits_for_recovery(scene: Scene) -> None:
    not_available(scene, 2)
    assert scene.run("restore", "--to", "latest", "--drill") == 0
    assert scene.slept == [30, 30]
    assert scene.tables() == [TABLE]


def test_recovery_that_stays_unavailable_is_an_error(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    not_available(scene, 1000)
    assert scene.run("restore", "--to", "latest", "--switch") == 1
    assert f"pass --resume --source {TABLE} --target {RESTORED}" in capsys.readouterr().err
    assert scene.variables()["TABLE_NAME"] == TABLE
