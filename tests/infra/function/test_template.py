"""Requirements of the API's template, in addition to Chalice's output for the routes."""

import json
from pathlib import Path
from typing import Any

import cfnlint.api
import pytest
from cfnlint.config import ManualArgs

from chalicelib.body import MAX_BODY_BYTES
from chalicelib.config import app_name
from infra.errors import Misconfigured
from infra.function.gateway_responses import RESPONSES
from infra.stage import Stage
from local.deployment import EMULATOR
from tests.infra.conftest import configured, packaged, project_in, transformed


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the resources of stage `prod`."""
    return transformed(project_in(tmp_path_factory.mktemp("prod"), "prod"))


def properties(resources: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = resources[name]["Properties"]
    return found


def test_cfn_lint_finds_nothing_in_local_stage(tmp_path: Path) -> None:
    """`make check` lints the stages on AWS."""
    regions = ManualArgs(regions=["us-east-1"])
    template = packaged(project_in(tmp_path, "local"), EMULATOR)
    # cfn-lint finds this mistake only.
    template["Resources"]["APIHandler"]["Properties"]["Timeout"] = "soon"
    found = cfnlint.api.lint(json.dumps(template), config=regions)
    assert {"/".join(map(str, match.path)) for match in found} == {
        "Resources/APIHandler/Properties/Timeout"
    }


def test_canary_alarms_watch_the_new_version(resources: dict[str, Any]) -> None:
    group = properties(resources, "APIHandlerDeploymentGroup")
    assert "Canary10Percent5Minutes" in json.dumps(group["DeploymentConfigName"])
    assert group["AutoRollbackConfiguration"]["Enabled"] is True
    assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
    [name] = [alarm["Name"]["Ref"] for alarm in group["AlarmConfiguration"]["Alarms"]]
    assert [name] == [name for name in resources if name.startswith("Canary")]
    alarm = properties(resources, name)
    assert alarm["TreatMissingData"] == "notBreaching"
    version = next(name for name in resources if name.startswith("APIHandlerVersion"))
    watched = [each["MetricStat"] for each in alarm["Metrics"] if "MetricStat" in each]
    assert len(watched) == 3
    for each in watched:
        dimensions = {d["Name"].lower(): d["Value"] for d in each["Metric"]["Dimensions"]}
        number = dimensions.get("version", dimensions.get("executedversion"))
        assert number == {"Fn::GetAtt": [version, "Version"]}
        assert each["Period"] == 60
    policy = resources["APIHandlerAliaslive"]["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
    assert policy["DeploymentGroupName"] == {"Ref": "APIHandlerDeploymentGroup"}


def test_the_local_stage_needs_no_code_deploy(tmp_path: Path) -> None:
    resources = transformed(project_in(tmp_path, "local"), EMULATOR)
    assert not [each for each in resources.values() if "CodeDeploy" in each["Type"]]
    assert "UpdatePolicy" not in resources["APIHandlerAliaslive"]


def test_the_gateway(resources: dict[str, Any]) -> None:
    api, stage = properties(resources, "RestAPI"), properties(resources, "RestAPIapiStage")
    assert api["EndpointConfiguration"]["Types"] == ["REGIONAL"]
    assert api["MinimumCompressionSize"] == 1024
    assert api["Body"]["info"]["title"] == f"{app_name()}-prod"
    assert stage["TracingEnabled"] == {"Fn::If": ["Traced", True, False]}
    logged = stage["AccessLogSetting"]["Fn::If"]
    assert logged[0] == "Logged"
    assert logged[1]["DestinationArn"] == {"Fn::GetAtt": ["AccessLog", "Arn"]}
    members = json.loads(logged[1]["Format"]["Fn::Sub"])
    assert {"requestId", "status", "route", "latency"} <= set(members)
    # Neither the caller nor the payload is logged.
    assert not [each for each in members.values() if "claims" in each or "header" in each.lower()]
    assert "RetentionInDays" in properties(resources, "AccessLog")


def test_every_method_is_throttled(resources: dict[str, Any]) -> None:
    methods = {
        ("/" + path.replace("/", "~1"), verb.upper())
        for path, verbs in properties(resources, "RestAPI")["Body"]["paths"].items()
        for verb in verbs
    }
    settings = properties(resources, "RestAPIapiStage")["MethodSettings"]
    assert {(each["ResourcePath"], each["HttpMethod"]) for each in settings} == methods
    for each in settings:
        reads = each["HttpMethod"] in ("GET", "OPTIONS")
        wanted = {"Ref": "ReadsPerSecond" if reads else "WritesPerSecond"}
        assert each["ThrottlingRateLimit"] == each["ThrottlingBurstLimit"] == wanted
        assert not each.get("DataTraceEnabled")  # it would log bodies and tokens


def test_a_boundary_holds_the_functions_role(resources: dict[str, Any]) -> None:
    boundary = properties(resources, "ApiHandlerRole")["PermissionsBoundary"]
    assert boundary["Fn::If"][:2] == ["Bounded", {"Ref": "BoundaryArn"}]


def rules(resources: dict[str, Any]) -> dict[str, Any]:
    """Return the web ACL's rules by name, including the conditional rule."""
    found = properties(resources, "WebAcl")["Rules"]
    plain = [each["Fn::If"][1] if "Fn::If" in each else each for each in found]
    return {each["Name"]: each for each in plain}


def test_firewall_blocks_too_large_bodies(resources: dict[str, Any]) -> None:
    size = rules(resources)["body-size"]
    statement = size["Statement"]["SizeConstraintStatement"]
    assert (size["Action"].keys(), statement["ComparisonOperator"]) == ({"Block"}, "GT")
    assert statement["Size"] == MAX_BODY_BYTES
    # A body beyond the firewall's inspection limit is also beyond the API's limit.
    limit = properties(resources, "WebAcl")["AssociationConfig"]["RequestBody"]["API_GATEWAY"]
    assert limit["DefaultSizeInspectionLimit"] == "KB_64"
    assert statement["FieldToMatch"]["Body"]["OversizeHandling"] == "MATCH"


def test_too_large_body_at_the_firewall_is_413(resources: dict[str, Any]) -> None:
    """As it would be without a firewall, but for the request's id and the name of the type."""
    answer = rules(resources)["body-size"]["Action"]["Block"]["CustomResponse"]
    assert answer["ResponseCode"] == 413
    headers = {each["Name"]: each["Value"] for each in answer["ResponseHeaders"]}
    of_the_gateway = RESPONSES["REQUEST_TOO_LARGE"].all_headers()
    assert headers == {k: v for k, v in of_the_gateway.items() if k != "Content-Type"}
    body = properties(resources, "WebAcl")["CustomResponseBodies"][answer["CustomResponseBodyKey"]]
    assert body["ContentType"] == "APPLICATION_JSON"
    problem = json.loads(body["Content"])
    assert {**problem, "instance": "i"} == json.loads(RESPONSES["REQUEST_TOO_LARGE"].body("i"))
    assert "instance" not in problem


def test_firewall_protects_stage_and_redacts_logs(resources: dict[str, Any]) -> None:
    association = resources["WebAclAssociation"]
    assert association["DependsOn"] == "RestAPIapiStage"
    assert "RestAPIapiStage" in resources
    assert association["Properties"]["ResourceArn"]["Fn::Sub"].endswith("${RestAPI}/stages/api")
    redacted = properties(resources, "WebAclLogging")["RedactedFields"]
    headers = {each["SingleHeader"]["Name"] for each in redacted}
    assert headers == {"authorization", "cookie", "x-origin-secret"}
    assert "SampledRequestsEnabled': True" not in str(resources["WebAcl"])


def test_stage_as_chalice_knows_it_is_packaged(stage: Stage) -> None:
    """Without a single setting of its own: Chalice's defaults hold."""
    config = json.loads(stage.config_file.read_text())
    config["stages"]["staging"] = {}
    stage.config_file.write_text(json.dumps(config))
    staging = Stage.load(stage.project, "staging")
    template = packaged(staging)
    assert (stage.config_file.parent / "policy-staging.json").is_file()
    function = template["Resources"]["APIHandler"]["Properties"]
    assert function["FunctionName"] == f"{stage.app_name}-staging"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"reserved_concurrency": 5}, "reserved_concurrency 5 has no effect on a release"),
        ({"xray": True}, "xray True has no effect on a release: leave it at false"),
        ({"api_gateway_endpoint_type": "EDGE"}, "leave it at REGIONAL"),
        ({"autogen_policy": True}, "the policy is generated"),
        ({"api_gateway_stage": "v-2"}, "'v-2' must consist of letters and digits"),
    ],
)
def test_setting_without_effect_is_refused(
    settings: dict[str, Any], message: str, stage: Stage
) -> None:
    with pytest.raises(Misconfigured, match=message):
        packaged(configured(stage, settings))
