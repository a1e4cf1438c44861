"""A deployment with only the pipeline's rights, with IAM enforced.

It works like the pipeline: an administrator deploys the account's stack, and a job exchanges its
token for credentials of that stack's role. The emulator checks the caller and its rights. It does
not check the right to create each resource of a stack, which tests/infra/permissions/test_rights.py
checks, or the token's signature.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import jwt
import pytest

from infra.cloudformation.stack import Stack
from infra.permissions.terms import allow
from infra.stacks import account
from local.cloud import REGION, Cloud
from local.deployment import API_NOT_EMULATED_ARGUMENTS, NOT_EMULATED, vendor
from tests.e2e.command import INFRA_WITHOUT_CODEDEPLOY
from tests.project_copy import copy_project

if TYPE_CHECKING:
    from types_boto3_sts.type_defs import CredentialsTypeDef

REPOSITORY = "owner@12/items@34"
PROVIDER = "arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com"
SUBJECT = f"repo:{REPOSITORY}:environment:prod"
STAGE, FUNCTION = "trial", "items-trial"
CLASSIC_LOGIN = ("--parameter", "ManagedLogin=false")

Client = Callable[..., Any]
Assume = Callable[[str], "CredentialsTypeDef"]
Run = Callable[..., str]
Release = Callable[[], str]


def token(subject: str, audience: str = "sts.amazonaws.com") -> str:
    """Return a job's token like GitHub's, except for the signature, which the emulator ignores."""
    issuer = "https://token.actions.githubusercontent.com"
    claims = {"iss": issuer, "aud": audience, "sub": subject}
    return jwt.encode(claims, "a secret of nobody's, and long enough", algorithm="HS256")


def in_the_clear(cloud: Cloud, bucket: str) -> None:
    """Allow a bucket requests without TLS, because the emulator has no TLS."""
    storage = cloud.client("s3")
    assert "aws:SecureTransport" in storage.get_bucket_policy(Bucket=bucket)["Policy"]
    storage.delete_bucket_policy(Bucket=bucket)


@pytest.fixture(scope="session")
def prepared(cloud: Cloud) -> dict[str, str]:
    """Return the outputs of the account's stack."""
    given = {
        "Subjects": account.subjects(REPOSITORY, ["dev", "prod"]),
        "OidcProviderArn": PROVIDER,
        "HostedZoneId": "Z0000000",
    }
    formation = cloud.client("cloudformation")
    found = account.deploy(formation, given, lambda _: None)
    in_the_clear(cloud, found["ArtefactBucket"])
    return found


@pytest.fixture(scope="session")
def assume(cloud: Cloud, prepared: dict[str, str]) -> Assume:
    """Return `assume(token)`, which returns a session's credentials."""

    def assume(web_identity: str) -> "CredentialsTypeDef":
        answer = cloud.client("sts").assume_role_with_web_identity(
            RoleArn=prepared["DeployRoleArn"],
            RoleSessionName="job",
            WebIdentityToken=web_identity,
        )
        return answer["Credentials"]

    return assume


@pytest.fixture(scope="session")
def deployer(cloud: Cloud, assume: Assume) -> Client:
    """Return `deployer(service)`, which returns a client with the pipeline's rights."""
    session = assume(token(SUBJECT))

    def client(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=cloud.endpoint,
            region_name=REGION,
            aws_access_key_id=session["AccessKeyId"],
            aws_secret_access_key=session["SecretAccessKey"],
            aws_session_token=session["SessionToken"],
        )

    return client


@pytest.fixture(scope="session")
def job(
    cloud: Cloud, prepared: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """Return the variables of a job: a token, which the SDK exchanges, instead of a key."""
    file = tmp_path_factory.mktemp("job") / "token"
    file.write_text(token(SUBJECT))
    keys = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    return {
        **{name: value for name, value in os.environ.items() if name not in keys},
        "AWS_ENDPOINT_URL": cloud.endpoint,
        "AWS_ROLE_ARN": prepared["DeployRoleArn"],
        "AWS_WEB_IDENTITY_TOKEN_FILE": str(file),
    }


@pytest.fixture(scope="session")
def project(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create a copy with a separate stage, and a page."""
    copy = copy_project(tmp_path_factory.mktemp("project") / "items", STAGE)
    vendor(cloud.home, copy)
    (copy / "page").mkdir()
    (copy / "page" / "index.html").write_text("<!doctype html><title>One</title>")
    return copy


@pytest.fixture(scope="session")
def run(project: Path, job: dict[str, str]) -> Run:
    """Return `run("-m", "infra", …)`, which runs a command with the pipeline's rights."""

    def run(*arguments: str) -> str:
        result = subprocess.run(
            [sys.executable, *arguments, "--stage", STAGE],
            cwd=project,
            env=job,
            capture_output=True,
            text=True,
            timeout=180,
        )
        assert result.returncode == 0, f"{arguments}: {result.stdout}{result.stderr}"
        return result.stdout

    return run


@pytest.fixture(scope="session")
def deployed(cloud: Cloud, run: Run, prepared: dict[str, str]) -> Release:
    """Deploy everything in the order of a release. The result releases the API again."""

    # The emulator asks for the function where AWS asks for the alias, which the policy names.
    function = f"arn:*:lambda:*:*:function:{FUNCTION}"
    statement = allow("lambda", "InvokeFunction", function)
    policy = {
        "RoleName": prepared["DeployRoleArn"].rpartition("/")[2],
        "PolicyName": "emulated-alias",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})

    def release() -> str:
        bucket = ("--bucket", prepared["ArtefactBucket"])
        cloud.client("iam").put_role_policy(**policy, PolicyDocument=document)
        try:
            return run("-c", INFRA_WITHOUT_CODEDEPLOY, "api", *bucket, *API_NOT_EMULATED_ARGUMENTS)
        finally:
            cloud.client("iam").delete_role_policy(**policy)

    chosen = [
        word for name, value in NOT_EMULATED.items() for word in ("--parameter", f"{name}={value}")
    ]
    run("-m", "infra", "data", *chosen)
    release()
    run("-m", "infra", "site", *CLASSIC_LOGIN)
    in_the_clear(cloud, outputs(cloud, "site")["BucketName"])
    run("deploy_site.py", "--source", "page")
    return release


def outputs(cloud: Cloud, part: str) -> Mapping[str, str]:
    return Stack(cloud.client("cloudformation"), f"{FUNCTION}-{part}").outputs()
