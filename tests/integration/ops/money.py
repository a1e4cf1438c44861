"""A stage's figures as AWS returns them, for `ops capacity` and `ops cost`."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from ops.__main__ import main
from ops.tools import Tools
from tests.integration.ops.conftest import NOW
from tests.integration.ops.responses import Response, Responses, failure
from tools.project import PROJECT

ACCOUNT = "123456789012"
POOL = f"arn:aws:cognito-idp:us-east-1:{ACCOUNT}:userpool/us-east-1_abc"
OUTPUTS = {
    "items-dev-data": {"TableName": "items-1", "UserPoolId": POOL.rpartition("/")[2]},
    "items-dev-api": {"RestAPIId": "a1", "WebAclName": "items-dev"},
    "items-dev-monitoring": {"TopicArn": "arn"},
}
METHODS = {
    "~1items/GET": 200.0,
    "~1items~1{id}/GET": 200.0,
    "~1items/PUT": 100.0,
    "~1items~1{id}/DELETE": 100.0,
    "~1items/OPTIONS": 200.0,
}
WARM = {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000, "Status": "ACTIVE"}
TABLE: dict[str, Any] = {
    "TableName": "items-1",
    "TableSizeBytes": 80 * 10**6,
    "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
    "WarmThroughput": WARM,
    "GlobalSecondaryIndexes": [
        {"IndexName": "by_owner", "IndexSizeBytes": 20 * 10**6, "WarmThroughput": WARM}
    ],
}

#: The sum of each period, by metric or by metric and a dimension's value.
Figures = Mapping[str, float]


def stacks(StackName: str) -> Any:  # noqa: N803 - AWS's name
    if StackName not in OUTPUTS:
        return failure("DescribeStacks", "ValidationError", f"Stack {StackName} does not exist")
    outputs = [
        {"OutputKey": key, "OutputValue": value} for key, value in OUTPUTS[StackName].items()
    ]
    stack = {"StackName": StackName, "CreationTime": NOW, "StackStatus": "CREATE_COMPLETE"}
    parameters = [{"ParameterKey": "MaxWrites", "ParameterValue": "300"}]
    return {"Stacks": [{**stack, "Outputs": outputs, "Parameters": parameters}]}


def figures(
    values: Figures, periods: int = 720, minutes: int = 10, hourly: bool = False
) -> Callable[..., Any]:
    """Return the same value for each metric's last periods, in pages of one metric."""

    def respond(
        MetricDataQueries: Any,  # noqa: N803 - AWS's name
        StartTime: Any,  # noqa: N803 - AWS's name
        EndTime: Any,  # noqa: N803 - AWS's name
        NextToken: str = "0",  # noqa: N803 - AWS's name
        **_: Any,
    ) -> dict[str, Any]:
        place = int(NextToken)
        query = MetricDataQueries[place]
        period = timedelta(seconds=query["MetricStat"]["Period"])
        value = _value(values, query["MetricStat"]["Metric"])
        # A minute has its part of an hour. A test may need only a few minutes.
        is_minute = period < timedelta(hours=1)
        value = value / 60 if is_minute and hourly else value
        most = minutes if is_minute else periods
        count = min((EndTime - StartTime) // period, most) if value else 0
        times = [EndTime - period * (n + 1) for n in range(count)]
        last = place + 1 == len(MetricDataQueries)
        result = {"Id": query["Id"], "Timestamps": times, "Values": [value] * count}
        result["StatusCode"] = "Complete"
        return {"MetricDataResults": [result], **({} if last else {"NextToken": str(place + 1)})}

    return respond


def _value(values: Figures, metric: Any) -> float:
    """Return the figure of the metric's most specific key."""
    names = [dimension["Value"] for dimension in metric.get("Dimensions", [])]
    for key in (
        *(f"{metric['MetricName']} {name}" for name in reversed(names)),
        metric["MetricName"],
    ):
        if key in values:
            return values[key]
    return 0.0


#: Each minute: 120 requests, of which 24 write. 96 units are read, a quarter in the index.
BUSY: Figures = {
    "Count": 120,
    "Invocations": 120,
    "Duration": 120 * 30,
    "ConsumedReadCapacityUnits": 72,
    "ConsumedReadCapacityUnits by_owner": 24,
    "ConsumedWriteCapacityUnits": 24,
    "ConsumedWriteCapacityUnits by_owner": 24,
    "Latency GET /items/{id}": 72,
    "Latency GET /items": 24,
    "Latency PUT /items": 18,
    "Latency DELETE /items/{id}": 6,
    "IncomingBytes": 120 * 700,
}


#: The bill of README's thousand users for 30 days, in an account with other stages.
BILL = {
    "Amazon API Gateway": 6.90,
    "AWS Lambda": 0.21,
    "Amazon DynamoDB": 0.71,
    "AmazonCloudWatch": 5.65,
    "AWS X-Ray": 0.10,
    "AWS Backup": 0.39,
    "Amazon Cognito": 0.0,
    "AWS WAF": 10.06,
    "Amazon EC2": 12.5,
}


def billed(services: Mapping[str, float]) -> dict[str, Any]:
    """Return Cost Explorer's response with these costs, on two days."""
    groups = [
        {"Keys": [name], "Metrics": {"UnblendedCost": {"Amount": str(usd / 2), "Unit": "USD"}}}
        for name, usd in services.items()
    ]
    return {"ResultsByTime": [{"Groups": groups, "Estimated": True}] * 2}


#: Each hour of a month with README's 2 million requests: 2,740, of which 548 write.
THOUSAND_USERS: Figures = {
    "Count": 2740,
    "Invocations": 2740,
    "Duration": 2740 * 30,
    "ConsumedReadCapacityUnits": 1644,
    "ConsumedReadCapacityUnits by_owner": 548,
    "ConsumedWriteCapacityUnits": 548,
    "ConsumedWriteCapacityUnits by_owner": 548,
    "IncomingBytes": 2740 * 1400 / 3,
}


def responses(values: Figures, hourly: bool = False, **changes: Response) -> Responses:
    """Return the responses of a healthy stage. `changes` are by operation."""
    usual: dict[str, Response] = {
        "sts:GetCallerIdentity": {"Account": ACCOUNT},
        "cloudformation:DescribeStacks": stacks,
        "cloudwatch:GetMetricData": figures(values, hourly=hourly),
        "apigateway:GetStage": {
            "methodSettings": {
                key: {"throttlingRateLimit": most, "throttlingBurstLimit": int(most)}
                for key, most in METHODS.items()
            }
        },
        "apigateway:GetAccount": {"throttleSettings": {"rateLimit": 10_000.0, "burstLimit": 5_000}},
        "lambda:GetAccountSettings": {"AccountLimit": {"UnreservedConcurrentExecutions": 1_000}},
        "lambda:GetFunctionConcurrency": {},
        "dynamodb:DescribeTable": {"Table": TABLE},
        "dynamodb:DescribeLimits": {
            "TableMaxReadCapacityUnits": 40_000,
            "TableMaxWriteCapacityUnits": 40_000,
        },
        "service-quotas:GetServiceQuota": {"Quota": {"Value": 120.0}},
        "cognito-idp:DescribeUserPool": {"UserPool": {"EstimatedNumberOfUsers": 1_000}},
        "ce:GetCostAndUsage": billed(BILL),
        "ce:GetCostForecast": {"Total": {"Amount": "4.7", "Unit": "USD"}},
    }
    return Responses({**usual, **{_named(usual, name): change for name, change in changes.items()}})


def _named(known: Mapping[str, Response], operation: str) -> str:
    (name,) = [name for name in known if name.endswith(f":{operation}")]
    return name


def run(project: Path, responses: Responses, *arguments: str) -> tuple[int, list[str]]:
    """Return the exit status of `ops`, and its lines."""
    lines: list[str] = []
    tools = Tools(responses.client, lines.append, lambda: NOW, project=project)
    return main([arguments[0], "--stage", "dev", *arguments[1:]], tools), lines


def blocks(lines: list[str], state: str) -> Iterator[str]:
    """Yield the names of the findings in a state."""
    for line in lines:
        if line.startswith(state):
            yield line[9:].partition(":")[0]


def assert_documented(document: str, command: str, lines: list[str]) -> None:
    """Assert that the document's output has beginnings of these lines, in their order."""
    text = (PROJECT / "docs" / document).read_text()
    pattern = rf"<!-- output: {command} -->\n(.*?)<!-- end of output -->"
    (block,) = re.findall(pattern, text, re.S)
    shown = [line.removeprefix("    ") for line in block.splitlines()]
    assert len(shown) > 5
    printed = iter(lines)
    for start in shown:
        assert any(line.startswith(start) for line in printed), start
