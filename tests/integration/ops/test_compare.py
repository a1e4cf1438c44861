"""What a restore finds when it compares the new table with its source."""

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.ops.conftest import LATEST, RESTORED, TABLE, Scene

RESTORE = "RestoreTableToPointInTime"
BEFORE, AFTER = LATEST - timedelta(minutes=1), LATEST + timedelta(seconds=1)

#: More than are read at once.
COUNT = 110


@pytest.fixture
def count() -> int:
    return COUNT


def differences(scene: Scene) -> list[str]:
    start = "difference: "
    return [line.removeprefix(start) for line in scene.said if line.startswith(start)]


def test_alike(scene: Scene) -> None:
    assert scene.run("restore", "--to", "latest") == 0
    assert (
        "compared 110 items; 0 were written after the restored moment; "
        "by then there were 110, restored are 110"
    ) in scene.said
    assert differences(scene) == []


def test_a_missing_item(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    scene.after(RESTORE, lambda _: scene.delete("alice#7", RESTORED))
    assert scene.run("restore", "--to", "latest", "--switch") == 1
    assert differences(scene) == [
        "there were 110 items in the source by then, and 109 restored",
        "1 of the items compared are not in the restored table: alice#7",
    ]
    assert "--resume --accept-differences --switch" in capsys.readouterr().err
    # Nothing that differs is switched to by itself.
    assert scene.variables()["TABLE_NAME"] == TABLE


def test_an_extra_item(scene: Scene) -> None:
    scene.after(RESTORE, lambda _: scene.put("alice#new", RESTORED, at=BEFORE))
    assert scene.run("restore", "--to", "latest") == 1
    assert differences(scene) == [
        "there were 110 items in the source by then, and 111 restored",
        "1 of the items compared are only in the restored table: "
        "deleted since, or never there: alice#new",
    ]


def test_a_different_item(scene: Scene) -> None:
    scene.after(RESTORE, lambda _: scene.put("alice#7", RESTORED, name="another"))
    assert scene.run("restore", "--to", "latest") == 1
    assert differences(scene) == [
        "1 of the items compared differ, although by their own times they were not written "
        "since: alice#7"
    ]


def test_what_was_written_since_is_no_difference(scene: Scene) -> None:
    def meanwhile(_: object) -> None:
        scene.put("alice#7", name="changed", at=AFTER)
        scene.put("alice#new", at=AFTER)

    scene.after(RESTORE, meanwhile)
    scene.put("alice#7", name="first", at=BEFORE)
    assert scene.run("restore", "--to", "latest") == 1
    # It was made again meanwhile, so its count is not to be explained; its content is.
    assert differences(scene) == ["there were 109 items in the source by then, and 110 restored"]
    assert any(line.startswith("compared 111 items; 2 were written after") for line in scene.said)


def test_an_item_changed_since_is_no_difference(scene: Scene) -> None:
    later = AFTER.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    scene.after(RESTORE, lambda _: scene.put("alice#7", name="changed", updated_at=later))
    assert scene.run("restore", "--to", "latest") == 0


@pytest.mark.parametrize(("seconds", "status"), [(9, 0), (11, 1)])
def test_a_write_may_be_later_than_it_says(scene: Scene, seconds: int, status: int) -> None:
    at = LATEST - timedelta(seconds=seconds)
    scene.after(RESTORE, lambda _: scene.put("alice#slow", at=at))
    assert scene.run("restore", "--to", "latest") == status


def test_differences_can_be_what_one_restores_for(scene: Scene) -> None:
    scene.after(RESTORE, lambda _: scene.put("alice#lost", RESTORED, at=BEFORE))
    assert scene.run("restore", "--to", "latest", "--accept-differences", "--switch") == 0
    assert len(differences(scene)) == 2
    assert scene.variables()["TABLE_NAME"] == RESTORED


def test_a_sample_is_bounded_and_taken_both_ways(scene: Scene) -> None:
    def empty_and_fill(_: object) -> None:
        for n in range(COUNT):
            scene.delete(f"alice#{n}", RESTORED)
            scene.put(f"bob#{n}", RESTORED)

    scene.after(RESTORE, empty_and_fill)
    assert scene.run("restore", "--to", "latest", "--sample", "10") == 1
    assert any(line.startswith("compared 20 items;") for line in scene.said)
    missing, extra = differences(scene)
    assert missing.startswith("10 of the items compared are not in the restored table")
    assert extra.startswith("10 of the items compared are only in the restored table")
    # A random one, not the first.
    assert "alice#0, alice#1, alice#2, alice#3, alice#4" not in missing
    assert missing.endswith(", …")


def test_what_is_missing_beside_the_sample_is_counted(scene: Scene) -> None:
    def lose(_: object) -> None:
        for n in range(3):
            scene.delete(f"alice#{n}", RESTORED)

    scene.after(RESTORE, lose)
    assert scene.run("restore", "--to", "latest", "--sample", "1") == 1
    assert "there were 110 items in the source by then, and 107 restored" in differences(scene)


def test_a_missing_index(scene: Scene) -> None:
    def drop(parsed: dict[str, Any]) -> None:
        if parsed.get("Table", {}).get("TableName") == RESTORED:
            del parsed["Table"]["GlobalSecondaryIndexes"]

    scene.after("DescribeTable", drop)
    assert scene.run("restore", "--to", "latest") == 1
    assert differences(scene) == ["the tables differ in their indexes"]


def test_keys_that_were_throttled_are_asked_for_again(scene: Scene) -> None:
    throttled = iter([True])

    def hold_back(parsed: dict[str, Any]) -> None:
        if TABLE in parsed["Responses"] and next(throttled, False):
            late = parsed["Responses"][TABLE].pop()
            parsed["UnprocessedKeys"] = {TABLE: {"Keys": [{"id": late["id"]}]}}

    scene.after("BatchGetItem", hold_back)
    assert scene.run("restore", "--to", "latest") == 0
    assert scene.slept == [0.1]


@pytest.mark.parametrize(("billing", "slept"), [("PROVISIONED", 15.0), ("PAY_PER_REQUEST", 0.0)])
def test_a_provisioned_table_keeps_half_of_its_reads(
    scene: Scene, billing: str, slept: float
) -> None:
    def capacity(parsed: dict[str, Any]) -> None:
        if "Table" in parsed:
            parsed["Table"]["BillingModeSummary"] = {"BillingMode": billing}
            parsed["Table"]["ProvisionedThroughput"]["ReadCapacityUnits"] = 10
        if "ConsumedCapacity" in parsed:
            each = parsed["ConsumedCapacity"]
            for consumed in each if isinstance(each, list) else [each]:
                consumed["CapacityUnits"] = 12.5

    for operation in ("DescribeTable", "Scan", "BatchGetItem"):
        scene.after(operation, capacity)
    assert scene.run("restore", "--to", "latest") == 0
    # Of each table one page and two batches, of 12.5 units each; five units a second are ours.
    assert sum(scene.slept) == slept
