import json
from pathlib import Path

import pytest

from infra.errors import UnknownStage
from infra.function.policy import function_policy, point_at_data
from infra.stage import Stage

OUTPUTS = {
    "TableName": "items-table",
    "TableArn": "arn:aws:dynamodb:eu-west-1:123456789012:table/items-table",
    "UserPoolArn": "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_abc",
    "UserPoolId": "eu-west-1_abc",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    config = {
        "version": "2.0",
        "app_name": "items",
        "stages": {
            "dev": {
                "iam_policy_file": "policy-dev.json",
                "environment_variables": {"LOG_LEVEL": "DEBUG", "TABLE_NAME": "old"},
            },
            "prod": {"iam_policy_file": "policy-prod.json"},
        },
    }
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps(config))
    return tmp_path


def test_outputs_become_the_stages_variables(project: Path) -> None:
    before = json.loads((project / ".chalice" / "config.json").read_text())
    point_at_data(Stage.load(project, "dev"), OUTPUTS)
    after = json.loads((project / ".chalice" / "config.json").read_text())
    assert after["stages"]["dev"]["environment_variables"] == {
        "LOG_LEVEL": "DEBUG",
        "TABLE_NAME": "items-table",
        "APP_NAME": "items",
        "USER_POOL_ARN": OUTPUTS["UserPoolArn"],
    }
    del before["stages"]["dev"], after["stages"]["dev"]
    assert after == before


def test_the_policy_is_rendered_with_exact_arns(project: Path) -> None:
    point_at_data(Stage.load(project, "prod"), OUTPUTS)
    policy = json.loads((project / ".chalice" / "policy-prod.json").read_text())
    assert policy == function_policy(OUTPUTS["TableArn"], "items-prod")


def test_writing_again_changes_nothing(project: Path) -> None:
    files = [project / ".chalice" / name for name in ("config.json", "policy-dev.json")]
    point_at_data(Stage.load(project, "dev"), OUTPUTS)
    first = [file.read_bytes() for file in files]
    point_at_data(Stage.load(project, "dev"), OUTPUTS)
    assert [file.read_bytes() for file in files] == first


def test_an_unknown_stage_is_refused(project: Path) -> None:
    with pytest.raises(UnknownStage, match="has no stage other: pass one of dev, prod"):
        Stage.load(project, "other")
