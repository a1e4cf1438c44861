"""Read the account's bill from Cost Explorer, which charges for each request.

The bill is the whole account's, because the resources have no tag to filter by.
"""

from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from types_boto3_ce import CostExplorerClient
    from types_boto3_ce.type_defs import ExpressionTypeDef

#: Cost Explorer has a single endpoint.
ENDPOINT = "us-east-1"
DAYS = 30
#: The end is exclusive, and the last two days are incomplete.
_INCOMPLETE = timedelta(days=1)
# These do not follow from use.
_WITHOUT: "ExpressionTypeDef" = {
    "Not": {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Credit", "Refund", "Tax"]}}
}


class Bill(NamedTuple):
    """The costs of complete days in USD by service, the dearest first. `until` is exclusive."""

    since: date
    until: date
    services: dict[str, float]

    @property
    def total(self) -> float:
        return sum(self.services.values())


def read(explorer: "CostExplorerClient", today: date) -> Bill | None:
    """Return the bill of the last complete days, `None` if Cost Explorer has no data."""
    until = today - _INCOMPLETE
    since = until - timedelta(days=DAYS)
    services: defaultdict[str, float] = defaultdict(float)
    more: dict[str, str] = {}
    while True:
        try:
            page = explorer.get_cost_and_usage(
                TimePeriod={"Start": since.isoformat(), "End": until.isoformat()},
                Granularity="DAILY",
                Metrics=["UnblendedCost"],
                GroupBy=[{"Type": "DIMENSION", "Key": "SERVICE"}],
                Filter=_WITHOUT,
                **more,
            )
        except explorer.exceptions.DataUnavailableException:
            return None
        for day in page["ResultsByTime"]:
            for group in day["Groups"]:
                services[group["Keys"][0]] += float(group["Metrics"]["UnblendedCost"]["Amount"])
        if not page.get("NextPageToken"):
            ordered = sorted(services.items(), key=lambda each: -each[1])
            return Bill(since, until, dict(ordered))
        more = {"NextPageToken": page["NextPageToken"]}


def read_forecast(explorer: "CostExplorerClient", today: date) -> float | None:
    """Return the expected costs until the month's end in USD, `None` without data."""
    end = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    try:
        found = explorer.get_cost_forecast(
            TimePeriod={"Start": today.isoformat(), "End": end.isoformat()},
            Granularity="MONTHLY",
            Metric="UNBLENDED_COST",
            Filter=_WITHOUT,
        )
    except explorer.exceptions.DataUnavailableException:
        return None
    return float(found["Total"]["Amount"])
