"""`.venv/bin/python -m infra destroy`: its plan, its refusals, and retained resources."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.cloudformation.stack import Stack
from local.cloud import Cloud
from local.deployment import NOT_EMULATED_ARGUMENTS
from tests.e2e.test_data_command import infra
from tests.project_copy import copy_project

STACK = "items-down-data"


@pytest.fixture
def project(tmp_path: Path, cloud: Cloud) -> Iterator[Path]:
    """A copy with a stage that has its data stack."""
    copy_project(tmp_path, "down")
    result = infra(tmp_path, cloud, "data", "--stage", "down", *NOT_EMULATED_ARGUMENTS)
    assert result.returncode == 0, result.stderr
    yield tmp_path
    Stack(cloud.client("cloudformation"), STACK, lambda _: None).delete()


def test_without_the_name_nothing_is_deleted(project: Path, cloud: Cloud) -> None:
    result = infra(project, cloud, "destroy", "--stage", "down", "--confirm", "")
    assert result.returncode == 3
    assert f"delete  stack {STACK}" in result.stdout
    assert "no stack was deleted" in result.stderr
    assert Stack(cloud.client("cloudformation"), STACK).exists()


def test_a_dry_run_only_says_it(project: Path, cloud: Cloud) -> None:
    result = infra(project, cloud, "destroy", "--stage", "down", "--dry-run", "--confirm", "down")
    assert result.returncode == 0
    table = Stack(cloud.client("cloudformation"), STACK).outputs()["TableName"]
    assert f"keep    AWS::DynamoDB::Table {table}: the items" in result.stdout
    assert "keep    AWS::Cognito::UserPool" in result.stdout


def test_data_resources_are_retained(project: Path, cloud: Cloud) -> None:
    table = Stack(cloud.client("cloudformation"), STACK).outputs()["TableName"]
    key = {"id": {"S": "alice#1"}}
    cloud.client("dynamodb").put_item(TableName=table, Item=key)
    result = infra(project, cloud, "destroy", "--stage", "down", "--confirm", "down")
    assert result.returncode == 0, result.stderr
    assert not Stack(cloud.client("cloudformation"), STACK).exists()
    assert cloud.client("dynamodb").get_item(TableName=table, Key=key)["Item"] == key

    again = infra(project, cloud, "destroy", "--stage", "down", "--confirm", "down")
    assert again.returncode == 0
    assert "has no stacks to delete" in again.stdout
