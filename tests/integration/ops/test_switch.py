"""`.venv/bin/python -m ops switch`: point a stage at a restored table, and back."""

import copy
from typing import Any

import pytest

from infra.function.policy import function_policy, point_at_data
from infra.stage import Stage
from tests.integration.ops.conftest import RESTORED, TABLE, Scene, record_chalice_deployment
from tests.integration.ops.formation import POOL, TEMPLATE, arn
from tools.templates import create_table, table_properties

NAME = "items-dev"


@pytest.fixture
def restored(empty: Scene) -> Scene:
    empty.put("alice#1")
    assert empty.run("restore", "--to", "latest") == 0
    assert empty.variables()["TABLE_NAME"] == TABLE
    empty.calls.clear()
    empty.lines.clear()
    return empty


def in_use(scene: Scene) -> str:
    return scene.formation.outputs()["TableName"]


def test_switch_changes_stack_and_configuration(restored: Scene) -> None:
    assert restored.run("switch", "--table", RESTORED) == 0
    assert in_use(restored) == RESTORED
    assert restored.variables() == {
        "APP_NAME": "items",
        "TABLE_NAME": RESTORED,
        "USER_POOL_ARN": POOL,
    }
    # The live version has the old name and this role until the next deployment.
    assert restored.policy() == function_policy(arn(RESTORED), NAME, [arn(TABLE)])
    ((operation, request),) = restored.calls
    assert (operation, request["TemplateBody"]) == ("UpdateStack", TEMPLATE)
    assert request["Parameters"] == [
        {"ParameterKey": "TableInUse", "ParameterValue": RESTORED},
        {"ParameterKey": "Backups", "UsePreviousValue": True},
    ]
    command = (
        ".venv/bin/python -m infra api --stage dev --bucket BUCKET --parameter Canary=AllAtOnce"
    )
    assert f"  {command}" in restored.lines
    assert f"  .venv/bin/python -m ops switch --stage dev --table {TABLE}" in restored.lines


def test_data_deployment_narrows_the_policy(restored: Scene) -> None:
    assert restored.run("switch", "--table", RESTORED) == 0
    point_at_data(Stage.load(restored.project, "dev"), restored.formation.outputs())
    assert restored.policy() == function_policy(arn(RESTORED), NAME)
    assert restored.variables()["TABLE_NAME"] == RESTORED


def test_second_switch_keeps_the_policy(restored: Scene) -> None:
    for _ in range(2):
        assert restored.run("switch", "--table", RESTORED) == 0
        assert restored.policy() == function_policy(arn(RESTORED), NAME, [arn(TABLE)])


def test_switch_back_restores_the_own_table(restored: Scene) -> None:
    assert restored.run("switch", "--table", RESTORED) == 0
    assert restored.run("switch", "--table", TABLE) == 0
    assert in_use(restored) == TABLE
    assert restored.variables()["TABLE_NAME"] == TABLE
    assert restored.policy() == function_policy(arn(TABLE), NAME, [arn(RESTORED)])
    parameters = restored.calls[-1][1]["Parameters"]
    assert parameters[0] == {"ParameterKey": "TableInUse", "ParameterValue": ""}


def test_unchanged_stack_is_an_error(restored: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    restored.formation.updates = False
    assert restored.run("switch", "--table", RESTORED) == 1
    assert f"the data stack still names {TABLE}" in capsys.readouterr().err
    assert restored.variables()["TABLE_NAME"] == TABLE


def test_restore_can_switch(scene: Scene) -> None:
    assert scene.run("restore", "--to", "latest", "--switch") == 0
    assert in_use(scene) == RESTORED
    assert scene.variables()["TABLE_NAME"] == RESTORED
    assert scene.policy() == function_policy(arn(RESTORED), NAME, [arn(TABLE)])


def test_chalice_stage_is_deployed_with_chalice(restored: Scene) -> None:
    record_chalice_deployment(restored.project)
    assert restored.run("switch", "--table", RESTORED) == 0
    assert "  .venv/bin/chalice deploy --stage dev" in restored.lines


def test_account_bucket_needs_no_option(restored: Scene) -> None:
    restored.formation.others["items-account"] = {"ArtefactBucket": "artefacts"}
    assert restored.run("switch", "--table", RESTORED) == 0
    assert (
        "  .venv/bin/python -m infra api --stage dev --parameter Canary=AllAtOnce" in restored.lines
    )


def test_dry_run_makes_no_change(restored: Scene) -> None:
    assert restored.run("switch", "--table", RESTORED, "--dry-run") == 0
    assert restored.lines == [
        "account 123456789012, us-east-1, stage dev",
        f"would point stage dev at {RESTORED}; no change was made",
    ]
    assert (in_use(restored), restored.calls) == (TABLE, [])
    assert restored.variables()["TABLE_NAME"] == TABLE


def keys_only(request: dict[str, Any]) -> None:
    request["GlobalSecondaryIndexes"][0]["Projection"] = {"ProjectionType": "KEYS_ONLY"}


def without_index(request: dict[str, Any]) -> None:
    del request["GlobalSecondaryIndexes"]
    request["AttributeDefinitions"] = [{"AttributeName": "id", "AttributeType": "S"}]


def numeric(request: dict[str, Any]) -> None:
    request["AttributeDefinitions"][0]["AttributeType"] = "N"


def other_key(request: dict[str, Any]) -> None:
    request["KeySchema"][0]["AttributeName"] = "owner"
    without_index(request)
    request["AttributeDefinitions"][0]["AttributeName"] = "owner"


def other_index_key(request: dict[str, Any]) -> None:
    request["GlobalSecondaryIndexes"][0]["KeySchema"][0]["AttributeName"] = "id"


FOREIGN = [
    (numeric, "its id is no key of type S"),
    (other_key, "it has another KeySchema"),
    (without_index, "it lacks the index by_owner"),
    (keys_only, "its index by_owner lacks etag, summary, updated_at, version"),
    (other_index_key, "its index by_owner has another KeySchema"),
]


@pytest.mark.parametrize("is_gone", [False, True], ids=["own table", "own table gone"])
def test_foreign_table_is_refused(
    restored: Scene, is_gone: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """The stage's own table is not read, because its loss is a reason to switch."""
    if is_gone:
        restored.others.delete_table(TableName=TABLE)
    for number, (change, reason) in enumerate(FOREIGN):
        foreign = f"{TABLE}-restored-{number}"
        request = copy.deepcopy(table_properties())
        change(request)
        parts = [request, *request.get("GlobalSecondaryIndexes", [])]
        used = {key["AttributeName"] for part in parts for key in part["KeySchema"]}
        request["AttributeDefinitions"] = [
            attribute
            for attribute in request["AttributeDefinitions"]
            if attribute["AttributeName"] in used
        ]
        restored.others.create_table(TableName=foreign, **request)
        assert restored.run("switch", "--table", foreign) == 3
        error = capsys.readouterr().err
        assert f"{foreign} is not a table of items: " in error
        assert reason in error
    assert (in_use(restored), restored.calls) == (TABLE, [])
    assert restored.run("switch", "--table", RESTORED) == 0


def test_absent_or_foreign_name_is_refused(
    restored: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    create_table(restored.others, "items-of-others")
    for name, reason in (
        ("absent", "is not there"),
        ("items-of-others", "is not named like a table that was restored for stage dev"),
    ):
        assert restored.run("switch", "--table", name) == 3
        assert reason in capsys.readouterr().err
    assert (in_use(restored), restored.calls) == (TABLE, [])


def test_inactive_index_is_refused(restored: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    def drop(parsed: dict[str, Any]) -> None:
        if parsed.get("Table", {}).get("TableName") == RESTORED:
            parsed["Table"]["GlobalSecondaryIndexes"][0]["IndexStatus"] = "CREATING"

    restored.after("DescribeTable", drop)
    assert restored.run("switch", "--table", RESTORED) == 3
    assert "not active" in capsys.readouterr().err
    assert restored.variables()["TABLE_NAME"] == TABLE
