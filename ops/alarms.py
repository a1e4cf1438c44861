"""Copy the alarms of a table for a restored table.

The copies watch the new table until the stacks deploy their own alarms for it. A copy's name ends
with the table's name, which identifies the copies for deletion afterwards.
"""

from typing import Any

from ops.tools import Tools


def copy(tools: Tools, source: str, target: str) -> None:
    """Copy the metric alarms with the source's name in a dimension, except autoscaling's own."""
    watch = tools.client("cloudwatch")
    shape = watch.meta.service_model.operation_model("PutMetricAlarm").input_shape
    pages = watch.get_paginator("describe_alarms").paginate(AlarmTypes=["MetricAlarm"])
    for alarm in [each for page in pages for each in page["MetricAlarms"]]:
        name = alarm["AlarmName"]
        if name.startswith("TargetTracking-") or _replace_name(alarm, source, target) == alarm:
            continue
        parameters = {key: value for key, value in alarm.items() if shape and key in shape.members}
        new = f"{name} ({target})"
        watch.put_metric_alarm(**_replace_name(parameters, source, target) | {"AlarmName": new})
        tools.report(f"{target}: watched by the alarm {new}")


def _replace_name(part: Any, source: str, target: str) -> Any:
    """Return `part` with the target's name instead of the source's in every dimension."""
    if isinstance(part, list):
        return [_replace_name(each, source, target) for each in part]
    if not isinstance(part, dict):
        return part
    if part.get("Name") == "TableName" and part.get("Value") == source:
        return {**part, "Value": target}
    return {key: _replace_name(value, source, target) for key, value in part.items()}
