"""A stage whose API is released on a fake AWS, any code of which takes no time to package."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.release import api, preflight, version
from infra.release.history import Entry, History
from infra.stage import Stage
from tests.clients import as_client, clients_of
from tests.infra.conftest import prepared, project_in
from tests.infra.release.aws import CodeDeploy, Formation, Functions, Storage

BUCKET = "artifacts"


class Project:
    """The stage `prod`. `code` is the text of its package. Tests may also change `template`."""

    def __init__(self, stage: Stage, template: dict[str, Any]) -> None:
        self.stage = stage
        self.template = template
        self.code = ""
        self.codes: dict[str, str] = {}
        self.source = preflight.Source()
        self.functions = Functions()
        self.formation = Formation(self.functions)
        self.storage, self.codedeploy = Storage(), CodeDeploy()
        self.client_of = clients_of(
            {
                "s3": self.storage,
                "cloudformation": self.formation,
                "lambda": self.functions,
                "codedeploy": self.codedeploy,
            }
        )
        self.said: list[str] = []

    @property
    def live(self) -> str:
        """Return the content of the live package."""
        key = self.functions.published[self.functions.alias][0]
        return self.codes[key.rpartition("/")[2].removesuffix(".zip")]

    def package(self, stage: Stage, out: Path, target: Any) -> tuple[Path, Path]:
        """Replace `infra.function.package.package`."""
        template = json.loads(json.dumps(self.template))
        if not target.traffic_shifting:
            del template["Resources"]["APIHandler"]["Properties"]["DeploymentPreference"]
            del template["Resources"]["CanaryFailures"]
        file, zipped = out / "sam.json", out / "deployment.zip"
        file.write_text(json.dumps(template))
        zipped.write_text(self.code)
        return file, zipped

    def release(self, code: str, out: Path, **choices: Any) -> None:
        self.code = code
        self.codes[hashlib.sha256(code.encode()).hexdigest()] = code
        version.release(
            self.stage,
            out,
            self.client_of,
            BUCKET,
            {},
            self.said.append,
            choices=version.Choices(**choices),
        )

    def roll_back(self, to: str = "") -> None:
        version.roll_back(self.stage, self.client_of, BUCKET, self.said.append, to)

    def history(self) -> list[Entry]:
        return History(as_client(self.storage), BUCKET, self.stage.function_name).entries()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Package the project once."""
    return prepared(project_in(tmp_path_factory.mktemp("template"), "prod"))


@pytest.fixture
def project(tmp_path: Path, template: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Project:
    project = Project(project_in(tmp_path, "prod"), template)
    monkeypatch.setattr(api, "package", project.package)
    monkeypatch.setattr(preflight, "source", lambda _: project.source)
    return project


@pytest.fixture
def release(project: Project, tmp_path: Path) -> Callable[..., None]:
    """Return `release("good")`, which releases a package with this content."""
    return lambda code, **choices: project.release(code, tmp_path, **choices)
