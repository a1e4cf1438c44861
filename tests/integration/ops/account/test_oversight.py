"""`ops account`: CloudTrail, budget, contact, threats, external access."""

from typing import Any

import pytest

from tests.integration.ops.account.conftest import (
    TRAIL,
    Office,
    analyzers,
    budget,
    selector,
    trail,
)
from tests.integration.ops.case import Case, respond
from tests.integration.ops.responses import denied, failure

UNSAFE: dict[str, Case] = {
    "no trail": Case(
        respond("cloudtrail:DescribeTrails", {"trailList": []}),
        *("bad", "CloudTrail", "no trail records the account's calls", "cloudtrail-tutorial"),
    ),
    "trail of one region": Case(
        respond("cloudtrail:DescribeTrails", trail(IsMultiRegionTrail=False)),
        *("bad", "CloudTrail", "all records one region", ""),
    ),
    "stopped trail": Case(
        respond("cloudtrail:GetTrailStatus", {"IsLogging": False}),
        *("bad", "CloudTrail", "all is stopped", ""),
    ),
    "trail that cannot deliver": Case(
        respond(
            "cloudtrail:GetTrailStatus", {"IsLogging": True, "LatestDeliveryError": "NoSuchBucket"}
        ),
        *("bad", "CloudTrail", "all cannot deliver (NoSuchBucket)", ""),
    ),
    "trail without validation": Case(
        respond("cloudtrail:DescribeTrails", trail(LogFileValidationEnabled=False)),
        *("bad", "CloudTrail", "all does not validate its files", ""),
    ),
    "trail of writes": Case(
        respond(
            "cloudtrail:GetEventSelectors",
            selector(eventCategory=["Management"], readOnly=["false"]),
        ),
        *("bad", "CloudTrail", "all leaves out management events", ""),
    ),
    "trail of data": Case(
        respond("cloudtrail:GetEventSelectors", selector(eventCategory=["Data"])),
        *("bad", "CloudTrail", "all leaves out management events", ""),
    ),
    "classic trail": Case(
        respond(
            "cloudtrail:GetEventSelectors",
            {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}]},
        ),
        *("ok", "CloudTrail", "all records all regions", ""),
    ),
    "classic trail of writes": Case(
        respond(
            "cloudtrail:GetEventSelectors",
            {"EventSelectors": [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}]},
        ),
        *("bad", "CloudTrail", "all leaves out management events", ""),
    ),
    "no budget": Case(
        respond("budgets:DescribeBudgets", {}),
        *("bad", "budget", "no budget of costs has a reader"),
        "infra monitoring --stage STAGE --parameter MonthlyBudgetUsd=50",
    ),
    "budget of use": Case(
        respond("budgets:DescribeBudgets", budget(kind="USAGE")),
        *("bad", "budget", "no budget of costs has a reader", ""),
    ),
    "budget without a notification": Case(
        respond("budgets:DescribeNotificationsForBudget", {}),
        *("bad", "budget", "no budget of costs has a reader", ""),
    ),
    "budget without a subscriber": Case(
        respond("budgets:DescribeSubscribersForNotification", {}),
        *("bad", "budget", "no budget of costs has a reader", ""),
    ),
    "forecast over the limit": Case(
        respond("budgets:DescribeBudgets", budget("50.1")),
        *("bad", "budget", "monthly expects 50.10 of 50.00 USD", "docs/runbooks/budget.md"),
    ),
    "no forecast": Case(
        respond("budgets:DescribeBudgets", budget(None)),
        *("ok", "budget", "monthly has a reader, and no forecast yet", ""),
    ),
    "no contact": Case(
        respond(
            "account:GetAlternateContact",
            failure("GetAlternateContact", "ResourceNotFoundException"),
        ),
        *("bad", "contact", "AWS has no security contact", "--alternate-contact-type SECURITY"),
    ),
    "no detector": Case(
        respond("guardduty:ListDetectors", {"DetectorIds": []}),
        *("note", "threats", "GuardDuty is off in us-east-1", "create-detector --enable"),
    ),
    "suspended detector": Case(
        respond("guardduty:GetDetector", {"ServiceRole": "role", "Status": "DISABLED"}),
        *("note", "threats", "GuardDuty is off in us-east-1", ""),
    ),
    "analyzer of unused access": Case(
        respond("accessanalyzer:ListAnalyzers", analyzers(type="ACCOUNT_UNUSED_ACCESS")),
        *("note", "external access", "no analyzer reports external access", ""),
    ),
    "failed analyzer": Case(
        respond("accessanalyzer:ListAnalyzers", analyzers(status="FAILED")),
        *("note", "external access", "no analyzer reports external access", ""),
    ),
    "no analyzer": Case(
        respond("accessanalyzer:ListAnalyzers", {"analyzers": []}),
        *("note", "external access", "no analyzer reports external access", "--type ACCOUNT"),
    ),
}


@pytest.mark.parametrize("case", UNSAFE)
def test_case_has_its_finding(case: str, office: Office) -> None:
    UNSAFE[case].assert_found(office)


def test_trail_of_an_organization_may_be_hidden(office: Office) -> None:
    """The management account owns the trail, and hides its status from a member."""
    own = trail(IsMultiRegionTrail=False)["trailList"][0]
    shared = {**trail()["trailList"][0], "TrailARN": f"{TRAIL}-of-all"}
    office.responses["cloudtrail:DescribeTrails"] = {"trailList": [own, shared]}

    def status(**request: str) -> Any:
        return (
            denied("cloudtrail:GetTrailStatus")
            if "-of-all" in request["Name"]
            else {"IsLogging": True}
        )

    office.responses["cloudtrail:GetTrailStatus"] = status
    (unknown,) = [finding for finding in office.findings() if finding["state"] != "ok"]
    assert (unknown["state"], unknown["name"]) == ("unknown", "CloudTrail")
