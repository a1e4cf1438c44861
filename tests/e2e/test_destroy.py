"""`.venv/bin/python -m infra destroy`: its plan, its refusals, and retained resources."""

from pathlib import Path

from infra.cloudformation.stack import Stack
from local.cloud import Cloud
from local.deployment import NOT_EMULATED_ARGUMENTS
from tests.e2e.test_data_command import infra
from tests.project_copy import copy_project

STACK = "items-down-data"


def test_destroy_retains_data_resources(tmp_path: Path, cloud: Cloud) -> None:
    copy_project(tmp_path, "down")
    result = infra(tmp_path, cloud, "data", "--stage", "down", *NOT_EMULATED_ARGUMENTS)
    assert result.returncode == 0, result.stderr
    stack = Stack(cloud.client("cloudformation"), STACK, lambda _: None)
    table = stack.outputs()["TableName"]
    key = {"id": {"S": "alice#1"}}
    cloud.client("dynamodb").put_item(TableName=table, Item=key)
    destroy = ("destroy", "--stage", "down", "--confirm")

    result = infra(tmp_path, cloud, *destroy, "down", "--dry-run")
    assert result.returncode == 0
    assert f"delete  stack {STACK}" in result.stdout
    assert f"keep    AWS::DynamoDB::Table {table}: the items" in result.stdout
    assert "keep    AWS::Cognito::UserPool" in result.stdout
    assert stack.exists()

    result = infra(tmp_path, cloud, *destroy, "")
    assert result.returncode == 3
    assert "no stack was deleted" in result.stderr
    assert stack.exists()

    result = infra(tmp_path, cloud, *destroy, "down")
    assert result.returncode == 0, result.stderr
    assert not stack.exists()
    assert cloud.client("dynamodb").get_item(TableName=table, Key=key)["Item"] == key

    again = infra(tmp_path, cloud, *destroy, "down")
    assert again.returncode == 0
    assert "has no stacks to delete" in again.stdout
