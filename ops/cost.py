"""Show the bill beside the costs that follow from the stage's own metrics, and the levers on them.

The bill is the whole account's. The metrics are of the last 30 days. The largest saving comes
first. Cost Explorer charges for its two requests (docs/scaling.md). --refresh-prices reads
AWS's price list of the region into tools/prices.json instead.
"""

import argparse
from collections.abc import Iterator
from datetime import date
from typing import Any

from infra.stage import Stage
from ops import bill, findings, levers, price_list
from ops.bill import Bill
from ops.errors import Unreadable
from ops.findings import Finding
from ops.levers import Facts
from ops.limits import UNITS
from ops.tools import Tools
from ops.usage import MINUTE, Series, Usage, month_of
from tools import estimate
from tools.estimate import MONTH_HOURS, Row
from tools.prices import HOME, Prices, prices
from tools.project import PYTHON

_BILL, _METRICS = "the bill", "the stage's metrics"
#: Cost Explorer's services, with the beginnings of the parts that they charge for.
SERVICES = {
    "Amazon API Gateway": ("API Gateway",),
    "AWS Lambda": ("Lambda",),
    "Amazon DynamoDB": ("DynamoDB",),
    "AmazonCloudWatch": ("logs", "metrics", "alarms"),
    "AWS X-Ray": ("traces",),
    "Amazon CloudFront": ("CloudFront and S3",),
    "Amazon Cognito": ("Cognito",),
    "AWS WAF": ("the API's firewall", "CloudFront's firewall"),
    "AWS Backup": ("backups",),
}
#: A service is bad if it costs this many times its estimate, and at least one dollar more.
_TIMES, _MORE = 2, 1.0
_OLD_DAYS = 180


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stage", required=True, help="use this stage of .chalice/config.json")
    parser.add_argument(
        "--refresh-prices",
        action="store_true",
        help="write the region's list prices into tools/prices.json, and stop",
    )
    findings.add_options(parser)


def run(arguments: argparse.Namespace, tools: Tools) -> None:
    region = arguments.caller.region
    if arguments.refresh_prices:
        price_list.refresh(tools, region)
        return
    stage = Stage.load(tools.project, arguments.stage)
    cost = _Cost(Usage(stage, tools), prices(region))
    found = findings.collect(
        {
            "prices": cost.check_prices,
            _BILL: cost.read_bill,
            "forecast": cost.read_forecast,
            _METRICS: cost.read_metrics,
            "bill and metrics": cost.compare,
            "levers": cost.find_levers,
        }
    )
    findings.publish(found, arguments, tools)


class _Cost:
    """Reads bill and metrics, and compares them."""

    def __init__(self, usage: Usage, prices: Prices) -> None:
        self._usage, self._prices = usage, prices
        self._stage, self._tools = usage.stage, usage.tools
        self._today = usage.tools.now().date()
        #: The results of the checks that read data. A result is `None` without data.
        self._results: dict[str, Any] = {}
        self._hourly: dict[str, Series] = {}
        self._rows: list[Row] = []
        self._edge: list[Row] = []

    def check_prices(self) -> Iterator[Finding]:
        """Check that the prices are the region's, and not old."""
        price, refresh = self._prices, f"{PYTHON} -m ops cost --stage {self._stage.name}"
        refresh += " --refresh-prices"
        year, month = map(int, price.as_of.split("-"))
        if price.borrowed:
            found = f"those of {HOME} as of {price.as_of}, not those of {price.region}"
            if len(price.borrowed) < len(price.tiers) / 2:
                found = f"of {HOME}: {', '.join(sorted(price.borrowed))}"
            yield Finding("note", found, refresh)
        elif (self._today - date(year, month, 1)).days > _OLD_DAYS:
            yield Finding("note", f"as of {price.as_of}", refresh)
        else:
            yield Finding("ok", f"list prices of {price.region} as of {price.as_of}")

    def read_bill(self) -> Iterator[Finding]:
        """Read the account's bill of the last complete days."""
        read = bill.read(self._tools.client("ce", bill.ENDPOINT), self._today)
        self._results[_BILL] = read
        if not read:
            yield Finding("note", "Cost Explorer has no data: it needs a day")
            return
        parts = [f"{name} {usd:.2f}" for name, usd in read.services.items() if usd >= 0.005]
        yield Finding(
            "ok",
            f"{read.total:.2f} USD for {bill.DAYS} days until {read.until}, of the "
            f"whole account, without credits and tax: {', '.join(parts) or 'no service'}",
        )

    def read_forecast(self) -> Iterator[Finding]:
        """Read the costs that Cost Explorer expects."""
        expected = bill.read_forecast(self._tools.client("ce", bill.ENDPOINT), self._today)
        if expected is None:
            yield Finding("note", "Cost Explorer has too little data")
        else:
            yield Finding("ok", f"{expected:.2f} USD more until the month's end")

    def read_metrics(self) -> Iterator[Finding]:
        """Calculate a month's costs from the stage's own metrics."""
        self._hourly = self._usage.read_hours()
        table: Any = self._tools.client("dynamodb").describe_table(TableName=self._usage.table)
        own = table["Table"].get("TableSizeBytes", 0)
        indexes = table["Table"].get("GlobalSecondaryIndexes", [])
        stored = own + sum(index.get("IndexSizeBytes", 0) for index in indexes)
        pool = self._tools.client("cognito-idp").describe_user_pool(UserPoolId=self._usage.pool)
        users = pool["UserPool"].get("EstimatedNumberOfUsers", 0)
        month = month_of(self._hourly, self._stage, stored / 1e9, users)
        self._results[_METRICS] = month
        if not month:
            yield Finding("note", "no request in 30 days")
            return
        self._rows = [*month.use.rows(), *self._protection(month.use.requests, own / 1e9)]
        costs = sorted(((r.cost(self._prices), r.name) for r in self._rows), reverse=True)
        whole, millions = estimate.total(self._rows, self._prices), month.use.requests / 1e6
        front = sum(usd for usd, name in costs if name in ("API Gateway", "Lambda"))
        parts = [f"{name} {usd:.2f}" for usd, name in costs]
        yield Finding(
            "ok",
            f"{whole:.2f} USD a month without allowances at the pace of the last "
            f"{month.hours / 24:.0f} days, {millions:,.2f} M requests; "
            f"{front / millions:.2f} USD a million for gateway and function: {', '.join(parts)}",
        )

    def compare(self) -> Iterator[Finding]:
        """Compare the bill's services with the estimate of the same days."""
        billed, month = self._require(_BILL, _METRICS)
        if not billed or not month:
            yield Finding("note", "no figures to compare")
            return
        share = month.hours / MONTH_HOURS
        for service, starts in SERVICES.items():
            rows = [row for row in self._rows if row.text.startswith(starts)]
            expected = estimate.total(rows, self._prices)
            expected = share * (expected - estimate.allowance(rows, self._prices))
            usd = billed.services.get(service, 0.0)
            found = f"billed {usd:.2f} USD, {expected:.2f} from the stage's metrics"
            if usd > _TIMES * expected and usd > expected + _MORE:
                found += ": find its other users in the account"
                yield Finding("bad", found, _by_usage(service, billed), service)
            else:
                yield Finding("ok", found, name=service)

    def find_levers(self) -> Iterator[Finding]:
        """Calculate the saving of each lever."""
        (month,) = self._require(_METRICS)
        if not month:
            yield Finding("note", "no figures to calculate from")
            return
        memory = self._stage.memory_mb / 1024
        minutes = self._usage.read_minutes()
        facts = Facts(
            self._stage.name,
            month.use,
            self._prices,
            {id: [units / MINUTE for units in minutes[id]] for id in UNITS},
            [milliseconds / 1000 * memory for milliseconds in self._hourly["milliseconds"]],
            memory,
            estimate.total(self._edge, self._prices),
            not month.use.read_unit_hours,
            self._usage.read_scaling(),
        )
        for lever in levers.levers(facts):
            if lever.saving is None:
                yield Finding("ok", f"not now: {lever.why}", name=lever.name)
            else:
                found = f"saves {lever.saving:.2f} USD a month: {lever.why}"
                yield Finding("note", found, lever.do, lever.name)

    def _require(self, *checks: str) -> list[Any]:
        """Return the results of these checks. Raises `Unreadable` if one could not look."""
        missing = [each for each in checks if each not in self._results]
        if missing:
            raise Unreadable(f"it needs {' and '.join(missing)}")
        return [self._results[each] for each in checks]

    def _protection(self, requests: float, stored_gb: float) -> Iterator[Row]:
        """Yield the parts that exist: the firewalls, the alarms, the backups."""
        firewall, alarms, backups = estimate.protection(requests, stored_gb)
        outputs = self._usage.stacks.outputs
        if outputs("api").get("WebAclName"):
            yield firewall
        if outputs("monitoring"):
            yield alarms
        yield backups
        if outputs("edge").get("WebAclArn"):
            self._edge = [estimate.firewall("CloudFront's firewall", "edge", requests)]
            yield from self._edge


def _by_usage(service: str, bill: Bill) -> str:
    """Return the command that shows a service's usage types."""
    return (
        f"aws ce get-cost-and-usage --time-period Start={bill.since},End={bill.until} "
        "--granularity MONTHLY --metrics UnblendedCost --group-by Type=DIMENSION,Key=USAGE_TYPE "
        f"""--filter '{{"Dimensions":{{"Key":"SERVICE","Values":["{service}"]}}}}'"""
    )
