"""A stage's alarms, dashboard and budget: `infra/monitoring.yaml`, for what is deployed."""

import json
from collections.abc import Mapping
from typing import Any

from infra.stack import DeploymentFailed, Report, Stack
from infra.stage import PROJECT, Stage

TEMPLATE = PROJECT / "infra" / "monitoring.yaml"

# Chalice's, for a stage that does not say.
_DEFAULT_TIMEOUT, _DEFAULT_MEMORY = 60, 128


def deploy(
    stage: Stage, formation: Any, parameters: Mapping[str, str], report: Report = print
) -> dict[str, str]:
    """Create or update the stack; its outputs.

    `formation` is CloudFormation's client; `parameters` go before what follows from the stage.
    Raises `DeploymentFailed`, also while the stage has no data stack or no API.
    """
    name = stage.function_name()
    data = Stack(formation, f"{name}-data").outputs()
    api = _outputs(formation, f"{name}-api")
    site = _outputs(formation, f"{name}-site")
    if not api and stage.deployed_rest_api() is None:
        raise DeploymentFailed(f"stage {stage.name} has no API yet; deploy it first")
    # What is not there is left as it is, since a parameter may have said it.
    wanted = ((site, "DistributionId"), (api, "WebAclName"))
    derived = {
        "FunctionName": name,
        # `chalice deploy` names the API after the application, whatever the stage.
        "ApiName": name if api else name.removesuffix(f"-{stage.name}"),
        "TableName": data["TableName"],
        **{key: found[key] for found, key in wanted if key in found},
        "DurationAlarmMs": str(900 * _setting(stage, "lambda_timeout", _DEFAULT_TIMEOUT)),
        "MemoryMb": str(_setting(stage, "lambda_memory_size", _DEFAULT_MEMORY)),
    }
    stack = Stack(formation, f"{name}-monitoring", report)
    return stack.deploy(TEMPLATE.read_text(), {**derived, **parameters})


def _outputs(formation: Any, name: str) -> dict[str, str]:
    """The outputs of a stack that need not be there."""
    try:
        return Stack(formation, name).outputs()
    except DeploymentFailed:
        return {}


def _setting(stage: Stage, key: str, default: int) -> int:
    config = json.loads(stage.config_file.read_text())
    return int(config["stages"][stage.name].get(key, config.get(key, default)))
