"""Which of the checks of a deployed stage are run, and when."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from infra.cloudformation.stack import Stack
from local.cloud import Cloud
from tools.project import PROJECT


def pytest_alone(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--collect-only", *arguments],
        cwd=PROJECT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(
            (), "STAGE is not set: pass it, as in: make smoke STAGE=dev", marks=pytest.mark.long
        ),
        (("--stage", "local"), "use `make smoke`, or add --confcutdir=tests/smoke"),
    ],
)
def test_the_checks_are_not_to_be_run_by_mistake(arguments: tuple[str, ...], said: str) -> None:
    result = pytest_alone("tests/smoke", *arguments)
    assert result.returncode == pytest.ExitCode.USAGE_ERROR
    assert said in result.stderr


def test_a_run_of_all_tests_passes_them_by() -> None:
    # Without the others, for to collect them takes long.
    others = sorted(each for each in (PROJECT / "tests").iterdir() if each.name != "smoke")
    result = pytest_alone("-q", *(f"--ignore={each}" for each in others if each.is_dir()))
    assert result.returncode == pytest.ExitCode.NO_TESTS_COLLECTED, result.stdout + result.stderr


@pytest.fixture
def stage_on_aws(cloud: Cloud) -> Iterator[str]:
    """Return a stage with the description of a stage on AWS."""
    outputs = {
        "data": {"UserPoolId": "eu-central-1_a1", "LoginUrl": "https://items.auth.example"},
        "api": {"EndpointURL": "https://a1.example/api/", "RestAPIId": "a1", "WebAclName": "items"},
        "site": {"SiteUrl": "https://items.example", "BucketName": "bucket", "ClientId": "page"},
    }
    outputs["data"]["CommandLineClientId"] = "cli"
    formation = cloud.client("cloudformation")
    for part, values in outputs.items():
        template = {
            "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
            "Outputs": {name: {"Value": value} for name, value in values.items()},
        }
        stack = Stack(formation, f"items-dev-{part}", lambda _: None)
        stack.deploy(json.dumps(template), {})
    yield "dev"
    for part in outputs:
        formation.delete_stack(StackName=f"items-dev-{part}")


def test_on_a_real_stage_more_is_checked(cloud: Cloud, stage_on_aws: str) -> None:
    given = ("--confcutdir=tests/smoke", "tests/smoke", "--stage", stage_on_aws, "-q")
    result = pytest_alone(*given, AWS_ENDPOINT_URL=cloud.endpoint)
    assert result.returncode == 0, result.stdout + result.stderr
    for each in (
        "test_the_page_is_https_only[/]",
        "test_old_versions_of_tls_are_refused[TLSv1_1]",
        "test_large_response_is_compressed[gateway]",
        "test_every_route_invokes_the_alias",
    ):
        assert f"test_on_aws.py::{each}" in result.stdout
    assert "not on this stage" not in result.stdout
