"""Release the API as a new version, with test requests while traffic shifts to it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from infra.aws import AWS, Capabilities, ClientOf
from infra.errors import DeploymentFailed, NoEarlierVersion
from infra.function.alias import Live
from infra.release import api, preflight
from infra.release.history import FOUND, RELEASE, ROLLBACK, History
from infra.release.traffic import Traffic
from infra.stage import Stage
from tools.progress import Report


@dataclass(frozen=True)
class Choices:
    """The choices of the person who releases, for this release only.

    `older`: the source may be older than the live source. `change_runtime`: the function may change
    its Python. `canary`: if false, all traffic shifts at once and no alarm can stop the release.
    That is for a fix while every version fails for an external reason.
    """

    older: bool = False
    change_runtime: bool = False
    canary: bool = True


ORDINARY = Choices()


def release(
    stage: Stage,
    out: Path,
    client_of: ClientOf,
    bucket: str,
    parameters: Mapping[str, str],
    report: Report = print,
    target: Capabilities = AWS,
    choices: Choices = ORDINARY,
) -> dict[str, str]:
    """Deploy the API, and return the stack's outputs.

    Raises `infra.errors.DeploymentFailed`. CloudFormation waits while a canary runs. If an alarm
    stops the canary, the stack rolls back.
    """
    history = History(client_of("s3"), bucket, stage.function_name)
    live = Live(client_of("lambda"), stage.function_name)
    entries, source = history.entries(), preflight.source(stage.project)
    preflight.check_source(source, entries, older=choices.older)
    preflight.check_runtime(stage, client_of("lambda"), report, change=choices.change_runtime)
    before = live.version_if_any()
    if before and (not entries or entries[-1].version != before):
        history.add(before, FOUND)
    believed = api.stack_of(stage, client_of, bucket).outputs_if_any().get("LiveVersion", "")
    if target.traffic_shifting and before and believed and before != believed:
        # CodeDeploy rejects an alias that is not at the version that CloudFormation set.
        report(
            f"version {before} has been live since a rollback from {believed}: "
            "no canary is possible"
        )
        choices = replace(choices, canary=False)
    if not choices.canary:
        report("all traffic shifts to the new version at once")
        target = target._replace(traffic_shifting=False)
    with Traffic(client_of("lambda"), stage) as traffic:
        outputs = api.deploy(stage, out, client_of, bucket, parameters, report, target)
        version = outputs["LiveVersion"]
        if version != before:
            history.add(version, RELEASE, **source._asdict())
            traffic.send_once()  # at least these requests reach the new version
    for line in traffic.report():
        report(line)
    if version != before and not traffic.has_reached(version):
        raise DeploymentFailed(
            f"version {version} is live, but has responded to none of the release's own requests"
        )
    return outputs


def roll_back(
    stage: Stage,
    client_of: ClientOf,
    bucket: str,
    report: Report = print,
    to: str = "",
) -> None:
    """Roll back to the version that was live before, or to version `to`, at once.

    If a release is in progress, stop it instead. CloudFormation then restores the previous live
    version. Raises `NoEarlierVersion`, `infra.errors.Overtaken`, `infra.errors.DeploymentFailed`.
    """
    stopped = api.stop(stage, client_of)
    if stopped:
        report(f"stopped {stopped}: the previous version stays live, and the stack rolls back")
        return
    live = Live(client_of("lambda"), stage.function_name)
    history = History(client_of("s3"), bucket, stage.function_name)
    current, existing = live.version(), live.versions()
    if to and to not in existing:
        versions = ", ".join(sorted(existing, key=int))
        raise NoEarlierVersion(f"{stage.function_name} has no version {to}: pass one of {versions}")
    version = to or history.previous(current, existing)
    if version == current:
        report(f"version {version} of {stage.function_name} is already live")
        return
    live.point_at(version, instead_of=current)
    history.add(version, ROLLBACK, instead_of=current)
    report(f"version {version} of {stage.function_name} is live, instead of {current}")
