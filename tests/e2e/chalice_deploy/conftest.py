"""A copy of the project, and a local cloud of its own in which its stage `dev` is deployed.

Of its own, because the tests of `python -m infra data` want to be the first to make that stage.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.cloudformation.stack import Stack
from infra.stage import Stage
from local import deployment
from local.cloud import Cloud
from local.home import Home
from local.sign_in import SCOPES, sign_in
from tests.dynamodb_local import free_port
from tests.e2e.chalice_deploy.proxy import import_proxy
from tests.e2e.users import create_user
from tests.project_copy import copy_project


@dataclass(frozen=True)
class Project:
    """A copy of the project, whose commands reach AWS at `endpoint`."""

    directory: Path
    endpoint: str

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.directory,
            env={**os.environ, "AWS_ENDPOINT_URL": self.endpoint},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def infra(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "infra", *arguments)

    def chalice(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run(str(Path(sys.executable).with_name("chalice")), *arguments)

    def deploy(self) -> str:
        """Run `chalice deploy --stage dev`, and return its output."""
        result = self.chalice("deploy", "--stage", "dev")
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def edit(self, old: str, new: str) -> None:
        """Change app.py."""
        file = self.directory / "app.py"
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    @property
    def stage(self) -> Stage:
        return Stage.load(self.directory, "dev")

    @property
    def deployed(self) -> dict[str, dict[str, Any]]:
        """Return Chalice's record of the stage, by resource name."""
        file = self.directory / ".chalice" / "deployed" / "dev.json"
        return {each["name"]: each for each in json.loads(file.read_text())["resources"]}


@pytest.fixture(scope="package")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(Home(tmp_path_factory.mktemp("cloud")), free_port(), keep=False) as cloud:
        yield cloud


@pytest.fixture(scope="package")
def endpoint(cloud: Cloud) -> Iterator[str]:
    """Return the proxy's endpoint."""
    with import_proxy(cloud) as endpoint:
        yield endpoint


@pytest.fixture(scope="package")
def project(tmp_path_factory: pytest.TempPathFactory, cloud: Cloud, endpoint: str) -> Project:
    """Return the copy whose stage is deployed."""
    directory = copy_project(tmp_path_factory.mktemp("project"))
    deployment.vendor(cloud.home, directory)
    return Project(directory, endpoint)


@pytest.fixture(scope="package")
def data(cloud: Cloud, project: Project) -> dict[str, str]:
    """Return the outputs of the stage's data stack."""
    result = project.infra("data", "--stage", "dev", *deployment.NOT_EMULATED_ARGUMENTS)
    assert result.returncode == 0, result.stderr
    return Stack(cloud.client("cloudformation"), "items-dev-data").outputs()


@pytest.fixture(scope="package")
def tokens(cloud: Cloud, data: dict[str, str]) -> dict[str, str]:
    """Return one user's access tokens by scope. "both" has both scopes."""
    user = {"username": "alice@example.com", "password": "Correct-Horse-1"}
    create_user(cloud.client("cognito-idp"), data["UserPoolId"], user)
    login = cloud.endpoint, data["CommandLineClientId"]
    wanted = {"both": SCOPES, **{scope: (scope,) for scope in SCOPES}}
    return {
        name: sign_in(*login, **user, scopes=scopes)["access_token"]
        for name, scopes in wanted.items()
    }
