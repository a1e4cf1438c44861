"""`.venv/bin/python -m infra site`, against the local cloud, in a copy of the project."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from infra.cloudformation.stack import Stack
from local.cloud import Cloud
from local.deployment import NOT_EMULATED_ARGUMENTS
from tests.e2e.test_data_command import infra
from tests.project_copy import copy_project

if TYPE_CHECKING:
    from types_boto3_cloudfront.type_defs import OriginOutputTypeDef

# The emulator has no branding for the new managed login.
CLASSIC = ("--parameter", "ManagedLogin=false")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory, cloud: Cloud) -> Path:
    """A copy with stages of these tests' own, of which `front` has its data stack, but no site."""
    copy = copy_project(tmp_path_factory.mktemp("project"), "front")
    data = infra(copy, cloud, "data", "--stage", "front", *NOT_EMULATED_ARGUMENTS)
    assert data.returncode == 0, data.stderr
    return copy


@pytest.fixture
def project(copy: Path, cloud: Cloud) -> Iterator[Path]:
    """The copy, in which neither the API nor the site is deployed yet."""
    yield copy
    deployed(copy).unlink(missing_ok=True)
    # Otherwise the next deployment keeps its parameters.
    Stack(cloud.client("cloudformation"), "items-front-site", lambda _: None).delete()


def deployed(project: Path) -> Path:
    """Return the file in which `chalice deploy` writes what it has deployed."""
    return project / ".chalice" / "deployed" / "front.json"


def deployed_by_chalice(project: Path, rest_api_id: str) -> None:
    """Write the record of `chalice deploy`."""
    resources = [
        {"name": "api_handler", "resource_type": "lambda_function", "lambda_arn": "arn:…"},
        {"name": "rest_api", "resource_type": "rest_api", "rest_api_id": rest_api_id},
    ]
    deployed(project).parent.mkdir(exist_ok=True)
    deployed(project).write_text(json.dumps({"resources": resources, "schema_version": "2.0"}))


def outputs(cloud: Cloud, name: str) -> dict[str, str]:
    return Stack(cloud.client("cloudformation"), name).outputs()


def origin_of_the_api(cloud: Cloud) -> "OriginOutputTypeDef":
    """As CloudFront has it."""
    distribution = outputs(cloud, "items-front-site")["DistributionId"]
    config = cloud.client("cloudfront").get_distribution_config(Id=distribution)
    (found,) = [
        each
        for each in config["DistributionConfig"]["Origins"]["Items"]
        if "CustomOriginConfig" in each
    ]
    return found


def test_site_uses_the_api_of_chalice_deploy(project: Path, cloud: Cloud) -> None:
    without = infra(project, cloud, "site", "--stage", "front")
    assert without.returncode == 2
    expected = "stage front has no API: run `.venv/bin/chalice deploy --stage front`"
    assert without.stderr == f"error: {expected}\n"

    deployed_by_chalice(project, "abc123")
    first = infra(project, cloud, "site", "--stage", "front", *CLASSIC)
    assert first.returncode == 0, first.stderr
    found, data = outputs(cloud, "items-front-site"), outputs(cloud, "items-front-data")
    assert first.stdout.splitlines()[-2:] == [
        f"the site is {found['SiteUrl']}",
        "to publish the page, run `.venv/bin/python deploy_site.py --stage front`",
    ]
    assert found["SiteUrl"].startswith("https://")
    assert found["SiteUrl"].endswith(".cloudfront.net")
    assert (found["LoginUrl"], found["UserPoolId"]) == (data["LoginUrl"], data["UserPoolId"])
    assert origin_of_the_api(cloud)["DomainName"] == "abc123.execute-api.us-east-1.amazonaws.com"

    again = infra(project, cloud, "site", "--stage", "front")
    assert (again.returncode, "items-front-site: no changes" in again.stdout) == (0, True)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        pytest.param("not a name", "DomainName", marks=pytest.mark.long),
        ("items.example.com", "DomainName needs CertificateArn"),
    ],
)
def test_a_mistaken_name_is_refused(name: str, why: str, project: Path, cloud: Cloud) -> None:
    deployed_by_chalice(project, "abc123")
    named = ("--parameter", f"DomainName={name}")
    result = infra(project, cloud, "site", "--stage", "front", *CLASSIC, *named)
    assert result.returncode == 1
    assert result.stderr.startswith("error: items-front-site: ")
    assert why in result.stderr


def test_every_option_can_be_deployed(project: Path, cloud: Cloud) -> None:
    deployed_by_chalice(project, "abc123")
    template = {
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {"RestAPIId": {"Value": "def456"}},
    }
    api = Stack(cloud.client("cloudformation"), "items-front-api", lambda _: None)
    api.deploy(json.dumps(template), {})
    names = cloud.client("route53")
    zone = names.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]
    account = "us-east-1:123456789012"
    options = {
        "DomainName": "items.example.com",
        "CertificateArn": f"arn:aws:acm:{account}:certificate/a-1",
        "HostedZoneId": zone["Id"].removeprefix("/hostedzone/"),
        "WebAclArn": f"arn:aws:wafv2:{account}:global/webacl/a/1",
        "AccessLogBucket": "logs.s3.amazonaws.com",
        "PriceClass": "PriceClass_All",
        "DevelopmentUrl": "http://localhost:5173/",
    }
    given = [word for pair in options.items() for word in ("--parameter", "=".join(pair))]
    result = infra(project, cloud, "site", "--stage", "front", *CLASSIC, *given)
    api.delete()
    assert result.returncode == 0, result.stderr

    found = outputs(cloud, "items-front-site")
    assert found["RestApiId"] == "def456"  # not Chalice's
    assert found["SiteUrl"] == "https://items.example.com"
    client = cloud.client("cognito-idp").describe_user_pool_client(
        UserPoolId=found["UserPoolId"], ClientId=found["ClientId"]
    )["UserPoolClient"]
    assert client["CallbackURLs"] == ["https://items.example.com/", "http://localhost:5173/"]
    records = names.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
    kinds = {each["Type"] for each in records if each["Name"] == "items.example.com."}
    assert kinds == {"A", "AAAA"}
