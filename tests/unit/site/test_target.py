"""The target of a stage's site, from its stack and from Chalice's deployment."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from deploy_site import Target
from infra.errors import UnknownStage
from infra.site.errors import Misconfigured
from infra.site.target import target_of_stage
from infra.stage import Stage

OUTPUTS = {
    "BucketName": "site-bucket",
    "DistributionId": "D1",
    "SiteUrl": "https://d1.cloudfront.net",
    "ClientId": "client-1",
    "UserPoolId": "eu-west-1_Pool",
    "LoginUrl": "https://login.example.com",
    "RestApiId": "api1",
    "SecretThing": "never to be published",
}
STACK_ID = "arn:aws:cloudformation:eu-west-1:111122223333:stack/items-dev-site/uuid"


class CloudFormation:
    def __init__(self, outputs: dict[str, str] | None, api: dict[str, str] | None = None) -> None:
        self.outputs = outputs
        self.api = api
        self.requested: list[str] = []

    def describe_stacks(self, StackName: str) -> Any:  # noqa: N803 - boto3's name
        self.requested.append(StackName)
        outputs = self.api if StackName.endswith("-api") else self.outputs
        if outputs is None:
            message = f"Stack {StackName} does not exist"
            raise ClientError(
                {"Error": {"Code": "ValidationError", "Message": message}}, "DescribeStacks"
            )
        pairs = [{"OutputKey": k, "OutputValue": v} for k, v in outputs.items()]
        return {
            "Stacks": [{"StackId": STACK_ID, "StackStatus": "UPDATE_COMPLETE", "Outputs": pairs}]
        }


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    config = {"app_name": "items", "stages": {"dev": {}, "odd": {"api_gateway_stage": "v2"}}}
    (tmp_path / ".chalice" / "deployed").mkdir(parents=True)
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps(config))
    return Stage.load(tmp_path, "dev")


def write_deployed(stage: Stage, content: str) -> None:
    (stage.project / ".chalice" / "deployed" / f"{stage.name}.json").write_text(content)


def deployed_json(rest_api_id: str, path: str = "/api/") -> str:
    url = f"https://{rest_api_id}.execute-api.eu-west-1.amazonaws.com{path}"
    api = {"name": "rest_api", "rest_api_id": rest_api_id, "rest_api_url": url}
    return json.dumps({"resources": [{"name": "api_handler"}, api], "schema_version": "2.0"})


def test_config_has_only_the_listed_outputs() -> None:
    target = Target.from_outputs(OUTPUTS)
    assert target.config == {
        "api_path": "/api",
        "region": "eu-west-1",
        "user_pool_id": "eu-west-1_Pool",
        "client_id": "client-1",
        "login_url": "https://login.example.com",
    }
    assert (target.bucket, target.distribution) == ("site-bucket", "D1")
    assert target.url == "https://d1.cloudfront.net"


def test_stage_names_its_stack_and_account(stage: Stage) -> None:
    formation = CloudFormation(OUTPUTS)
    target = target_of_stage(stage, formation)
    assert formation.requested == ["items-dev-site"]
    assert target == Target(**{**vars(Target.from_outputs(OUTPUTS)), "account": "111122223333"})


@pytest.mark.parametrize("missing", sorted(OUTPUTS.keys() - {"RestApiId", "SecretThing"}))
def test_missing_output_is_named(missing: str) -> None:
    outputs = {key: value for key, value in OUTPUTS.items() if key != missing}
    with pytest.raises(Misconfigured, match=missing):
        Target.from_outputs(outputs)


@pytest.mark.parametrize(
    ("name", "file", "api_path"),
    [
        ("dev", None, "/api"),
        ("odd", None, "/v2"),
        ("dev", deployed_json("api1"), "/api"),
        ("dev", deployed_json("api1", "/other/"), "/other"),
        ("odd", deployed_json("api1", "/other"), "/other"),
        ("dev", '{"resources": []}', "/api"),
    ],
)
def test_api_path_by_stage_and_chalice(
    name: str, file: str | None, api_path: str, stage: Stage
) -> None:
    stage = Stage.load(stage.project, name)
    if file:
        write_deployed(stage, file)
    assert target_of_stage(stage, CloudFormation(OUTPUTS)).config["api_path"] == api_path


@pytest.mark.parametrize(
    ("outputs", "file", "message"),
    [
        (
            None,
            None,
            "no stack items-dev-site yet; run `.venv/bin/python -m infra site --stage dev`",
        ),
        (OUTPUTS, deployed_json("api2"), "run `.venv/bin/python -m infra site --stage dev` again"),
    ],
)
def test_mismatch_names_the_command(
    outputs: dict[str, str] | None, file: str | None, message: str, stage: Stage
) -> None:
    if file:
        write_deployed(stage, file)
    with pytest.raises(Misconfigured, match=message) as raised:
        target_of_stage(stage, CloudFormation(outputs))
    assert raised.value.exit_status == 2


def test_stack_api_may_have_another_beside_it(stage: Stage) -> None:
    write_deployed(stage, deployed_json("api2"))
    assert (
        target_of_stage(stage, CloudFormation(OUTPUTS, {"RestAPIId": "api1"})).bucket
        == "site-bucket"
    )
    with pytest.raises(Misconfigured, match="another API"):
        target_of_stage(stage, CloudFormation(OUTPUTS, {"RestAPIId": "api3"}))


def test_invalid_json_is_named(stage: Stage) -> None:
    write_deployed(stage, "{")
    with pytest.raises(UnknownStage, match=r"deployed/dev\.json is not JSON"):
        target_of_stage(stage, CloudFormation(OUTPUTS))
