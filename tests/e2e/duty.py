"""The stage `dev` of a copy of the project, deployed by the project's own commands."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from chalicelib.config import app_name
from infra.cloudformation.stack import Stack
from local import deployment
from local.cloud import Cloud
from local.home import Home
from local.sign_in import sign_in
from tests.dynamodb_local import free_port
from tests.e2e.command import INFRA_WITHOUT_CODEDEPLOY
from tests.e2e.users import create_user
from tests.project_copy import copy_project

USER = {"username": "alice@example.com", "password": "Correct-Horse-1"}
STAGE, FUNCTION, BUCKET = ("--stage", "dev"), f"{app_name()}-dev", "artefacts"


@dataclass(frozen=True)
class Duty:
    """The stage `dev` of a copy of the project, in a cloud of its own."""

    cloud: Cloud
    project: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run python with these arguments."""
        return subprocess.run(
            [sys.executable, *command, *STAGE],
            cwd=self.project,
            env={**os.environ, "AWS_ENDPOINT_URL": self.cloud.endpoint},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def do(self, *command: str) -> str:
        """Run a command that must succeed, and return its output."""
        result = self.run(*command)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def deploy_data(self) -> dict[str, str]:
        options = deployment.NOT_EMULATED_ARGUMENTS
        self.do("-m", "infra", "data", *options)
        return Stack(self.cloud.client("cloudformation"), f"{FUNCTION}-data").outputs()

    def deploy_api(self) -> str:
        """Deploy a new version of the function, and return the API's id."""
        options = ("--bucket", BUCKET, *deployment.API_NOT_EMULATED_ARGUMENTS)
        self.do("-c", INFRA_WITHOUT_CODEDEPLOY, "api", *options)
        formation = self.cloud.client("cloudformation")
        return Stack(formation, f"{FUNCTION}-api").outputs()["RestAPIId"]

    @contextmanager
    def client(self, data: Mapping[str, str]) -> Iterator[httpx.Client]:
        """Deploy the API, and yield a client of it that is signed in as a new user."""
        create_user(self.cloud.client("cognito-idp"), data["UserPoolId"], USER)
        tokens = sign_in(self.cloud.endpoint, data["CommandLineClientId"], **USER)
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        url = self.url_of(self.deploy_api())
        with httpx.Client(base_url=url, headers=headers, timeout=30) as client:
            yield client

    def url_of(self, rest_api_id: str) -> str:
        return f"{self.cloud.endpoint}/_aws/execute-api/{rest_api_id}/api"

    def tables(self) -> list[str]:
        names: list[str] = self.cloud.client("dynamodb").list_tables()["TableNames"]
        return names

    def table(self, name: str) -> dict[str, Any]:
        found = self.cloud.client("dynamodb").describe_table(TableName=name)
        return dict(found["Table"])

    def policy(self) -> Any:
        """Return the policy of the function's role."""
        function = self.cloud.client("lambda").get_function_configuration(FunctionName=FUNCTION)
        iam, role = self.cloud.client("iam"), function["Role"].rpartition("/")[2]
        (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
        return iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]


@contextmanager
def on_duty(project: Path, home: Path) -> Iterator[Duty]:
    """Start a cloud, with a copy of the project in `project`."""
    copy_project(project)
    with Cloud(Home(home), free_port(), keep=False) as cloud:
        deployment.vendor(cloud.home, project)
        cloud.client("s3").create_bucket(Bucket=BUCKET)
        yield Duty(cloud, project)
