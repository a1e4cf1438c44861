"""`.venv/bin/python -m local logs`: the log of the deployed function, in the local cloud."""

import re
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3

from infra.stage import LOCAL_STAGE, Stage
from local.emulator import check_is_running
from local.home import Home
from tools.project import PROJECT

if TYPE_CHECKING:
    from types_boto3_logs import CloudWatchLogsClient
    from types_boto3_logs.type_defs import FilteredLogEventTypeDef

_POLL_SECONDS = 1.0
# An event may arrive this long after a younger event of another stream.
_LATE_MILLISECONDS = 1000
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def duration(text: str) -> float:
    """Return the seconds of a duration such as `90s`, `10m`, `2h` or `1d`. Raises `ValueError`."""
    match = re.fullmatch(r"(\d+)([smhd])", text)
    if match is None:
        raise ValueError(text)
    return int(match[1]) * _UNITS[match[2]]


def logs(home: Home, since: float, follow: bool) -> None:
    """Print each event of the last `since` seconds, oldest first. `follow` prints until Ctrl-C.

    Raises `LocalError` if the local cloud is not running.
    """
    check_is_running(home)
    stack = home.stack()
    where = {"endpoint_url": stack["endpoint_url"], "region_name": stack["region"]}
    client: CloudWatchLogsClient = boto3.client("logs", **where)
    group = f"/aws/lambda/{Stage.load(PROJECT, LOCAL_STAGE).function_name}"
    start = round((time.time() - since) * 1000)
    try:
        for event in _events(client, group, start, follow):
            moment = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
            time_text = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            print(f"{time_text} {event['message'].rstrip()}", flush=True)
    except KeyboardInterrupt:
        pass


def _events(
    client: "CloudWatchLogsClient", group: str, start: int, follow: bool
) -> "Iterator[FilteredLogEventTypeDef]":
    pages = client.get_paginator("filter_log_events")
    printed: Counter[tuple[str, int, str]] = Counter()
    while True:
        window: Counter[tuple[str, int, str]] = Counter()
        new = 0
        # One request has the events of all streams in the order of time, but not all of them.
        for page in pages.paginate(logGroupName=group, startTime=start):
            for event in page["events"]:
                key = (event["logStreamName"], event["timestamp"], event["message"])
                window[key] += 1
                if window[key] > printed[key]:
                    new += 1
                    yield event
        printed = window
        if window:
            start = max(start, max(timestamp for _, timestamp, _ in window) - _LATE_MILLISECONDS)
        if not new:
            if not follow:
                return
            time.sleep(_POLL_SECONDS)
