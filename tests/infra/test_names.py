"""The checks of an application's and a stage's names against AWS's limits."""

from pathlib import Path

import pytest

from chalicelib.config import app_name
from infra import names
from infra.errors import Misconfigured
from infra.stage import Stage
from tests.infra.conftest import project_in


@pytest.mark.parametrize(
    ("app", "stage"),
    [
        ("items", "prod"),
        ("items", "local"),
        ("customer-orders", "production"),
        ("a" * 28, "b" * 3),
        ("a", "b" * 30),
        ("items", "2024-1"),
    ],
)
def test_names_that_aws_takes_pass(app: str, stage: str) -> None:
    assert names.problems(app, stage) == []


@pytest.mark.parametrize(
    ("app", "stage", "said"),
    [
        ("a" * 29, "prod", ["app_name", "29 characters, 1 too many", "CodeDeploy's role", "64"]),
        ("a", "b" * 31, ["33 characters, 1 too many", "traces", "at most 32", "https://"]),
        ("a" * 28, "b" * 4, ["33 characters, 1 too many", "traces"]),
        ("Items", "prod", ["app_name 'Items'", "lower-case"]),
        ("items", "Prod", ["stage 'Prod'", "lower-case"]),
        ("my_items", "prod", ["app_name 'my_items'", "single hyphens"]),
        ("my--items", "prod", ["single hyphens"]),
        ("items-", "prod", ["single hyphens"]),
        ("9items", "prod", ["start with a lower-case letter"]),
        ("items", "-prod", ["stage '-prod'"]),
        ("my-cognito-app", "prod", ["'cognito'", "Cognito rejects"]),
        ("laws", "prod", ["'aws'"]),
        ("items", "amazon", ["'items-amazon'", "'amazon'"]),
        ("", "prod", ["app_name ''"]),
    ],
)
def test_name_that_aws_refuses_is_explained(app: str, stage: str, said: list[str]) -> None:
    text = "; ".join(names.problems(app, stage))
    assert text
    for part in said:
        assert part in text


def test_stage_with_an_impossible_name_is_refused(tmp_path: Path) -> None:
    file = project_in(tmp_path, "prod").config_file
    file.write_text(file.read_text().replace(f'"{app_name()}"', '"Items"'))
    with pytest.raises(Misconfigured, match=r"app_name 'Items'.*config\.json"):
        Stage.load(file.parent.parent, "prod")
