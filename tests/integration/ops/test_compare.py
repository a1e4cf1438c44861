"""The comparison of a restored table with its source."""

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.ops.conftest import LATEST, RESTORE, RESTORED, TABLE, Scene

BEFORE, AFTER = LATEST - timedelta(minutes=1), LATEST + timedelta(seconds=1)

#: More items than one request reads.
many = pytest.mark.parametrize("count", [110])


def differences(scene: Scene) -> list[str]:
    start = "difference: "
    return [line.removeprefix(start) for line in scene.lines if line.startswith(start)]


@many
def test_equal_tables_have_no_difference(scene: Scene) -> None:
    assert scene.run("restore", "--to", "latest") == 0
    assert (
        "compared 110 items; 0 were written after the restored moment, "
        "when 110 existed; 110 are restored"
    ) in scene.lines
    assert differences(scene) == []


def test_missing_item_is_a_difference(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    scene.after(RESTORE, lambda _: scene.delete("alice#7", RESTORED))
    assert scene.run("restore", "--to", "latest", "--switch") == 1
    assert differences(scene) == [
        "12 items existed at the restored moment, and 11 are restored",
        "1 of the items compared are not in the restored table: alice#7",
    ]
    assert "--resume --accept-differences --switch" in capsys.readouterr().err
    # The stage does not switch to a table that differs.
    assert scene.variables()["TABLE_NAME"] == TABLE


def test_extra_item_is_a_difference(scene: Scene) -> None:
    scene.after(RESTORE, lambda _: scene.put("alice#new", RESTORED, at=BEFORE))
    assert scene.run("restore", "--to", "latest") == 1
    assert differences(scene) == [
        "12 items existed at the restored moment, and 13 are restored",
        "1 of the items compared are only in the restored table: "
        "deleted since, or never there: alice#new",
    ]


def test_changed_item_is_a_difference(scene: Scene) -> None:
    scene.after(RESTORE, lambda _: scene.put("alice#7", RESTORED, name="another"))
    assert scene.run("restore", "--to", "latest") == 1
    assert differences(scene) == [
        "1 of the items compared differ, although their updated_at is before the restored "
        "moment: alice#7"
    ]


def test_item_written_since_differs_by_count(scene: Scene) -> None:
    def meanwhile(_: object) -> None:
        scene.put("alice#7", name="changed", at=AFTER)
        scene.put("alice#new", at=AFTER)

    scene.after(RESTORE, meanwhile)
    scene.put("alice#7", name="first", at=BEFORE)
    assert scene.run("restore", "--to", "latest") == 1
    # The item was created again: that explains its content, but not the count.
    assert differences(scene) == ["11 items existed at the restored moment, and 12 are restored"]
    assert any(line.startswith("compared 13 items; 2 were written after") for line in scene.lines)


def test_item_changed_since_is_no_difference(scene: Scene) -> None:
    later = AFTER.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    scene.after(RESTORE, lambda _: scene.put("alice#7", name="changed", updated_at=later))
    assert scene.run("restore", "--to", "latest") == 0


@pytest.mark.parametrize(("seconds", "status"), [(9, 0), (11, 1)])
def test_write_may_be_later_than_its_time(scene: Scene, seconds: int, status: int) -> None:
    at = LATEST - timedelta(seconds=seconds)
    scene.after(RESTORE, lambda _: scene.put("alice#slow", at=at))
    assert scene.run("restore", "--to", "latest") == status


def test_accepted_differences_are_switched_to(scene: Scene) -> None:
    scene.after(RESTORE, lambda _: scene.put("alice#lost", RESTORED, at=BEFORE))
    assert scene.run("restore", "--to", "latest", "--accept-differences", "--switch") == 0
    assert len(differences(scene)) == 2
    assert scene.variables()["TABLE_NAME"] == RESTORED


@pytest.mark.parametrize("count", [40])
def test_sample_is_bounded_in_both_tables(scene: Scene, count: int) -> None:
    def empty_and_fill(_: object) -> None:
        for n in range(count):
            scene.delete(f"alice#{n}", RESTORED)
            scene.put(f"bob#{n}", RESTORED)

    scene.after(RESTORE, empty_and_fill)
    assert scene.run("restore", "--to", "latest", "--sample", "10") == 1
    assert any(line.startswith("compared 20 items;") for line in scene.lines)
    missing, extra = differences(scene)
    assert missing.startswith("10 of the items compared are not in the restored table")
    assert extra.startswith("10 of the items compared are only in the restored table")
    # A random sample, not the first items.
    assert "alice#0, alice#1, alice#2, alice#3, alice#4" not in missing
    assert missing.endswith(", …")


def test_missing_item_outside_sample_is_counted(scene: Scene) -> None:
    def lose(_: object) -> None:
        for n in range(3):
            scene.delete(f"alice#{n}", RESTORED)

    scene.after(RESTORE, lose)
    assert scene.run("restore", "--to", "latest", "--sample", "1") == 1
    assert "12 items existed at the restored moment, and 9 are restored" in differences(scene)


def test_missing_index_is_a_difference(scene: Scene) -> None:
    def drop(parsed: dict[str, Any]) -> None:
        if parsed.get("Table", {}).get("TableName") == RESTORED:
            del parsed["Table"]["GlobalSecondaryIndexes"]

    scene.after("DescribeTable", drop)
    assert scene.run("restore", "--to", "latest") == 1
    assert differences(scene) == ["the tables differ in their indexes"]


def test_throttled_keys_are_read_again(scene: Scene) -> None:
    throttled = iter([True])

    def hold_back(parsed: dict[str, Any]) -> None:
        if TABLE in parsed["Responses"] and next(throttled, False):
            late = parsed["Responses"][TABLE].pop()
            parsed["UnprocessedKeys"] = {TABLE: {"Keys": [{"id": late["id"]}]}}

    scene.after("BatchGetItem", hold_back)
    assert scene.run("restore", "--to", "latest") == 0
    assert scene.slept == [0.1]


@many
@pytest.mark.parametrize(("billing", "slept"), [("PROVISIONED", 15.0), ("PAY_PER_REQUEST", 0.0)])
def test_provisioned_table_keeps_half_its_reads(scene: Scene, billing: str, slept: float) -> None:
    def capacity(parsed: dict[str, Any]) -> None:
        if "Table" in parsed:
            parsed["Table"]["BillingModeSummary"] = {"BillingMode": billing}
            parsed["Table"]["ProvisionedThroughput"]["ReadCapacityUnits"] = 10
        if "ConsumedCapacity" in parsed:
            capacity = parsed["ConsumedCapacity"]
            for consumed in capacity if isinstance(capacity, list) else [capacity]:
                consumed["CapacityUnits"] = 12.5

    for operation in ("DescribeTable", "Scan", "BatchGetItem"):
        scene.after(operation, capacity)
    assert scene.run("restore", "--to", "latest") == 0
    # Each table takes one page and two batches of 12.5 units. The command may use 5 a second.
    assert sum(scene.slept) == slept
