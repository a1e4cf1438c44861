"""The log of the execution environment that served a request."""

import json
import time
from collections.abc import Iterator
from typing import Any

#: The usual maximum until CloudWatch Logs shows a line.
SECONDS = 60.0


def environment_log(
    logs: Any, function: str, correlation: str, patience: float = SECONDS
) -> list[dict[str, Any]]:
    """Return the structured lines of the environment that served the request, from its start.

    Waits until the log shows the request with this correlation id. Raises `AssertionError` after
    `patience` seconds, or the SDK's errors.
    """
    group, since = f"/aws/lambda/{function}", int(time.time() - 300) * 1000
    until = time.monotonic() + patience
    while True:
        for event in _events(logs, group, startTime=since):
            if json.loads(event["message"]).get("correlation_id") == correlation:
                in_stream = _events(logs, group, logStreamNames=[event["logStreamName"]])
                return [json.loads(each["message"]) for each in in_stream]
        assert time.monotonic() < until, f"the log {group} does not show {correlation}"
        time.sleep(1)


def _events(logs: Any, group: str, **limits: Any) -> Iterator[Any]:
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, **limits)
    for page in pages:
        # The others are the runtime's own.
        yield from (each for each in page["events"] if each["message"].startswith("{"))
