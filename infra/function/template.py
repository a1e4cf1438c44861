"""The API's template: what `chalice package` makes of `app.py`, and what production needs besides.

`addition` is merged in by Chalice, `finish` then changes what Chalice has made of the routes.
"""

from typing import Any

from chalice.package import YAMLTemplateSerializer

from infra.aws import AWS, Capabilities
from infra.function import gateway_responses
from infra.function.alias import ALIAS
from infra.function.settings import function_settings
from infra.stage import Stage
from tools.project import PROJECT

_FILE = PROJECT / "infra" / "templates" / "api.yaml"
# The names that SAM gives to what it makes of AutoPublishAlias.
_ALIAS_RESOURCE = f"APIHandlerAlias{ALIAS}"
_CANARY_ALARMS = ("CanaryGatewayErrors", "CanaryFaults", "CanaryFunctionErrors")


def addition(stage: Stage, target: Capabilities = AWS) -> dict[str, Any]:
    """Return what `chalice package --merge-template` adds to Chalice's own template."""
    template: dict[str, Any] = YAMLTemplateSerializer().load_template(_FILE.read_text())
    settings = function_settings(stage, target)
    function, api = (
        template["Resources"][name]["Properties"] for name in ("APIHandler", "RestAPI")
    )
    function |= {
        # Named as `chalice deploy` would, so that one policy and one log group fit both.
        "FunctionName": stage.function_name,
        "AutoPublishAlias": ALIAS,
        # Else a change of memory or of a variable would publish no version, and the alias would
        # go on with the old ones.
        "AutoPublishAliasAllProperties": True,
        **settings.properties(),
    }
    template["Resources"] |= settings.resources(_ALIAS_RESOURCE)
    if target.traffic_shifting:
        function["DeploymentPreference"] = {
            "Type": {"Ref": "Canary"},
            "Alarms": [{"Ref": name} for name in _CANARY_ALARMS],
        }
    api |= {
        # Without it, SAM adds a second, public stage named "Stage".
        "OpenApiVersion": "2.0",
        "GatewayResponses": gateway_responses.sam_property(),
    }
    firewall = template["Resources"]["WebAcl"]["Properties"]
    [size] = [rule for rule in firewall["Rules"] if rule.get("Name") == "body-size"]
    size["Action"], firewall["CustomResponseBodies"] = gateway_responses.of_the_firewall(
        "REQUEST_TOO_LARGE"
    )
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
