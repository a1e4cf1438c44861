"""Read CloudWatch metrics. AWS charges 0.01 USD for a thousand metrics of any length."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ops.errors import Unreadable
from ops.tools import Tools

if TYPE_CHECKING:
    from types_boto3_cloudwatch.type_defs import (
        MetricDataQueryTypeDef,
        MetricStatTypeDef,
        MetricTypeDef,
    )

#: CloudWatch keeps minutes for 15 days.
DAYS = 14

#: The values of one metric by the start of their period. A period without data is absent.
Values = dict[datetime, float]


@dataclass(frozen=True)
class Metric:
    """One metric of AWS or of the application."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    statistic: str = "Sum"

    def query(self, number: int, period: int) -> "MetricDataQueryTypeDef":
        metric: MetricTypeDef = {"Namespace": self.namespace, "MetricName": self.name}
        metric["Dimensions"] = [
            {"Name": name, "Value": value} for name, value in self.dimensions.items()
        ]
        stat: MetricStatTypeDef = {"Metric": metric, "Period": period, "Stat": self.statistic}
        return {"Id": f"m{number}", "MetricStat": stat}


def read(
    tools: Tools, metrics: Sequence[Metric], *, period: int = 60, days: int = DAYS
) -> list[Values]:
    """Return the values of each metric until now. Raises `Unreadable` if some are missing."""
    end = tools.now().replace(second=0, microsecond=0)
    start = end - timedelta(days=days)
    queries = [metric.query(n, period) for n, metric in enumerate(metrics)]
    values: dict[str, Values] = {f"m{n}": {} for n in range(len(metrics))}
    pages = tools.client("cloudwatch").get_paginator("get_metric_data")
    for page in pages.paginate(MetricDataQueries=queries, StartTime=start, EndTime=end):
        for result in page["MetricDataResults"]:
            # PartialData: the next page has more.
            if result.get("StatusCode", "Complete") not in ("Complete", "PartialData"):
                name = metrics[int(result["Id"][1:])].name
                raise Unreadable(f"CloudWatch has not read {name}: {result['StatusCode']}")
            values[result["Id"]].update(zip(result["Timestamps"], result["Values"], strict=True))
    return list(values.values())
