"""What is deployed is what was just packaged, or nothing."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from samtranslator.translator.transform import transform

from infra.api import package
from infra.stack import DeploymentFailed
from infra.stage import PROJECT, Stage
from tests.infra.test_stage import OUTPUTS


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Stage `prod` of a copy of the project, without dependencies to fetch."""
    project = tmp_path / "project"
    (project / ".chalice").mkdir(parents=True)
    shutil.copy(PROJECT / ".chalice" / "config.json", project / ".chalice")
    shutil.copy(PROJECT / "app.py", project)
    shutil.copytree(PROJECT / "chalicelib", project / "chalicelib")
    (project / "requirements.txt").touch()
    return Stage(project, "prod")


def test_without_a_user_pool_nothing_is_packaged(stage: Stage, tmp_path: Path) -> None:
    (stage.project / ".chalice" / "policy-prod.json").write_text("{}")
    with pytest.raises(DeploymentFailed, match="stage prod has no user pool yet"):
        package(stage, tmp_path / "out")


def test_a_broken_application_is_not_packaged_as_it_was_before(
    stage: Stage, tmp_path: Path
) -> None:
    stage.write(OUTPUTS)
    template, archive = package(stage, tmp_path / "out")
    assert template.exists()
    assert archive.exists()

    with (stage.project / "app.py").open("a") as app:
        app.write("def broken(:\n")
    with pytest.raises(DeploymentFailed) as failure:
        package(stage, tmp_path / "out")
    # Which file and line, and not forty lines of Chalice's insides.
    assert 'File "app.py", line' in str(failure.value)
    assert len(str(failure.value).splitlines()) < 12
    assert not template.exists()
    assert not archive.exists()


def test_the_template_makes_one_stage(stage: Stage, tmp_path: Path) -> None:
    stage.write(OUTPUTS)
    template = json.loads(package(stage, tmp_path / "out")[0].read_text())
    template["Resources"]["APIHandler"]["Properties"]["CodeUri"] = {"Bucket": "b", "Key": "k"}

    class NoManagedPolicies:
        def load(self) -> dict[str, str]:
            return {}

    resources: dict[str, Any] = transform(template, {}, NoManagedPolicies())["Resources"]
    stages = [
        properties["StageName"]
        for resource in resources.values()
        if "StageName" in (properties := resource["Properties"])
    ]
    assert stages == ["api"]
