"""A project to package, and its resources after CloudFormation's transform."""

import json
import shutil
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from samtranslator.translator.transform import transform

from infra.aws import AWS, Capabilities
from infra.function.package import package, package_code
from infra.function.policy import point_at_data
from infra.function.template import set_code
from infra.stage import Stage
from local.deployment import vendor
from local.home import Home
from tests.infra.test_stage import OUTPUTS
from tools.project import PROJECT


def project_in(directory: Path, stage: str) -> Stage:
    """Return a stage of a copy of the project, without dependencies to download."""
    project = directory / "project"
    (project / ".chalice").mkdir(parents=True)
    shutil.copy(PROJECT / ".chalice" / "config.json", project / ".chalice")
    shutil.copy(PROJECT / "app.py", project)
    shutil.copytree(PROJECT / "chalicelib", project / "chalicelib")
    (project / "requirements.txt").touch()
    return Stage.load(project, stage)


def configured(stage: Stage, settings: Mapping[str, Any], everywhere: bool = False) -> Stage:
    """Add `settings` to the stage's, or to the application's, and load the stage again."""
    config = json.loads(stage.config_file.read_text())
    (config if everywhere else config["stages"][stage.name]).update(settings)
    stage.config_file.write_text(json.dumps(config))
    return Stage.load(stage.project, stage.name)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return project_in(tmp_path, "prod")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return `built("arm64")`, the deployed zip, or `built("here")`, the local cloud's zip."""

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


_templates: dict[tuple[object, ...], str] = {}


def package_once(stage: Stage, out: Path, target: Capabilities = AWS) -> tuple[Path, Path]:
    """Replace `infra.function.package.package`, with an empty zip."""
    out.mkdir(exist_ok=True)
    template, zipped = out / "sam.json", out / "deployment.zip"
    template.write_text(_template(stage, target))
    zipped.touch()
    return template, zipped


def prepared(stage: Stage, target: Capabilities = AWS) -> dict[str, Any]:
    """Return the template before it names a package."""
    point_at_data(stage, OUTPUTS)
    template: dict[str, Any] = json.loads(_template(stage, target))
    return template


def _template(stage: Stage, target: Capabilities) -> str:
    """Package the stage, unless an equal stage was packaged."""
    files = (stage.config_file, stage.policy_file, stage.project / "app.py")
    sources = (stage.name, target, *(file.read_text() for file in files))
    if sources not in _templates:
        with TemporaryDirectory() as out:
            _templates[sources] = package(stage, Path(out), target)[0].read_text()
    return _templates[sources]


def packaged(stage: Stage, target: Capabilities = AWS) -> dict[str, Any]:
    """Return the deployed template."""
    template = prepared(stage, target)
    set_code(template, "bucket", "key")
    return template


def transformed(stage: Stage, target: Capabilities = AWS) -> dict[str, Any]:
    """Return the resources that CloudFormation creates from the package."""
    return expanded(packaged(stage, target))


def expanded(template: dict[str, Any]) -> dict[str, Any]:
    """Return the resources that CloudFormation creates from a template, which stays unchanged."""
    resources: dict[str, Any] = json.loads(_expand(json.dumps(template)))
    return resources


@cache
def _expand(template: str) -> str:
    return json.dumps(transform(json.loads(template), {}, _NoManagedPolicies())["Resources"])
