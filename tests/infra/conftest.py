"""A project to package, and what CloudFormation makes of the package."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from samtranslator.translator.transform import transform

from infra.api import package
from infra.stage import PROJECT, Stage
from tests.infra.test_stage import OUTPUTS


def project_in(directory: Path, stage: str) -> Stage:
    """A stage of a copy of the project, without dependencies to fetch."""
    project = directory / "project"
    (project / ".chalice").mkdir(parents=True)
    config = json.loads((PROJECT / ".chalice" / "config.json").read_text())
    # As in the local cloud, where the gateway verifies tokens.
    config["stages"]["local"]["environment_variables"].pop("VERIFY_TOKENS_LOCALLY")
    (project / ".chalice" / "config.json").write_text(json.dumps(config))
    shutil.copy(PROJECT / "app.py", project)
    shutil.copytree(PROJECT / "chalicelib", project / "chalicelib")
    (project / "requirements.txt").touch()
    return Stage(project, stage)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return project_in(tmp_path, "prod")


class _NoManagedPolicies:
    def load(self) -> dict[str, str]:
        return {}


def packaged(stage: Stage, out: Path) -> dict[str, Any]:
    """The template as it is deployed."""
    stage.write(OUTPUTS)
    template: dict[str, Any] = json.loads(package(stage, out)[0].read_text())
    template["Resources"]["APIHandler"]["Properties"]["CodeUri"] = {"Bucket": "b", "Key": "k"}
    return template


def transformed(stage: Stage, out: Path) -> dict[str, Any]:
    """The resources that CloudFormation makes of what is packaged."""
    template = packaged(stage, out)
    resources: dict[str, Any] = transform(template, {}, _NoManagedPolicies())["Resources"]
    return resources
