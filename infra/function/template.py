"""The API's template: what `chalice package` makes of `app.py`, and what production needs besides.

`addition` is merged in by Chalice, `finish` then changes what Chalice has made of the routes.
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
# The names that SAM gives to what it makes of AutoPublishAlias.
_ALIAS_RESOURCE = f"APIHandlerAlias{ALIAS}"
_CANARY_ALARM = "CanaryFailures"
# Properties of the function that no version keeps: to publish one for them alone, Lambda refuses.
_NOT_OF_A_VERSION = {
    *("FunctionName", "Tags", "ReservedConcurrentExecutions"),
    *("AutoPublishAlias", "AutoPublishCodeSha256", "CodeUri", "DeploymentPreference"),
    "ProvisionedConcurrencyConfig",
}


def addition(stage: Stage, target: Capabilities = AWS) -> dict[str, Any]:
    """Return what `chalice package --merge-template` adds to Chalice's own template."""
    template: dict[str, Any] = YAMLTemplateSerializer().load_template(_FILE.read_text())
    template["Parameters"]["AppName"]["Default"] = stage.app_name
    settings = function_settings(stage, target)
    function, api = (
        template["Resources"][name]["Properties"] for name in ("APIHandler", "RestAPI")
    )
    function |= {
        # Named as `chalice deploy` would, so that one policy and one log group fit both.
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
    # The stage is SAM's resource, under this name.
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
    """Have every route invoke the alias, and be throttled, under a name that is the stage's own.

    Chalice points the routes at the function, past the alias, so that neither a canary nor a
    rollback would change what answers.
    """
    resources = template["Resources"]
    api = resources["RestAPI"]["Properties"]
    # By this name the gateway's metrics are told apart from another stage's.
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

    The canary's alarm is another one for each version. An alarm that is updated keeps its state for
    a while, and an alarm that is on makes CodeDeploy cancel the deployment of the fix.
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
        # As CloudFormation wants it: a slash, and then the path with its slashes as in RFC 6901.
        "ResourcePath": "/" + path.replace("/", "~1"),
        "HttpMethod": verb.upper(),
        "ThrottlingRateLimit": most,
        "ThrottlingBurstLimit": most,
    }
