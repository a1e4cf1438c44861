"""`.venv/bin/python -m infra data`, against the local cloud, in a copy of the project."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.cloudformation.stack import Stack
from infra.function.policy import function_policy
from local.cloud import Cloud
from local.deployment import NOT_EMULATED_ARGUMENTS
from tests.project_copy import copy_project


@pytest.fixture
def copy(tmp_path: Path, cloud: Cloud) -> Iterator[Path]:
    """Create a copy whose stage `dev` is not deployed before or after."""
    yield copy_project(tmp_path)
    Stack(cloud.client("cloudformation"), "items-dev-data", lambda _: None).delete()


def infra(copy: Path, cloud: Cloud, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "infra", *arguments],
        cwd=copy,
        env={**os.environ, "AWS_ENDPOINT_URL": cloud.endpoint},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_deploys_and_writes_what_the_stage_needs(copy: Path, cloud: Cloud) -> None:
    arguments = ("data", "--stage", "dev", *NOT_EMULATED_ARGUMENTS)
    first = infra(copy, cloud, *arguments)
    assert first.returncode == 0, first.stderr
    assert "items-dev-data: ItemsTable: CREATE_COMPLETE" in first.stdout

    config = json.loads((copy / ".chalice" / "config.json").read_text())
    variables = config["stages"]["dev"]["environment_variables"]
    described = cloud.client("dynamodb").describe_table(TableName=variables["TABLE_NAME"])
    assert described["Table"]["DeletionProtectionEnabled"] is True
    assert variables["USER_POOL_ARN"].startswith("arn:aws:cognito-idp:us-east-1:")
    policy = json.loads((copy / ".chalice" / "policy-dev.json").read_text())
    assert policy == function_policy(described["Table"]["TableArn"], "items-dev")

    second = infra(copy, cloud, *arguments)
    assert (second.returncode, "items-dev-data: no changes" in second.stdout) == (0, True)


def test_a_failure_is_one_sentence(copy: Path, cloud: Cloud) -> None:
    result = infra(copy, cloud, "data", "--stage", "prod", "--parameter", "Nonsense=1")
    assert result.returncode == 1
    assert result.stderr.startswith("error: items-prod-data: ")
    assert "Traceback" not in result.stderr
