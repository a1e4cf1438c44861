"""Check the stage's resources for drift from their templates."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from infra.cloudformation.stack import Stack
from infra.stacks.deployment import Stacks
from infra.stacks.destroy import ORDER
from ops.errors import Unreadable
from ops.findings import Finding, look
from ops.recovery import text_of
from ops.tools import Tools
from tools.project import PYTHON

#: The maximum age of a comparison.
_MONTH = timedelta(days=30)
#: Ten minutes. A stack of the project takes about one.
_POLLS, _POLL_SECONDS = 120, 5


def check_drift(stacks: Stacks, tools: Tools, *, detect: bool = False) -> Iterator[Finding]:
    """Report the last comparison of each stack, with `detect` after a new one."""
    existing = [stack for stack in map(stacks.stack, ORDER) if stack.exists()]
    detections: dict[str, str] = {}
    for stack in existing if detect else ():
        yield from look("drift", partial(_start, stack, detections))
    do = f"{PYTHON} -m ops doctor --stage {stacks.stage.name} --drift"
    for stack in existing:
        if stack.name in detections or not detect:
            detection = detections.get(stack.name, "")
            yield from look("drift", partial(_report, stack, detection, do, tools))


def _start(stack: Stack, detections: dict[str, str]) -> Iterator[Finding]:
    """Start a comparison, which runs while others are started. Yields no finding."""
    started = stack.client.detect_stack_drift(StackName=stack.name)
    detections[stack.name] = started["StackDriftDetectionId"]
    yield from ()


def _report(stack: Stack, detection: str, do: str, tools: Tools) -> Iterator[Finding]:
    """Report a stack, after its comparison if one runs. Raises `Unreadable` if it failed."""
    if detection:
        _wait(stack, detection, tools)
    description = stack.client.describe_stacks(StackName=stack.name)["Stacks"][0]
    drift = description.get("DriftInformation", {"StackDriftStatus": "NOT_CHECKED"})
    status, checked = drift["StackDriftStatus"], drift.get("LastCheckTimestamp")
    if status == "DRIFTED":
        drifts = stack.client.describe_stack_resource_drifts(
            StackName=stack.name, StackResourceDriftStatusFilters=["MODIFIED", "DELETED"]
        )["StackResourceDrifts"]
        names = ", ".join(each["LogicalResourceId"] for each in drifts)
        region = stack.client.meta.region_name
        yield Finding(
            "bad",
            f"{stack.name} was changed by hand: {names}",
            "aws cloudformation describe-stack-resource-drifts "
            f"--stack-name {stack.name} --region {region}",
        )
    elif status == "UNKNOWN":
        raise Unreadable(f"{stack.name}: CloudFormation could not compare a resource")
    elif status != "IN_SYNC" or not isinstance(checked, datetime):
        yield Finding("note", f"{stack.name} was never compared with its template", do)
    elif tools.now() - checked > _MONTH:
        found = f"{stack.name} was last compared with its template on {text_of(checked)}"
        yield Finding("note", found, do)
    else:
        yield Finding("ok", f"{stack.name} was as its template is on {text_of(checked)}")


def _wait(stack: Stack, detection: str, tools: Tools) -> None:
    """Wait for the end of a comparison. Raises `Unreadable` if it failed, or takes too long."""
    for _ in range(_POLLS):
        found = stack.client.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
        status = found["DetectionStatus"]
        if status == "DETECTION_COMPLETE":
            return
        if status != "DETECTION_IN_PROGRESS":
            reason = found.get("DetectionStatusReason", status)
            raise Unreadable(f"{stack.name}: the comparison failed: {reason}")
        tools.sleep(_POLL_SECONDS)
    raise Unreadable(f"{stack.name}: the comparison has not ended; run the same command again")
