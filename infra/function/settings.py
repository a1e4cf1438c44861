"""Settings of the function's versions in `.chalice/config.json` that Chalice does not know.

Chalice ignores these keys. They are literals in the template, because a changed parameter publishes
no version. As with Chalice's own keys, a stage's value overrides the application's value.
docs/settings.md explains each setting and its cost.
"""

import re
import sys
from dataclasses import dataclass
from typing import Any

from infra.aws import AWS, Capabilities
from infra.errors import Misconfigured
from infra.function.alias import ALIAS
from infra.stage import Stage

#: The share of the provisioned execution environments that autoscaling keeps in use.
TARGET_UTILIZATION = 0.7

# Lambda's SnapStart needs this Python. Chalice packages for the interpreter that runs it.
_SNAP_START_SINCE = (3, 12)
_SCHEDULE = re.compile(r"(cron|at|rate)\(.+\)")
_WINDOW = ("schedule", "min", "max", "timezone")


@dataclass(frozen=True)
class Window:
    """The minimum and maximum of execution environments from a scheduled time on.

    `timezone` applies to the schedule.
    """

    schedule: str
    least: int
    most: int
    timezone: str = "UTC"


@dataclass(frozen=True)
class FunctionSettings:
    """The settings of the function's versions.

    `provisioned` and `provisioned_max` are the minimum and maximum number of execution environments
    that wait for requests, 0 to provision no environment.
    """

    snap_start: bool = False
    provisioned: int = 0
    provisioned_max: int = 0
    schedule: tuple[Window, ...] = ()

    @property
    def most(self) -> int:
        """Return the highest number of environments that are ever provisioned."""
        return max(self.provisioned_max, *(each.most for each in self.schedule), 0)

    def properties(self) -> dict[str, Any]:
        """Return the properties of the AWS::Serverless::Function."""
        members: dict[str, Any] = {}
        if self.snap_start:
            members["SnapStart"] = {"ApplyOn": "PublishedVersions"}
        if self.provisioned:
            members["ProvisionedConcurrencyConfig"] = {
                "ProvisionedConcurrentExecutions": self.provisioned
            }
        return members

    def resources(self, alias: str) -> dict[str, Any]:
        """Return the resources that scale the number by use and by schedule.

        `alias` is the alias's logical id.
        """
        if self.most <= self.provisioned and not self.schedule:
            return {}
        target = {
            "ServiceNamespace": "lambda",
            "ScalableDimension": "lambda:function:ProvisionedConcurrency",
            "ResourceId": {"Fn::Sub": f"function:${{APIHandler}}:{ALIAS}"},
            "MinCapacity": self.provisioned,
            "MaxCapacity": self.provisioned_max,
        }
        if self.schedule:
            target["ScheduledActions"] = [
                {
                    "ScheduledActionName": f"window-{number}",
                    "Schedule": each.schedule,
                    "Timezone": each.timezone,
                    "ScalableTargetAction": {"MinCapacity": each.least, "MaxCapacity": each.most},
                }
                for number, each in enumerate(self.schedule, 1)
            ]
        policy = {
            "PolicyName": {"Fn::Sub": "${APIHandler}-provisioned"},
            "PolicyType": "TargetTrackingScaling",
            "ScalingTargetId": {"Ref": "ProvisionedTarget"},
            "TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": TARGET_UTILIZATION,
                "PredefinedMetricSpecification": {
                    "PredefinedMetricType": "LambdaProvisionedConcurrencyUtilization"
                },
            },
        }
        return {
            "ProvisionedTarget": {
                "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
                "DependsOn": alias,  # the ResourceId above has no Ref
                "Properties": target,
            },
            "ProvisionedScaling": {
                "Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
                "Properties": policy,
            },
        }


def function_settings(
    stage: Stage, target: Capabilities = AWS, python: tuple[int, int] = sys.version_info[:2]
) -> FunctionSettings:
    """Return the stage's settings.

    Raises `Misconfigured` with the key and the stage. `python` is the packaged Python version. For
    a target without scaling, the defaults apply.
    """
    if not target.scaling:
        return FunctionSettings()
    snap_start = stage.setting("snap_start", False)
    if not isinstance(snap_start, bool):
        raise _setting_error(stage, "snap_start", f"must be true or false, not {snap_start!r}")
    least = _check_count(
        stage, "provisioned_concurrency", stage.setting("provisioned_concurrency", 0)
    )
    most = stage.setting("provisioned_concurrency_max", 2 * least)
    _check_count(stage, "provisioned_concurrency_max", most, least)
    schedule = stage.setting("provisioned_concurrency_schedule", [])
    if not isinstance(schedule, list):
        raise _setting_error(
            stage, "provisioned_concurrency_schedule", f"must be a list, not {schedule!r}"
        )
    settings = FunctionSettings(
        snap_start, least, most, tuple(_parse_window(stage, each) for each in schedule)
    )
    if settings.most and not least:
        raise _setting_error(
            stage, "provisioned_concurrency", "is 0, but a maximum or a schedule is set"
        )
    if snap_start and least:
        raise _setting_error(stage, "snap_start", "and provisioned_concurrency cannot be combined")
    if snap_start and python < _SNAP_START_SINCE:
        raise _setting_error(
            stage,
            "snap_start",
            f"needs Python 3.12 or newer, but Chalice packages for {python[0]}.{python[1]}: run "
            "`make clean`, then pass PYTHON=python3.12, or remove the setting",
        )
    return settings


def check_reserved(stage: Stage, settings: FunctionSettings, reserved: int) -> None:
    """Raise `Misconfigured` if more is provisioned than reserved. -1 is no reservation."""
    if 0 <= reserved < settings.most:
        raise _setting_error(
            stage,
            "provisioned_concurrency",
            f"scales to {settings.most}, more than the parameter ReservedConcurrency: {reserved}",
        )


def _parse_window(stage: Stage, entry: Any) -> Window:
    key = "provisioned_concurrency_schedule"
    if not isinstance(entry, dict) or not {"schedule", "min", "max"} <= set(entry) <= set(_WINDOW):
        raise _setting_error(
            stage, key, f"must have entries with schedule, min, max and timezone, not {entry!r}"
        )
    schedule, timezone = entry["schedule"], entry.get("timezone", "UTC")
    if not isinstance(schedule, str) or not _SCHEDULE.fullmatch(schedule):
        raise _setting_error(
            stage, key, f"must have cron(…), at(…) or rate(…) as schedule, not {schedule!r}"
        )
    if not isinstance(timezone, str):
        raise _setting_error(stage, key, f"must have a name as timezone, not {timezone!r}")
    least = _check_count(stage, f"{key}'s min", entry["min"])
    return Window(
        schedule, least, _check_count(stage, f"{key}'s max", entry["max"], least), timezone
    )


def _check_count(stage: Stage, key: str, value: Any, least: int = 0) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise _setting_error(
            stage, key, f"must be a whole number of at least {least}, not {value!r}"
        )
    return value


def _setting_error(stage: Stage, key: str, problem: str) -> Misconfigured:
    return Misconfigured(f"stage {stage.name} in {stage.config_file.name}: {key} {problem}")
