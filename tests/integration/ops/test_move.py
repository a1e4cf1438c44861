"""`.venv/bin/python -m ops move`: move the items of one owner to another owner."""

from typing import Any

import pytest

from tests.integration.ops.conftest import TABLE, Scene

OLD, NEW = "old-sub", "new-sub"


def items(scene: Scene, owner: str) -> dict[str, Any]:
    stored = scene.others.scan(TableName=TABLE)["Items"]
    return {item["id"]["S"]: item for item in stored if item["owner"]["S"] == f"{owner}#items"}


def move(scene: Scene, *options: str) -> int:
    return scene.run("move", "--from", OLD, "--to", NEW, *options)


@pytest.fixture
def two(empty: Scene) -> Scene:
    for id in ("1", "2"):
        empty.put(f"{OLD}#items#{id}", owner=f"{OLD}#items", name="x", etag=f"token-{id}.0")
    empty.put(f"{OLD}er#items#1", owner=f"{OLD}er#items", name="another's")
    return empty


def test_items_move_unchanged(two: Scene) -> None:
    before = items(two, OLD)
    assert move(two) == 0
    assert items(two, OLD) == {}
    moved = {
        id.replace(OLD, NEW): {
            **item,
            "id": {"S": id.replace(OLD, NEW)},
            "owner": {"S": f"{NEW}#items"},
        }
        for id, item in before.items()
    }
    assert items(two, NEW) == moved
    assert set(items(two, f"{OLD}er")) == {f"{OLD}er#items#1"}
    assert f"moved 2 items from {OLD} to {NEW}" in two.lines
    assert move(two) == 0
    assert items(two, NEW) == moved


def test_each_item_is_one_transaction(two: Scene) -> None:
    assert move(two) == 0
    assert set(two.operations()) == {"TransactWriteItems", "Query"}


def test_dry_run_makes_no_change(two: Scene) -> None:
    assert move(two, "--dry-run") == 0
    assert set(two.operations()) == {"Query"}
    assert f"would move 2 items to {NEW}; no change was made" in two.lines


def test_item_with_a_taken_id_stays(two: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    two.put(f"{NEW}#items#1", owner=f"{NEW}#items", name="already there")
    assert move(two) == 1
    assert set(items(two, OLD)) == {f"{OLD}#items#1"}
    assert items(two, NEW)[f"{NEW}#items#1"]["name"] == {"S": "already there"}
    assert f"1 items were not moved, because {NEW} has" in capsys.readouterr().err


def test_item_that_changes_meanwhile_stays(two: Scene) -> None:
    """Its new version would be lost, or two owners would have it."""

    def write(parsed: dict[str, Any]) -> None:
        if parsed.get("Item", {}).get("id") == {"S": f"{OLD}#items#1"}:
            two.put(f"{OLD}#items#1", owner=f"{OLD}#items", name="newer", etag="token-3.0")

    two.after("GetItem", write)
    assert move(two) == 1
    assert items(two, OLD)[f"{OLD}#items#1"]["name"] == {"S": "newer"}
    assert set(items(two, NEW)) == {f"{NEW}#items#2"}


def test_item_deleted_meanwhile_stays_deleted(two: Scene) -> None:
    def delete(_: object) -> None:
        two.delete(f"{OLD}#items#1", TABLE)

    two.after("Query", delete)
    assert move(two) == 0
    assert set(items(two, NEW)) == {f"{NEW}#items#2"}
