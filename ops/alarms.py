"""Alarms for a restored table, like those that watch its source.

They bridge the time until the stacks with the alarms are deployed for the new table; they carry
its name, so that they can be told from the others and deleted then.
"""

from typing import Any

from ops.tools import Tools


def copy(tools: Tools, source: str, target: str) -> None:
    """Metric alarms with the source's name in a dimension; not those that autoscaling keeps."""
    watch = tools.client("cloudwatch")
    shape = watch.meta.service_model.operation_model("PutMetricAlarm").input_shape
    pages = watch.get_paginator("describe_alarms").paginate(AlarmTypes=["MetricAlarm"])
    for alarm in [each for page in pages for each in page["MetricAlarms"]]:
        name = alarm["AlarmName"]
        if name.startswith("TargetTracking-") or _moved(alarm, source, target) == alarm:
            continue
        parameters = {key: value for key, value in alarm.items() if shape and key in shape.members}
        new = f"{name} ({target})"
        watch.put_metric_alarm(**_moved(parameters, source, target) | {"AlarmName": new})
        tools.report(f"{target}: watched by the alarm {new}")


def _moved(part: Any, source: str, target: str) -> Any:
    """The same, with the one table's name in place of the other's in every dimension."""
    if isinstance(part, list):
        return [_moved(each, source, target) for each in part]
    if not isinstance(part, dict):
        return part
    if part.get("Name") == "TableName" and part.get("Value") == source:
        return {**part, "Value": target}
    return {key: _moved(value, source, target) for key, value in part.items()}
