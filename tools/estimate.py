"""Estimate the costs of a stage in a month, from its use and from the templates.

README's table, `ops cost` and the scaling model share these rows. They differ in the source of the
use: an assumed person, CloudWatch's metrics, or a rate of requests.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from tools.prices import Prices, free
from tools.templates import load

MONTH_HOURS = 730
MONTH_SECONDS = MONTH_HOURS * 3600

#: A person's requests in a month, the share that writes, and the data that they leave behind.
REQUESTS_PER_USER, WRITES = 2000, 0.2
USER_GB = 0.0001
#: An invocation: its duration, its memory, and the lines of the function and of the gateway.
SECONDS, MEMORY_GB = 0.03, 1.0
LOG_BYTES, RESPONSE_BYTES = 1400, 2000
#: Latency, Faults and ConsumedCapacity of four routes.
METRICS = 12
#: Copies of the table that the plan of the backups keeps: 35 daily, 12 monthly.
COPIES = 47

Units = Mapping[str, float]


class Row(NamedTuple):
    """A part of the costs, with the units of each price."""

    text: str
    units: Units

    @property
    def name(self) -> str:
        """Return the text without its details."""
        return re.split(r" \(|:|,", self.text)[0]

    def cost(self, prices: Prices) -> float:
        return sum(prices.cost(name, units) for name, units in self.units.items())


@dataclass(frozen=True)
class Use:
    """The use of a stage in a month. Reads and writes are request units, including the index's.

    A table with provisioned capacity has unit-hours instead.
    """

    requests: float
    gb_seconds: float
    reads: float
    writes: float
    stored_gb: float
    log_bytes: float
    metrics: float
    traces: float
    response_bytes: float
    users: float
    architecture: str = "arm64"
    read_unit_hours: float = 0
    write_unit_hours: float = 0

    def rows(self) -> list[Row]:
        """Return the parts that follow from use."""
        millions = self.requests / 1e6
        table = {"dynamodb_million_reads": self.reads / 1e6}
        table["dynamodb_million_writes"] = self.writes / 1e6
        if self.read_unit_hours:
            table = {"dynamodb_read_unit_hour": self.read_unit_hours}
            table["dynamodb_write_unit_hour"] = self.write_unit_hours
        return [
            Row("API Gateway", {"api_gateway_million_requests": millions}),
            Row(
                "Lambda",
                {
                    "lambda_million_requests": millions,
                    f"lambda_gb_second_{self.architecture}": self.gb_seconds,
                },
            ),
            Row("DynamoDB, the index too", {**table, "dynamodb_gb": self.stored_gb}),
            Row("logs", {"logs_gb": self.log_bytes / 1e9}),
            Row("metrics", {"metric": self.metrics}),
            Row("traces", {"million_traces": self.traces / 1e6}),
            Row(
                "CloudFront and S3",
                {
                    "cloudfront_million_requests": millions,
                    "cloudfront_gb": self.response_bytes / 1e9,
                    "s3_gb": 0.01,
                },
            ),
            Row("Cognito", {"cognito_user": self.users}),
        ]


def typical(requests: float, metric_share: float = 1) -> Use:
    """Return the use of this number of requests in a month.

    `metric_share` is the part of the month's hours in which a metric gets a value.
    """
    users = requests / REQUESTS_PER_USER
    return Use(
        requests=requests,
        gb_seconds=requests * SECONDS * MEMORY_GB,
        # An item and a page of the list take one unit each. A write takes another of the index.
        reads=requests * (1 - WRITES),
        writes=requests * WRITES * 2,
        stored_gb=USER_GB * users,
        log_bytes=requests * LOG_BYTES,
        metrics=METRICS * metric_share,
        traces=traces(requests),
        response_bytes=requests * RESPONSE_BYTES,
        users=users,
    )


def traces(requests: float) -> float:
    """Return the number of requests that X-Ray traces, at the default of `TraceRate`."""
    return requests * _trace_rate()


def protection(requests: float, stored_gb: float) -> list[Row]:
    """Return the parts that a release adds by its defaults."""
    alarms, composites = _alarms()
    return [
        firewall("the API's firewall (`Firewall`)", "api", requests),
        Row(
            f"alarms on {alarms} metrics, {composites} composite",
            {"alarm": alarms, "composite_alarm": composites},
        ),
        Row(
            "backups and point-in-time recovery",
            {"backup_gb": COPIES * stored_gb, "dynamodb_recovery_gb": stored_gb},
        ),
    ]


def firewall(text: str, stack: str, requests: float) -> Row:
    """Return the web ACL of a stack, with the rules that are always in it."""
    rules = _rules(stack)
    units = {"web_acl": 1, "web_acl_rule": rules, "web_acl_million_requests": requests / 1e6}
    return Row(f"{text}: a web ACL, {rules} rules", units)


def total(rows: Iterable[Row], prices: Prices) -> float:
    """Return the sum of the rows' costs."""
    return sum(row.cost(prices) for row in rows)


def allowance(rows: Iterable[Row], prices: Prices) -> float:
    """Return the amount that an account's allowances take off the rows' costs."""
    use: dict[str, float] = {}
    for row in rows:
        for name, units in row.units.items():
            use[name] = use.get(name, 0) + units
    return sum(prices.cost(name, min(units, free(name))) for name, units in use.items())


@cache  # reading a template takes longer than all of the arithmetic
def _rules(stack: str) -> int:
    rules = load(f"{stack}.yaml")["Resources"]["WebAcl"]["Properties"]["Rules"]
    return sum("Fn::If" not in each for each in rules)


@cache
def _trace_rate() -> float:
    return float(load("api.yaml")["Parameters"]["TraceRate"]["Default"])


@cache
def _alarms() -> tuple[int, int]:
    """Return the number of metrics that alarms watch, and of composite alarms."""
    metrics = composites = 0
    for stack in ("monitoring", "api"):
        for resource in load(f"{stack}.yaml")["Resources"].values():
            if resource.get("Type") == "AWS::CloudWatch::Alarm":
                queries = resource["Properties"].get("Metrics", [{"MetricStat": {}}])
                metrics += sum("MetricStat" in each for each in queries)
            composites += resource.get("Type") == "AWS::CloudWatch::CompositeAlarm"
    return metrics, composites
