"""Show the bill beside the costs that follow from the stage's own metrics, and the levers on them.

The bill is the whole account's. The metrics are of the last 30 days. The largest saving comes
first. Cost Explorer charges for its two requests (docs/scaling.md). --refresh-prices reads
AWS's price list of the region into tools/prices.json instead.
"""

import argparse
from collections.abc import Iterator
from datetime import date
from typing import Any

from infra.cloudformation.stack import Stack
from infra.permissions.terms import EDGE_REGION
from infra.stage import Stage
from ops import bill, findings, levers, price_list, usage
from ops.bill import Bill
from ops.errors import Unreadable
from ops.findings import Finding
from ops.lever import Facts
from ops.limits import UNITS
from ops.tools import Tools
from ops.usage import Month, Parts, Series
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
    cost = _Cost(stage, usage.parts(stage, tools), prices(region), tools)
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

    def __init__(self, stage: Stage, parts: Parts, prices: Prices, tools: Tools) -> None:
        self._stage, self._parts, self._prices, self._tools = stage, parts, prices, tools
        #: The checks that read their data, which may be `None` for an account without data.
        self._known: set[str] = set()
        self._bill: Bill | None = None
        self._month: Month | None = None
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
            yield Finding("note", "prices", found, refresh)
        elif (self._today() - date(year, month, 1)).days > _OLD_DAYS:
            yield Finding("note", "prices", f"as of {price.as_of}", refresh)
        else:
            yield Finding("ok", "prices", f"list prices of {price.region} as of {price.as_of}")

    def read_bill(self) -> Iterator[Finding]:
        """Read the account's bill of the last complete days."""
        self._bill = bill.read(self._tools.client("ce", bill.ENDPOINT), self._today())
        self._known.add(_BILL)
        if not self._bill:
            yield Finding("note", _BILL, "Cost Explorer has no data: it needs a day")
            return
        parts = [f"{name} {usd:.2f}" for name, usd in self._bill.services.items() if usd >= 0.005]
        yield Finding(
            "ok",
            _BILL,
            f"{self._bill.total:.2f} USD for {bill.DAYS} days until {self._bill.until}, of the "
            f"whole account, without credits and tax: {', '.join(parts) or 'no service'}",
        )

    def read_forecast(self) -> Iterator[Finding]:
        """Read the costs that Cost Explorer expects."""
        expected = bill.forecast(self._tools.client("ce", bill.ENDPOINT), self._today())
        if expected is None:
            yield Finding("note", "forecast", "Cost Explorer has too little data")
        else:
            yield Finding("ok", "forecast", f"{expected:.2f} USD more until the month's end")

    def read_metrics(self) -> Iterator[Finding]:
        """Calculate a month's costs from the stage's own metrics."""
        self._hourly = usage.by_hour(self._parts, self._tools)
        table: Any = self._tools.client("dynamodb").describe_table(TableName=self._parts.table)
        sizes = [table["Table"].get("TableSizeBytes", 0)]
        for index in table["Table"].get("GlobalSecondaryIndexes", []):
            sizes.append(index.get("IndexSizeBytes", 0))
        pool = self._tools.client("cognito-idp").describe_user_pool(UserPoolId=self._parts.pool)
        users = pool["UserPool"].get("EstimatedNumberOfUsers", 0)
        self._month = usage.month(self._hourly, self._stage, sum(sizes) / 1e9, users)
        self._known.add(_METRICS)
        if not self._month:
            yield Finding("note", _METRICS, "no request in 30 days")
            return
        use = self._month.use
        self._rows = [*use.rows(), *self._protection(use.requests, sizes[0] / 1e9)]
        costs = sorted(((r.cost(self._prices), r.name) for r in self._rows), reverse=True)
        whole, millions = estimate.total(self._rows, self._prices), use.requests / 1e6
        front = sum(usd for usd, name in costs if name in ("API Gateway", "Lambda"))
        parts = [f"{name} {usd:.2f}" for usd, name in costs]
        yield Finding(
            "ok",
            _METRICS,
            f"{whole:.2f} USD a month without allowances at the pace of the last "
            f"{self._month.hours / 24:.0f} days, {millions:,.2f} M requests; "
            f"{front / millions:.2f} USD a million for gateway and function: {', '.join(parts)}",
        )

    def compare(self) -> Iterator[Finding]:
        """Compare the bill's services with the estimate of the same days."""
        self._require(_BILL, _METRICS)
        if not self._bill or not self._month:
            yield Finding("note", "bill and metrics", "no figures to compare")
            return
        share = self._month.hours / MONTH_HOURS
        for service, starts in SERVICES.items():
            rows = [row for row in self._rows if row.text.startswith(starts)]
            expected = estimate.total(rows, self._prices)
            expected = share * (expected - estimate.allowance(rows, self._prices))
            billed = self._bill.services.get(service, 0.0)
            bad = billed > _TIMES * expected and billed > expected + _MORE
            yield Finding(
                "bad" if bad else "ok",
                service,
                f"billed {billed:.2f} USD, {expected:.2f} from the stage's metrics"
                + (": find its other users in the account" if bad else ""),
                _by_usage(service, self._bill) if bad else "",
            )

    def find_levers(self) -> Iterator[Finding]:
        """Calculate the saving of each lever."""
        self._require(_METRICS)
        if not self._month:
            yield Finding("note", "levers", "no figures to calculate from")
            return
        use = self._month.use
        memory = self._stage.setting("lambda_memory_size", 128) / 1024
        minutes = usage.by_minute(self._parts, self._tools)
        facts = Facts(
            self._stage.name,
            use,
            self._prices,
            {id: [units / usage.MINUTE for units in minutes[id]] for id in UNITS},
            [milliseconds / 1000 * memory for milliseconds in self._hourly["milliseconds"]],
            memory,
            estimate.total(self._edge, self._prices),
            not use.read_unit_hours,
            usage.scaling(self._stage, self._tools),
        )
        for lever in levers.levers(facts):
            if lever.saving is None:
                yield Finding("ok", lever.name, f"not now: {lever.why}")
            else:
                found = f"saves {lever.saving:.2f} USD a month: {lever.why}"
                yield Finding("note", lever.name, found, lever.do)

    def _require(self, *checks: str) -> None:
        """Raise `Unreadable` unless these checks could look."""
        missing = [each for each in checks if each not in self._known]
        if missing:
            raise Unreadable(f"it needs {' and '.join(missing)}")

    def _protection(self, requests: float, stored_gb: float) -> Iterator[Row]:
        """Yield the parts that exist: the firewalls, the alarms, the backups."""
        firewall, alarms, backups = estimate.protection(requests, stored_gb)
        if self._outputs("api").get("WebAclName"):
            yield firewall
        if self._outputs("monitoring"):
            yield alarms
        yield backups
        if self._outputs("edge", EDGE_REGION).get("WebAclArn"):
            self._edge = [estimate.firewall("CloudFront's firewall", "edge", requests)]
            yield from self._edge

    def _outputs(self, part: str, region: str | None = None) -> dict[str, str]:
        client = self._tools.client("cloudformation", region)
        return Stack(client, self._stage.stack_name(part), self._tools.report).outputs_if_any()

    def _today(self) -> date:
        return self._tools.now().date()


def _by_usage(service: str, bill: Bill) -> str:
    """Return the command that shows a service's usage types."""
    return (
        f"aws ce get-cost-and-usage --time-period Start={bill.since},End={bill.until} "
        "--granularity MONTHLY --metrics UnblendedCost --group-by Type=DIMENSION,Key=USAGE_TYPE "
        f"""--filter '{{"Dimensions":{{"Key":"SERVICE","Values":["{service}"]}}}}'"""
    )
