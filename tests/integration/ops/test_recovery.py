"""Point-in-time recovery of a restored table, which AWS refuses for a while after a creation."""

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.ops.conftest import RESTORE, RESTORED, TABLE, Scene


def refuse_recovery(scene: Scene, times: int) -> None:
    """Refuse recovery so many times for each table."""
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
    refuse_recovery(scene, 3)
    assert scene.run("restore", "--to", "latest", "--switch") == 0
    assert scene.slept == [30, 30, 30]
    assert scene.variables()["TABLE_NAME"] == RESTORED
    scene.now += timedelta(hours=1)
    assert scene.run("restore", "--to", "latest", "--switch") == 0
    # From the restored table to the next, which the stage uses now.
    second = scene.requests(RESTORE)[1]
    assert second["SourceTableName"] == RESTORED
    assert scene.variables()["TABLE_NAME"] == second["TargetTableName"] != RESTORED


def test_drill_waits_for_recovery(scene: Scene) -> None:
    refuse_recovery(scene, 2)
    assert scene.run("restore", "--to", "latest", "--drill") == 0
    assert scene.slept == [30, 30]
    assert scene.tables() == [TABLE]


def test_unavailable_recovery_is_an_error(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    refuse_recovery(scene, 1000)
    assert scene.run("restore", "--to", "latest", "--switch") == 1
    assert f"pass --resume --source {TABLE} --target {RESTORED}" in capsys.readouterr().err
    assert scene.variables()["TABLE_NAME"] == TABLE
