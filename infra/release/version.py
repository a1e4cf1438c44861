"""A release: the API as a new version, with traffic of our own while it takes over."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.aws import AWS, Capabilities
from infra.cloudformation.stack import Stack
from infra.function.alias import Live
from infra.release import api
from infra.release.traffic import Traffic
from infra.stage import Stage
from tools.progress import Report, silent

_UNDER_WAY = ["Created", "Queued", "InProgress", "Ready"]


def release(
    stage: Stage,
    out: Path,
    clients: dict[str, Any],
    bucket: str,
    parameters: Mapping[str, str],
    report: Report = print,
    target: Capabilities = AWS,
) -> dict[str, str]:
    """Deploy the API, and return the stack's outputs. Raises `infra.errors.DeploymentFailed`.

    While a canary has its share, CloudFormation waits; if an alarm stops it, the stack goes back.
    """
    with Traffic(clients["lambda"], stage.function_name) as traffic:
        outputs = api.deploy(stage, out, clients, bucket, parameters, report, target)
    for (version, status), count in sorted(traffic.answers.items()):
        report(f"version {version} answered {status} to {count} of our own requests")
    return outputs


def roll_back(stage: Stage, clients: dict[str, Any], report: Report = print) -> None:
    """Have the version before answer, at once.

    A canary that is under way is stopped, which puts everything back. Raises
    `infra.function.alias.NoEarlierVersion`.
    """
    stopped = _stop_canary(stage, clients)
    if stopped:
        report(f"stopped deployment {stopped}; the version before answers, and the stack goes back")
        return
    live = Live(clients["lambda"], stage.function_name)
    before = live.version()
    live.point_at(live.version_before())
    report(f"version {live.version()} of {live.function_name} is live, instead of {before}")


def _stop_canary(stage: Stage, clients: dict[str, Any]) -> str:
    """The deployment that was under way, or ""."""
    stack = Stack(clients["cloudformation"], stage.stack_name("api"), silent)
    application = stack.physical_id("ServerlessDeploymentApplication")
    group = stack.physical_id("APIHandlerDeploymentGroup")
    if not application or not group:
        return ""
    deployments = clients["codedeploy"].list_deployments(
        applicationName=application, deploymentGroupName=group, includeOnlyStatuses=_UNDER_WAY
    )["deployments"]
    for deployment in deployments:
        clients["codedeploy"].stop_deployment(deploymentId=deployment, autoRollbackEnabled=True)
    return ", ".join(deployments)
