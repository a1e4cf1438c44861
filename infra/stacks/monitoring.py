"""A stage's alarms, dashboard and budget, for what is deployed: `monitoring.yaml`."""

from collections.abc import Mapping
from typing import Any

from infra.cloudformation.stack import Report, Stack
from infra.errors import Misconfigured
from infra.stage import Stage
from tools.project import PROJECT

TEMPLATE = PROJECT / "infra" / "templates" / "monitoring.yaml"

# Chalice's, for a stage that does not say.
_DEFAULT_TIMEOUT, _DEFAULT_MEMORY = 60, 128


def deploy(
    stage: Stage, formation: Any, parameters: Mapping[str, str], report: Report = print
) -> dict[str, str]:
    """Create or update the stack; its outputs.

    `formation` is CloudFormation's client; `parameters` go before what follows from the stage.
    Raises `DeploymentFailed`, or `Misconfigured` while the stage has no data stack or no API.
    """
    name = stage.function_name()
    data = Stack(formation, f"{name}-data").outputs()
    api = Stack(formation, f"{name}-api").outputs_if_any()
    site = Stack(formation, f"{name}-site").outputs_if_any()
    if not api and stage.deployed_rest_api() is None:
        raise Misconfigured(f"stage {stage.name} has no API yet; deploy it first")
    # What is not there is left as it is, since a parameter may have said it.
    wanted = ((site, "DistributionId"), (api, "WebAclName"))
    derived = {
        "FunctionName": name,
        # `chalice deploy` names the API after the application, whatever the stage.
        "ApiName": name if api else name.removesuffix(f"-{stage.name}"),
        "TableName": data["TableName"],
        **{key: found[key] for found, key in wanted if key in found},
        "DurationAlarmMs": str(900 * stage.setting("lambda_timeout", _DEFAULT_TIMEOUT)),
        "MemoryMb": str(stage.setting("lambda_memory_size", _DEFAULT_MEMORY)),
    }
    stack = Stack(formation, f"{name}-monitoring", report)
    return stack.deploy(TEMPLATE.read_text(), {**derived, **parameters})
