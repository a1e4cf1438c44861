"""The parameters of `monitoring.yaml` that follow from the deployed stacks."""

from collections.abc import Mapping

from infra.errors import Misconfigured
from infra.stage import Stage
from tools.prices import usd
from tools.project import PYTHON

Outputs = Mapping[str, str]

#: The address value that disables a notification on purpose.
NOBODY = "none"

# Chalice's default in seconds.
_TIMEOUT = 60


def parameters(stage: Stage, data: Outputs, api: Outputs, site: Outputs) -> dict[str, str]:
    """Return the parameters, from the outputs of the stage's stacks.

    `api` and `site` may be empty. Raises `Misconfigured` if the stage has no API, from its stack or
    from `chalice deploy`.
    """
    if not api and stage.deployed_rest_api() is None:
        raise Misconfigured(
            f"stage {stage.name} has no API: run `{PYTHON} -m infra api --stage {stage.name}`"
        )
    # Missing outputs are left out, because a parameter may have set the value.
    optional = ((data, "TableBilling"), (site, "DistributionId"), (api, "WebAclName"))
    return {
        "AppName": stage.app_name,
        "FunctionName": stage.function_name,
        # `chalice deploy` names the API after the application, for every stage.
        "ApiName": stage.function_name if api else stage.app_name,
        "TableName": data["TableName"],
        **{key: outputs[key] for outputs, key in optional if key in outputs},
        "DurationAlarmMs": str(900 * stage.setting("lambda_timeout", _TIMEOUT)),
        "GbSecondUsd": f"{usd(f'lambda_gb_second_{stage.architecture}'):.10f}",
        "MemoryMb": str(stage.memory_mb),
    }


def warnings(stage: Stage, deployed: Mapping[str, str]) -> list[str]:
    """Return a line for each kind of mail without a recipient, unless disabled on purpose."""
    command = f"{PYTHON} -m infra monitoring --stage {stage.name} --parameter"
    lines = []
    if not deployed.get("AlarmEmail"):
        lines.append(
            f"warning: alarms have no recipient: run {command} AlarmEmail=YOU@EXAMPLE.COM, "
            f"or AlarmEmail={NOBODY}"
        )
    if not deployed.get("BudgetEmail"):
        lines.append(
            f"warning: the stage has no budget: run {command} BudgetEmail=YOU@EXAMPLE.COM "
            f"--parameter MonthlyBudgetUsd=50, or BudgetEmail={NOBODY}"
        )
    return lines
