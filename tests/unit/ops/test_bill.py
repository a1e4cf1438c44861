"""The bill from Cost Explorer's pages, which botocore's Stubber checks against its model."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from ops import bill

TODAY = date(2026, 1, 31)
WITHOUT = {"Not": {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Credit", "Refund", "Tax"]}}}


@pytest.fixture
def explorer() -> Iterator[tuple[Any, Stubber]]:
    client = boto3.client("ce", bill.ENDPOINT, aws_access_key_id="a", aws_secret_access_key="b")
    with Stubber(client) as stub:
        yield client, stub
        stub.assert_no_pending_responses()


def day(start: str, **services: float) -> dict[str, Any]:
    groups = [
        {"Keys": [name], "Metrics": {"UnblendedCost": {"Amount": str(usd), "Unit": "USD"}}}
        for name, usd in services.items()
    ]
    return {"TimePeriod": {"Start": start, "End": start}, "Groups": groups, "Estimated": True}


def request(**more: str) -> dict[str, Any]:
    """Return a request for 30 days. The end is exclusive: yesterday and today are left out."""
    return {
        "TimePeriod": {"Start": "2025-12-31", "End": "2026-01-30"},
        "Granularity": "DAILY",
        "Metrics": ["UnblendedCost"],
        "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}],
        "Filter": WITHOUT,
        **more,
    }


def test_all_pages_are_added_by_service(explorer: tuple[Any, Stubber]) -> None:
    client, stub = explorer
    first = {"ResultsByTime": [day("2026-01-28", Lambda=1.5, Logs=0.25)], "NextPageToken": "2"}
    second = {"ResultsByTime": [day("2026-01-29", Lambda=1.0, Gateway=9.0)]}
    stub.add_response("get_cost_and_usage", first, request())
    stub.add_response("get_cost_and_usage", second, request(NextPageToken="2"))
    costs = bill.read(client, TODAY)
    assert costs
    assert costs.services == {"Gateway": 9.0, "Lambda": 2.5, "Logs": 0.25}
    assert next(iter(costs.services)) == "Gateway"
    assert costs.total == 11.75
    assert (costs.since, costs.until) == (date(2025, 12, 31), date(2026, 1, 30))


def test_new_account_has_no_bill_yet(explorer: tuple[Any, Stubber]) -> None:
    client, stub = explorer
    stub.add_client_error("get_cost_and_usage", "DataUnavailableException")
    stub.add_client_error("get_cost_forecast", "DataUnavailableException")
    assert bill.read(client, TODAY) is None
    assert bill.read_forecast(client, TODAY) is None


@pytest.mark.parametrize("call", [bill.read, bill.read_forecast])
def test_other_errors_propagate(call: Any, explorer: tuple[Any, Stubber]) -> None:
    client, stub = explorer
    operation = "get_cost_and_usage" if call is bill.read else "get_cost_forecast"
    stub.add_client_error(operation, "AccessDeniedException")
    with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
        call(client, TODAY)


@pytest.mark.parametrize(
    ("today", "end"),
    [(TODAY, "2026-02-01"), (date(2026, 2, 1), "2026-03-01"), (date(2026, 12, 31), "2027-01-01")],
)
def test_forecast_ends_with_the_month(today: date, end: str, explorer: tuple[Any, Stubber]) -> None:
    client, stub = explorer
    expected = {"TimePeriod": {"Start": today.isoformat(), "End": end}, "Granularity": "MONTHLY"}
    stub.add_response(
        "get_cost_forecast",
        {"Total": {"Amount": "4.7", "Unit": "USD"}},
        {**expected, "Metric": ANY, "Filter": WITHOUT},
    )
    assert bill.read_forecast(client, today) == 4.7
