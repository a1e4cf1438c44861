"""Read the use of a stage from CloudWatch, by the minute or the hour.

Requests no metric math and no percentiles, because tests cover the arithmetic here.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple

from chalicelib.table import INDEX
from infra.stacks.deployment import Stacks
from infra.stage import Stage
from ops import metrics
from ops.limits import ROUTES, UNITS
from ops.metrics import Metric
from ops.simulation import Scaling
from ops.tools import Tools
from tools.estimate import METRICS, MONTH_SECONDS, RESPONSE_BYTES, Use, traces
from tools.templates import load

MINUTE, HOUR, DAY = 60, 3600, 86_400
DAYS_OF_HOURS = 30

#: Sums of periods, the oldest first, 0 where CloudWatch has no value.
Series = Sequence[float]


class Usage:
    """The metrics of a stage, and the names that they have in CloudWatch.

    Raises `Misconfigured` if the stage has no data stack.
    """

    def __init__(self, stage: Stage, tools: Tools) -> None:
        self.stage, self.tools = stage, tools
        self.stacks = Stacks(stage, tools.client, tools.report)
        self._data = self.stacks.stack("data")
        outputs, api = self.stacks.require("data"), self.stacks.outputs("api")
        self.function = stage.function_name
        # `chalice deploy` names the API after the application.
        self.api = stage.function_name if api else stage.app_name
        #: The gateway's own id of the API, empty without an API.
        self.api_id = rest_api_id(stage, api)
        self.table = outputs["TableName"]
        self.pool = outputs["UserPoolId"]

    def read_scaling(self) -> dict[str, Scaling]:
        """Return the limits of autoscaling that the data stack has, or would have with it."""
        given = {**_default_parameters(), **self._data.parameters()}
        target = int(given["TargetUtilization"]) / 100
        kinds = {id: id.partition("_")[2].capitalize() for id in UNITS}
        return {
            id: Scaling(int(given[f"Min{kind}"]), int(given[f"Max{kind}"]), target)
            for id, kind in kinds.items()
        }

    def read_minutes(self) -> dict[str, Series]:
        """Return requests, by route too, and units, of each minute of two weeks."""
        # The function logs the latency of each request.
        routes = {route: self.own("Latency", "SampleCount", route=route) for route in ROUTES}
        wanted = {**self.traffic(), **self._units("Consumed"), **routes}
        return self._read(wanted, MINUTE, metrics.DAYS)

    def read_hours(self) -> dict[str, Series]:
        """Return all billed use, of each hour of a month."""
        provisioned = self._units("Provisioned", "Average")
        wanted = {
            **self.traffic(),
            **self._units("Consumed"),
            **{f"provisioned_{id}": metric for id, metric in provisioned.items()},
            **{
                id: Metric("AWS/Logs", "IncomingBytes", {"LogGroupName": group})
                for id, group in log_groups(self.stage).items()
            },
        }
        return self._read(wanted, HOUR, DAYS_OF_HOURS)

    def traffic(self) -> dict[str, Metric]:
        """Return the metrics of requests, and of the function's invocations and milliseconds."""
        function = {"FunctionName": self.function}
        return {
            "requests": Metric("AWS/ApiGateway", "Count", {"ApiName": self.api}),
            "invocations": Metric("AWS/Lambda", "Invocations", function),
            "milliseconds": Metric("AWS/Lambda", "Duration", function),
        }

    def own(self, name: str, statistic: str = "Sum", **dimensions: str) -> Metric:
        """Return a metric of the application, whose namespace is its name."""
        dimensions = {"function": self.function, **dimensions}
        return Metric(self.stage.app_name, name, dimensions, statistic)

    def _units(self, kind: str, statistic: str = "Sum") -> dict[str, Metric]:
        """Return the metrics of Consumed or Provisioned units, of table and index."""
        table = {"TableName": self.table}
        index = {**table, "GlobalSecondaryIndexName": INDEX}
        return {
            id: Metric(
                "AWS/DynamoDB",
                f"{kind}{'Read' if id.endswith('reads') else 'Write'}CapacityUnits",
                table if id.startswith("table") else index,
                statistic,
            )
            for id in UNITS
        }

    def _read(self, wanted: Mapping[str, Metric], period: int, days: int) -> dict[str, Series]:
        """Read the metrics. Raises `Unreadable` if CloudWatch does not have all values."""
        count, start = days * DAY // period, self.tools.now() - timedelta(days=days)
        found: dict[str, Series] = {}
        values = metrics.read(self.tools, list(wanted.values()), period=period, days=days)
        for id, by_time in zip(wanted, values, strict=True):
            series = [0.0] * count
            for at, value in by_time.items():
                # The first period may begin before `start`, and the last has not ended.
                place = int((at - start).total_seconds() // period)
                if 0 <= place < count:
                    series[place] = value
            found[id] = series
        return found


def log_groups(stage: Stage) -> dict[str, str]:
    """Return the log groups of the function, of the gateway and of the firewall."""
    name = stage.function_name
    groups = {"function_log": f"/aws/lambda/{name}", "access_log": f"/aws/apigateway/{name}"}
    return {**groups, "firewall_log": f"aws-waf-logs-{name}"}


def rest_api_id(stage: Stage, outputs: Mapping[str, str]) -> str:
    """Return the id of the API by the api stack's outputs or by `chalice deploy`, "" if absent."""
    deployed = stage.deployed_rest_api()
    return outputs.get("RestAPIId") or (deployed.id if deployed else "")


@cache  # reading the template takes longer than the rest
def _default_parameters() -> Mapping[str, Any]:
    parameters = load("data.yaml")["Parameters"]
    return {name: each["Default"] for name, each in parameters.items() if "Default" in each}


class Month(NamedTuple):
    """The use in a month at the pace of the last `hours`."""

    use: Use
    hours: int


def month_of(
    hourly: Mapping[str, Series], stage: Stage, stored_gb: float, users: float
) -> Month | None:
    """Return the use of a month, from sums by the hour, `None` if no request came.

    The hours before the first request do not count, unless less than a day is left.
    """
    first = next((at for at, count in enumerate(hourly["requests"]) if count), None)
    if first is None:
        return None
    first = min(first, max(len(hourly["requests"]) - 24, 0))
    of = {id: series[first:] for id, series in hourly.items()}
    hours = len(of["requests"])
    factor = MONTH_SECONDS / (hours * HOUR)
    sums = {id: sum(series) * factor for id, series in of.items()}
    use = Use(
        requests=sums["requests"],
        gb_seconds=sums["milliseconds"] / 1000 * stage.memory_mb / 1024,
        reads=sums["table_reads"] + sums["index_reads"],
        writes=sums["table_writes"] + sums["index_writes"],
        stored_gb=stored_gb,
        log_bytes=sums["function_log"] + sums["access_log"] + sums["firewall_log"],
        metrics=METRICS * sum(count > 0 for count in of["requests"]) / hours,
        traces=traces(sums["requests"]),
        response_bytes=sums["requests"] * RESPONSE_BYTES,
        users=users,
        architecture=stage.architecture,
        read_unit_hours=sums["provisioned_table_reads"] + sums["provisioned_index_reads"],
        write_unit_hours=sums["provisioned_table_writes"] + sums["provisioned_index_writes"],
    )
    return Month(use, hours)
