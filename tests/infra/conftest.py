"""A project to package, and what CloudFormation makes of the package."""

import json
import shutil
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from samtranslator.translator.transform import transform

from infra.function.package import package, package_code
from infra.function.policy import point_at_data
from infra.stage import Stage
from local.deployment import vendor
from local.home import Home
from tests.infra.test_stage import OUTPUTS
from tools.project import PROJECT


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
    return Stage.load(project, stage)


def configured(stage: Stage, settings: Mapping[str, Any], everywhere: bool = False) -> Stage:
    """Put `settings` into the stage's, or into the application's, and return the stage anew."""
    config = json.loads(stage.config_file.read_text())
    (config if everywhere else config["stages"][stage.name]).update(settings)
    stage.config_file.write_text(json.dumps(config))
    return Stage.load(stage.project, stage.name)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return project_in(tmp_path, "prod")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """`built("arm64")`: the zip that is deployed; `built("here")`: as the local cloud runs it."""

    @cache
    def built(architecture: str) -> Path:
        directory = tmp_path_factory.mktemp(architecture)
        stage = project_in(directory, "prod")
        if architecture == "here":
            vendor(Home(), stage.project)
        else:
            shutil.copy(PROJECT / "requirements.txt", stage.project)
            stage = configured(stage, {"lambda_architecture": architecture})
        return package_code(stage, directory)

    return built


class _NoManagedPolicies:
    def load(self) -> dict[str, str]:
        return {}


def packaged(stage: Stage, out: Path) -> dict[str, Any]:
    """The template as it is deployed."""
    point_at_data(stage, OUTPUTS)
    template: dict[str, Any] = json.loads(package(stage, out)[0].read_text())
    template["Resources"]["APIHandler"]["Properties"]["CodeUri"] = {"Bucket": "b", "Key": "k"}
    return template


def transformed(stage: Stage, out: Path) -> dict[str, Any]:
    """The resources that CloudFormation makes of what is packaged."""
    return expanded(packaged(stage, out))


def expanded(template: dict[str, Any]) -> dict[str, Any]:
    """The resources that CloudFormation makes of a template, which is left as it is."""
    copy = json.loads(json.dumps(template))
    resources: dict[str, Any] = transform(copy, {}, _NoManagedPolicies())["Resources"]
    return resources
