"""The API's template: the output of `chalice package`, with the additions for production.

Chalice merges the result of `addition`. `finish` then changes the routes that Chalice generated.
"""

import hashlib
import json
from typing import Any

from chalice.package import YAMLTemplateSerializer

from infra.aws import AWS, Capabilities
from infra.function import gateway_responses
from infra.function.alias import ALIAS
from infra.function.settings import function_settings
from infra.stage import Stage
from tools.project import PROJECT

_FILE = PROJECT / "infra" / "templates" / "api.yaml"
_REST_API = "arn:${AWS::Partition}:apigateway:${AWS::Region}::/restapis/${RestAPI}"
# The logical id that SAM generates for the alias of AutoPublishAlias.
_ALIAS_RESOURCE = f"APIHandlerAlias{ALIAS}"
_CANARY_ALARM = "CanaryFailures"
# Function properties that are not part of a version. Lambda publishes no version for a change of
# only these properties.
_NOT_OF_A_VERSION = {
    *("FunctionName", "Tags", "ReservedConcurrentExecutions"),
    *("AutoPublishAlias", "AutoPublishCodeSha256", "CodeUri", "DeploymentPreference"),
    "ProvisionedConcurrencyConfig",
}


def addition(stage: Stage, target: Capabilities = AWS) -> dict[str, Any]:
    """Return the template that `chalice package --merge-template` merges into Chalice's own."""
    template: dict[str, Any] = YAMLTemplateSerializer().load_template(_FILE.read_text())
    template["Parameters"]["AppName"]["Default"] = stage.app_name
    settings = function_settings(stage, target)
    function, api = (
        template["Resources"][name]["Properties"] for name in ("APIHandler", "RestAPI")
    )
    function |= {
        # The same name as from `chalice deploy`, so one policy and one log group fit both.
        "FunctionName": stage.function_name,
        "AutoPublishAlias": ALIAS,
        **settings.properties(),
    }
    template["Resources"] |= settings.resources(_ALIAS_RESOURCE)
    if target.traffic_shifting:
        function["DeploymentPreference"] = {
            "Type": {"Ref": "Canary"},
            "Alarms": [{"Ref": _CANARY_ALARM}],
        }
    else:
        del template["Resources"][_CANARY_ALARM]
    api |= {
        # Without it, SAM adds a second, public stage named "Stage".
        "OpenApiVersion": "2.0",
        "GatewayResponses": gateway_responses.sam_property(),
    }
    deployed = {"Fn::Sub": f"{_REST_API}/stages/{stage.gateway_stage}"}
    association = template["Resources"]["WebAclAssociation"]
    # SAM generates the stage's resource with this logical id.
    association["DependsOn"] = f"RestAPI{stage.gateway_stage}Stage"
    association["Properties"]["ResourceArn"] = deployed
    template["Resources"]["Sampling"]["Properties"]["SamplingRule"]["ResourceARN"] = deployed
    firewall = template["Resources"]["WebAcl"]["Properties"]
    rules = {rule["Name"]: rule for rule in firewall["Rules"] if "Name" in rule}
    firewall["CustomResponseBodies"] = {}
    for name, kind in (("body-size", "REQUEST_TOO_LARGE"), ("requests-per-token", "THROTTLED")):
        rules[name]["Action"], bodies = gateway_responses.of_the_firewall(kind)
        firewall["CustomResponseBodies"] |= bodies
    template["Outputs"] |= {
        "LiveVersion": {"Value": {"Fn::GetAtt": ["APIHandler.Version", "Version"]}}
    }
    return template


def finish(template: dict[str, Any], stage: Stage) -> None:
    """Point every route at the alias, throttle it, and give the API the stage's own name.

    Chalice points the routes at the function instead of the alias. A canary or a rollback would
    then not change the version that the gateway invokes.
    """
    resources = template["Resources"]
    api = resources["RestAPI"]["Properties"]
    # This name distinguishes the gateway's metrics from another stage's metrics.
    api["DefinitionBody"]["info"]["title"] = stage.function_name
    api["MethodSettings"] = []
    for path, methods in api["DefinitionBody"]["paths"].items():
        for verb, method in methods.items():
            integration = method["x-amazon-apigateway-integration"]
            if integration["type"] == "aws_proxy":
                integration["uri"] = _of_the_alias(integration["uri"])
            api["MethodSettings"].append(_method_settings(path, verb))
    permission = resources["APIHandlerInvokePermission"]["Properties"]
    permission["FunctionName"] = {"Ref": _ALIAS_RESOURCE}


def set_code(template: dict[str, Any], bucket: str, key: str) -> None:
    """Set the function's package, and publish a version if it or the configuration has changed.

    Each version has its own canary alarm. An updated alarm keeps its state for a while, and an
    alarm in the ALARM state makes CodeDeploy cancel the deployment of the fix.
    """
    resources = template["Resources"]
    function = resources["APIHandler"]["Properties"]
    function["CodeUri"] = {"Bucket": bucket, "Key": key}
    kept = {name: value for name, value in function.items() if name not in _NOT_OF_A_VERSION}
    digest = hashlib.sha256(json.dumps([key, kept], sort_keys=True).encode()).hexdigest()
    function["AutoPublishCodeSha256"] = digest
    if _CANARY_ALARM in resources:
        name = f"{_CANARY_ALARM}{digest[:8]}"
        resources[name] = resources.pop(_CANARY_ALARM)
        function["DeploymentPreference"]["Alarms"] = [{"Ref": name}]


def _of_the_alias(uri: dict[str, str]) -> dict[str, str]:
    return {"Fn::Sub": uri["Fn::Sub"].replace("${APIHandler.Arn}", f"${{{_ALIAS_RESOURCE}}}")}


def _method_settings(path: str, verb: str) -> dict[str, Any]:
    most = {"Ref": "ReadsPerSecond" if verb in ("get", "options") else "WritesPerSecond"}
    return {
        # CloudFormation requires a slash, then the path with slashes escaped as in RFC 6901.
        "ResourcePath": "/" + path.replace("/", "~1"),
        "HttpMethod": verb.upper(),
        "ThrottlingRateLimit": most,
        "ThrottlingBurstLimit": most,
    }
