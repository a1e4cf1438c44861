"""Metrics of CloudWatch: on several pages, and unread."""

from datetime import timedelta
from typing import Any

import boto3
import pytest

from ops.errors import Unreadable
from ops.metrics import Metric, read
from ops.tools import Tools
from tests.aws import mock_aws
from tests.clients import as_client
from tests.integration.ops.conftest import NOW
from tests.integration.ops.responses import Responses

COUNT = Metric("AWS/ApiGateway", "Count", {"ApiName": "items-dev"})
ERRORS = Metric("AWS/ApiGateway", "5XXError", {"ApiName": "items-dev"})


def page(status: str, minute: int, token: str = "") -> dict[str, Any]:
    at = NOW - timedelta(minutes=minute)
    results = [{"Id": "m0", "Timestamps": [at], "Values": [1.0], "StatusCode": status}]
    return {"MetricDataResults": results, **({"NextToken": token} if token else {})}


def test_values_of_all_pages_are_read() -> None:
    def respond(NextToken: str = "", **_: Any) -> dict[str, Any]:  # noqa: N803 - AWS's name
        return page("Complete", 2) if NextToken else page("PartialData", 1, "2")

    responses = Responses({"cloudwatch:GetMetricData": respond})
    (values,) = read(Tools(responses.client, now=lambda: NOW), [COUNT])
    assert set(values) == {NOW - timedelta(minutes=1), NOW - timedelta(minutes=2)}


def test_unread_metric_is_no_zero() -> None:
    responses = Responses({"cloudwatch:GetMetricData": page("InternalError", 1)})
    with pytest.raises(Unreadable, match="CloudWatch has not read Count: InternalError"):
        read(Tools(responses.client, now=lambda: NOW), [COUNT])


@mock_aws
def test_metrics_keep_their_order_and_minutes() -> None:
    """moto sums the values of a minute."""
    cloudwatch = boto3.client("cloudwatch", "us-east-1")
    at = NOW - timedelta(minutes=3)
    dimensions = [{"Name": "ApiName", "Value": "items-dev"}]
    data = {"Dimensions": dimensions, "Timestamp": at}
    cloudwatch.put_metric_data(
        Namespace="AWS/ApiGateway",
        MetricData=[{"MetricName": "Count", "Value": value, **data} for value in (2, 3)],
    )
    tools = Tools(as_client(lambda _: cloudwatch), now=lambda: NOW + timedelta(seconds=20))
    assert read(tools, [ERRORS, COUNT]) == [{}, {at: 5.0}]
