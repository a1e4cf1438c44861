"""The deployer's policies are enough to deploy, and only the named jobs have them."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from infra.errors import DeploymentFailed
from infra.function.alias import Live
from infra.stacks.deployment import Stacks
from infra.stage import Stage
from local.cloud import Cloud
from tests.e2e.deployer.conftest import (
    FUNCTION,
    REPOSITORY,
    STAGE,
    SUBJECT,
    Assume,
    Client,
    Release,
    Run,
    outputs,
    token,
)
from tests.smoke import deployed as smoke
from tools.progress import silent


def test_they_are_enough_for_a_release(deployed: Release, cloud: Cloud) -> None:
    bucket = outputs(cloud, "site")["BucketName"]
    page = cloud.client("s3").get_object(Bucket=bucket, Key="index.html")["Body"].read()
    assert b"One" in page
    api = outputs(cloud, "api")["RestAPIId"]
    answer = httpx.get(f"{cloud.endpoint}/_aws/execute-api/{api}/api/items", timeout=30)
    assert answer.status_code == 401


def test_rights_suffice_for_the_checks(
    deployed: Release, deployer: Client, project: Path, cloud: Cloud
) -> None:
    # Making a user is tests/infra/permissions/test_escalation.py's: the emulator's IAM knows no
    # tags of a user pool, and so refuses it.
    found = smoke.of_stage(Stage.load(project, STAGE), deployer)
    assert found.user_pool_id == outputs(cloud, "data")["UserPoolId"]
    assert set(found.ways) == {"gateway", "site"}
    assert found.features == {smoke.AWS, smoke.RELEASED}
    assert {uri.rpartition(":function:")[2] for uri in found.invoked()} == {
        f"{FUNCTION}:live/invocations"
    }
    assert Live(deployer("lambda"), FUNCTION).version() == "1"


def test_rights_suffice_for_release_and_rollback(
    deployed: Release, run: Run, project: Path
) -> None:
    file = project / ".chalice" / "config.json"
    config = json.loads(file.read_text())
    config["stages"][STAGE]["environment_variables"]["LOG_LEVEL"] = "DEBUG"
    file.write_text(json.dumps(config))
    assert f"{FUNCTION}: version 2 is live" in deployed()
    assert f"version 1 of {FUNCTION} is live" in run("-m", "infra", "rollback")

    (project / "page" / "index.html").write_text("<!doctype html><title>Two</title>")
    assert "1 uploaded" in run("deploy_site.py", "--source", "page")
    assert "release" in run("deploy_site.py", "--rollback")


def test_they_are_enough_for_the_edge(deployer: Client, cloud: Cloud, project: Path) -> None:
    regions = set()

    def client_of(service: str, region: str | None = None, /) -> Any:
        regions.add(region)
        return deployer(service)

    names = cloud.client("route53")
    zone = names.create_hosted_zone(Name="example.com", CallerReference="edge")["HostedZone"]
    stacks = Stacks(Stage.load(project, STAGE), client_of, silent)
    assert stacks.outputs("edge") == {}
    given = {
        "DomainName": "items.example.com",
        "HostedZoneId": zone["Id"].removeprefix("/hostedzone/"),
        "Firewall": "false",  # the emulator has no logging for it
    }
    stacks.edge(given)
    assert regions == {None, "us-east-1"}, "the site's own region, and CloudFront's"
    found = stacks.outputs("edge")
    assert found["CertificateArn"].startswith("arn:aws:acm:us-east-1:")
    assert found == {
        "CertificateArn": found["CertificateArn"],
        "DomainName": "items.example.com",
        "HostedZoneId": given["HostedZoneId"],
    }
    with pytest.raises(DeploymentFailed, match="DomainName needs HostedZoneId"):
        stacks.edge({"HostedZoneId": ""})


@pytest.mark.parametrize("subject", [SUBJECT, SUBJECT.replace("prod", "dev")])
def test_the_named_environments_may_deploy(subject: str, assume: Assume) -> None:
    assert assume(token(subject))["SessionToken"]


@pytest.mark.parametrize(
    ("subject", "audience"),
    [
        (f"repo:{REPOSITORY}:pull_request", "sts.amazonaws.com"),
        (f"repo:{REPOSITORY}:ref:refs/heads/main", "sts.amazonaws.com"),
        (f"repo:{REPOSITORY}:environment:production", "sts.amazonaws.com"),
        (SUBJECT.replace("owner@12", "owner@13"), "sts.amazonaws.com"),
        (f"{SUBJECT}:more", "sts.amazonaws.com"),
        (SUBJECT, "https://github.com/owner"),
    ],
)
def test_other_principals_are_denied(subject: str, audience: str, assume: Assume) -> None:
    with pytest.raises(ClientError, match="Not authorized to perform sts:AssumeRoleWithWebId"):
        assume(token(subject, audience))
