"""The log of one execution environment among several."""

import json
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.aws import mock_aws
from tests.smoke.environment import environment_log

LINES = {
    "a": [{"message": "started", "client": "sdk"}, {"message": "request", "correlation_id": "1"}],
    "b": [{"message": "started", "client": "own"}, {"message": "request", "correlation_id": "2"}],
}


@pytest.fixture
def logs() -> Iterator[Any]:
    with mock_aws():
        logs = boto3.client("logs", region_name="eu-west-1")
        logs.create_log_group(logGroupName="/aws/lambda/items")
        for stream, lines in LINES.items():
            name = {"logGroupName": "/aws/lambda/items", "logStreamName": stream}
            logs.create_log_stream(**name)
            now = int(time.time() * 1000)
            written = ["START RequestId: 1", *map(json.dumps, lines)]
            logs.put_log_events(
                **name, logEvents=[{"timestamp": now, "message": each} for each in written]
            )
        yield logs


@pytest.mark.parametrize(("correlation", "stream"), [("1", "a"), ("2", "b")])
def test_it_is_the_log_of_the_one_that_served(logs: Any, correlation: str, stream: str) -> None:
    assert environment_log(logs, "items", correlation) == LINES[stream]


def test_request_missing_in_the_log_is_an_error(logs: Any) -> None:
    with pytest.raises(AssertionError, match="the log /aws/lambda/items does not show 3"):
        environment_log(logs, "items", "3", patience=0)
