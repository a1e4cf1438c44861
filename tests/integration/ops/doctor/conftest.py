"""A healthy stage `dev` in AWS's responses. Each test makes one part of it worse."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ops.__main__ import main
from ops.tools import Tools
from tests.integration.ops.conftest import NOW, TABLE
from tests.integration.ops.formation import ACCOUNT, POOL, arn
from tests.integration.ops.remedies import load_template
from tests.integration.ops.responses import Responses, failure

TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:items-dev-monitoring-Topic-1"
CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/1"
_RESOURCES = load_template("monitoring")["Resources"]
ALARMS = ("AvailabilityFast", "AvailabilityFastShort", "FunctionErrors")


def stack(part: str, outputs: dict[str, str], parameters: dict[str, str]) -> dict[str, Any]:
    """Return a stack that was deployed, and compared with its template yesterday."""
    return {
        "StackName": f"items-dev-{part}",
        "CreationTime": NOW - timedelta(days=100),
        "StackStatus": "UPDATE_COMPLETE",
        "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()],
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
        ],
        "DriftInformation": {
            "StackDriftStatus": "IN_SYNC",
            "LastCheckTimestamp": NOW - timedelta(days=1),
        },
    }


def alarm(name: str, *, actions: bool = True) -> dict[str, Any]:
    return {
        "AlarmName": f"items-dev-monitoring-{name}-1",
        "AlarmDescription": _RESOURCES[name]["Properties"]["AlarmDescription"],
        "ActionsEnabled": True,
        "AlarmActions": [TOPIC] if actions else [],
        "StateValue": "OK",
        "StateReason": "1 datapoint was not greater than the threshold",
        "StateUpdatedTimestamp": NOW - timedelta(days=3),
        "StateTransitionedTimestamp": NOW - timedelta(days=3),
    }


@dataclass
class Ward:
    """The stage, and the printed lines. `values` has metrics by name, as (minutes ago, value)."""

    project: Path
    stacks: dict[str, dict[str, Any]] = field(default_factory=dict)
    alarms: dict[str, dict[str, Any]] = field(default_factory=dict)
    values: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    responses: Responses = field(default_factory=Responses)
    lines: list[str] = field(default_factory=list)
    #: The dimensions of each metric that was read, by its name.
    read: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    slept: list[float] = field(default_factory=list)

    def run(self, *options: str, now: datetime = NOW) -> int:
        tools = Tools(
            self.responses.client,
            self.lines.append,
            lambda: now,
            self.slept.append,
            project=self.project,
        )
        return main(["doctor", "--stage", "dev", *options], tools)

    def findings(self, *options: str) -> list[dict[str, str]]:
        """Run with --json, and return its findings."""
        self.run("--json", *options)
        findings: list[dict[str, str]] = json.loads(self.lines.pop())["findings"]
        return findings

    def parameter(self, part: str, key: str, value: str) -> None:
        for entry in self.stacks[part]["Parameters"]:
            if entry["ParameterKey"] == key:
                entry["ParameterValue"] = value

    def _describe_stacks(self, StackName: str) -> Any:  # noqa: N803 - AWS's name
        part = StackName.removeprefix("items-dev-")
        if part not in self.stacks:
            message = f"Stack with id {StackName} does not exist"
            return failure("DescribeStacks", "ValidationError", message)
        return {"Stacks": [self.stacks[part]]}

    def _resources(self, StackName: str) -> Any:  # noqa: N803 - AWS's name
        names = ALARMS if StackName == "items-dev-monitoring" else ()
        rows = [("AWS::CloudWatch::Alarm", name, "CREATE_COMPLETE") for name in names]
        # The alarm of the last canary, and another resource.
        rows.append(("AWS::CloudWatch::Alarm", "Canary", "DELETE_COMPLETE"))
        rows.append(("AWS::SNS::Topic", "Topic", "CREATE_COMPLETE"))
        return {
            "StackResourceSummaries": [
                {
                    "LogicalResourceId": name,
                    "PhysicalResourceId": f"items-dev-monitoring-{name}-1",
                    "ResourceType": kind,
                    "ResourceStatus": status,
                    "LastUpdatedTimestamp": NOW,
                }
                for kind, name, status in rows
            ]
        }

    def _alarms(self, AlarmNames: list[str], **_: Any) -> Any:  # noqa: N803 - AWS's name
        alarms = [alarm for alarm in self.alarms.values() if alarm["AlarmName"] in AlarmNames]
        # A composite alarm is one that combines others.
        kinds: dict[str, list[Any]] = {"CompositeAlarms": [], "MetricAlarms": []}
        for alarm in alarms:
            kind = "Composite" if alarm["AlarmName"].endswith("AvailabilityFast-1") else "Metric"
            kinds[f"{kind}Alarms"].append(alarm)
        return kinds

    def _values(self, name: str, period: int) -> dict[datetime, float]:
        """Return a metric's sums by the start of their minute or hour."""
        sums: dict[datetime, float] = {}
        for minutes, value in self.values.get(name, []):
            at = NOW - timedelta(minutes=minutes)
            start = at.replace(minute=0) if period == 3600 else at
            sums[start] = sums.get(start, 0) + value
        return sums

    def _metrics(self, MetricDataQueries: list[Any], **_: Any) -> Any:  # noqa: N803 - AWS's name
        results = []
        for query in MetricDataQueries:
            metric = query["MetricStat"]["Metric"]
            dimensions = {pair["Name"]: pair["Value"] for pair in metric["Dimensions"]}
            self.read.setdefault(metric["MetricName"], []).append(dimensions)
            values = self._values(metric["MetricName"], query["MetricStat"]["Period"])
            results.append(
                {
                    "Id": query["Id"],
                    "Timestamps": list(values),
                    "Values": list(values.values()),
                    "StatusCode": "Complete",
                }
            )
        return {"MetricDataResults": results}


def log_group(name: str, days: int | None = 30) -> dict[str, Any]:
    return {"logGroupName": name, **({"retentionInDays": days} if days else {})}


@pytest.fixture
def ward(project: Path) -> Ward:
    data = {"TableName": TABLE, "TableArn": arn(TABLE), "OwnTableName": TABLE}
    data["UserPoolId"] = POOL.rpartition("/")[2]
    watched = {"TableName": TABLE, "ApiName": "items-dev", "ConcurrencyLimit": "1000"}
    rates = {"ReadsPerSecond": "200", "WritesPerSecond": "100", "AccessLogs": "true"}
    ward = Ward(
        project,
        {
            "data": stack("data", data, {"Backups": "true"}),
            "api": stack("api", {"RestAPIId": "abc"}, rates),
            "monitoring": stack("monitoring", {"TopicArn": TOPIC}, {**watched, "AlarmEmail": ""}),
            "edge": stack("edge", {"CertificateArn": CERTIFICATE}, {}),
        },
        {name: alarm(name, actions=not name.endswith("Short")) for name in ALARMS},
        {
            "Count": [(60, 600), (61, 120)],
            "Invocations": [(60, 600)],
            "Duration": [(60, 600 * 30)],
            "ConsumedReadCapacityUnits": [(60, 500)],
        },
    )
    ward.responses |= {
        "sts:GetCallerIdentity": {"Account": ACCOUNT},
        "cloudformation:DescribeStacks": ward._describe_stacks,
        "cloudformation:ListStackResources": ward._resources,
        "sns:ListSubscriptionsByTopic": {"Subscriptions": [subscription(f"{TOPIC}:1")]},
        "cloudwatch:DescribeAlarms": ward._alarms,
        "cloudwatch:GetMetricData": ward._metrics,
        "lambda:GetFunctionConcurrency": {},
        "lambda:GetAccountSettings": concurrency(1000),
        "lambda:GetAlias": {"FunctionVersion": "7"},
        "lambda:ListVersionsByFunction": versions(latest=1024),
        "apigateway:GetRestApi": {"name": "items-dev"},
        "apigateway:GetStage": throttles(200, 100),
        "apigateway:GetAccount": {"throttleSettings": {"rateLimit": 10_000.0}},
        "dynamodb:DescribeTable": {"Table": {"CreationDateTime": NOW - timedelta(days=100)}},
        "dynamodb:DescribeContinuousBackups": continuous_backups("ENABLED"),
        "dynamodb:ListTagsOfResource": {"Tags": [{"Key": "drilled", "Value": "2026-01-01T09:00Z"}]},
        "backup:ListRecoveryPointsByResource": recovery_points(NOW - timedelta(hours=6)),
        "acm:DescribeCertificate": certificate(NOW + timedelta(days=200)),
        "logs:DescribeLogGroups": logs("/aws/lambda/items-dev", "/aws/apigateway/items-dev"),
    }
    return ward


def subscription(arn: str) -> dict[str, str]:
    return {"SubscriptionArn": arn, "Protocol": "email", "Endpoint": "duty@example.com"}


def concurrency(most: int) -> dict[str, Any]:
    return {"AccountLimit": {"UnreservedConcurrentExecutions": most}}


def versions(*, latest: int, sixth: int = 1024) -> dict[str, Any]:
    """Return the memory of `$LATEST`, and of two versions of the function."""
    sizes = {"$LATEST": latest, "7": 1024, "6": sixth}
    return {"Versions": [{"Version": name, "MemorySize": size} for name, size in sizes.items()]}


def throttles(reads: float, writes: float) -> dict[str, Any]:
    rates = {"items/GET": reads, "items/PUT": writes}
    return {"methodSettings": {key: {"throttlingRateLimit": rate} for key, rate in rates.items()}}


def continuous_backups(status: str) -> dict[str, Any]:
    window = {
        "PointInTimeRecoveryStatus": status,
        "EarliestRestorableDateTime": NOW - timedelta(days=35),
    }
    return {
        "ContinuousBackupsDescription": {
            "ContinuousBackupsStatus": "ENABLED",
            "PointInTimeRecoveryDescription": window,
        }
    }


def recovery_points(*moments: datetime, status: str = "COMPLETED") -> dict[str, Any]:
    return {"RecoveryPoints": [{"CreationDate": at, "Status": status} for at in moments]}


def certificate(end: datetime, **more: Any) -> dict[str, Any]:
    names = {"DomainName": "items.example.com", "Status": "ISSUED", "NotAfter": end}
    return {"Certificate": {**names, **more}}


def logs(*names: str, days: int | None = 30) -> Callable[..., Any]:
    """Return the response for these groups and another stage's, by their prefix."""

    def respond(logGroupNamePrefix: str) -> Any:  # noqa: N803 - AWS's name
        groups = [log_group(name, days) for name in names]
        groups.append(log_group(f"{names[0]}-2", None) if names else log_group("other"))
        prefixed = [g for g in groups if g["logGroupName"].startswith(logGroupNamePrefix)]
        return {"logGroups": prefixed}

    return respond
