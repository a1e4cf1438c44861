"""Check that the account is recorded, that its budget has a reader, and that AWS has a contact."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ops.caller import Caller
from ops.findings import Finding
from ops.tools import Tools
from tools.project import PYTHON

if TYPE_CHECKING:
    from types_boto3_budgets import BudgetsClient
    from types_boto3_cloudtrail import CloudTrailClient
    from types_boto3_cloudtrail.type_defs import TrailTypeDef

_TRAIL = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-tutorial.html"
_BUDGET = (
    f"{PYTHON} -m infra monitoring --stage STAGE --parameter MonthlyBudgetUsd=50 "
    "--parameter BudgetEmail=YOU@EXAMPLE.COM"
)
_OVER_BUDGET = "follow docs/runbooks/budget.md"
_CONTACT = (
    "aws account put-alternate-contact --alternate-contact-type SECURITY --name NAME "
    "--title TITLE --email-address YOU@EXAMPLE.COM --phone-number +1..."
)


def check_trail(tools: Tools, _: Caller) -> Iterator[Finding]:
    """Find a trail that records all management events of all regions, and delivers them."""
    lacking: list[str] = []
    denied: ClientError | None = None
    for trail in tools.client("cloudtrail").describe_trails(includeShadowTrails=True)["trailList"]:
        try:
            # Its settings are in its own region.
            lacks = ", ".join(_find_gaps(tools.client("cloudtrail", trail["HomeRegion"]), trail))
        except ClientError as error:  # an organization's trail is the management account's
            denied = error
            continue
        if not lacks:
            yield Finding("ok", f"{trail['Name']} records all regions")
            return
        lacking.append(f"{trail['Name']} {lacks}")
    if denied:
        raise denied
    yield Finding("bad", "; ".join(lacking) or "no trail records the account's calls", _TRAIL)


def _find_gaps(client: "CloudTrailClient", trail: "TrailTypeDef") -> Iterator[str]:
    arn = trail["TrailARN"]
    status = client.get_trail_status(Name=arn)
    if not trail["IsMultiRegionTrail"]:
        yield "records one region"
    if not status["IsLogging"]:
        yield "is stopped"
    if error := status.get("LatestDeliveryError"):
        yield f"cannot deliver ({error})"
    if not trail.get("LogFileValidationEnabled"):
        yield "does not validate its files"
    selectors = client.get_event_selectors(TrailName=arn)
    recorded = [
        each.get("IncludeManagementEvents") and each.get("ReadWriteType") == "All"
        for each in selectors.get("EventSelectors", [])
    ]
    for each in selectors.get("AdvancedEventSelectors", []):
        fields = {field["Field"]: field.get("Equals") for field in each["FieldSelectors"]}
        # A field `readOnly` would leave out reads or writes.
        recorded.append(fields.get("eventCategory") == ["Management"] and "readOnly" not in fields)
    if not any(recorded):
        yield "leaves out management events"


def check_budget(tools: Tools, caller: Caller) -> Iterator[Finding]:
    client, account = tools.client("budgets"), caller.account
    budgets = client.get_paginator("describe_budgets").paginate(AccountId=account)
    read = [
        budget
        for budget in budgets.search("Budgets[?BudgetType=='COST'] || `[]`")
        if _has_reader(client, account, budget["BudgetName"])
    ]
    if not read:
        yield Finding("bad", "no budget of costs has a reader", _BUDGET)
    for budget in read:
        name, limit = budget["BudgetName"], budget.get("BudgetLimit", {}).get("Amount")
        forecast = budget.get("CalculatedSpend", {}).get("ForecastedSpend", {}).get("Amount")
        if limit is None or forecast is None:
            yield Finding("ok", f"{name} has a reader, and no forecast yet")
            continue
        found = f"{name} expects {float(forecast):.2f} of {float(limit):.2f} USD, and has a reader"
        is_over = float(forecast) > float(limit)
        yield Finding("bad" if is_over else "ok", found, _OVER_BUDGET if is_over else "")


def _has_reader(client: "BudgetsClient", account: str, budget: str) -> bool:
    notifications = client.get_paginator("describe_notifications_for_budget")
    return any(
        client.describe_subscribers_for_notification(
            AccountId=account, BudgetName=budget, Notification=notification
        ).get("Subscribers")
        for notification in notifications.paginate(AccountId=account, BudgetName=budget).search(
            "Notifications || `[]`"
        )
    )


def check_contact(tools: Tools, _: Caller) -> Iterator[Finding]:
    client = tools.client("account")
    try:
        client.get_alternate_contact(AlternateContactType="SECURITY")
    except client.exceptions.ResourceNotFoundException:
        found = "AWS has no security contact, and would write to root's mail about an intrusion"
        yield Finding("bad", found, _CONTACT)
    else:
        yield Finding("ok", "AWS has a security contact")


def check_threats(tools: Tools, caller: Caller) -> Iterator[Finding]:
    """Find GuardDuty, which is paid by use."""
    duty = tools.client("guardduty")
    detectors = duty.list_detectors()["DetectorIds"]
    if any(duty.get_detector(DetectorId=each)["Status"] == "ENABLED" for each in detectors):
        yield Finding("ok", f"GuardDuty is on in {caller.region}")
    else:
        found = f"GuardDuty is off in {caller.region}: it is paid by use, after 30 free days"
        yield Finding("note", found, "aws guardduty create-detector --enable")


def check_access(tools: Tools, caller: Caller) -> Iterator[Finding]:
    """Find the free analyzer of external access."""
    pages = tools.client("accessanalyzer").get_paginator("list_analyzers").paginate()
    of_access = "type=='ACCOUNT' || type=='ORGANIZATION'"
    analyzers = list(pages.search(f"analyzers[?status=='ACTIVE' && ({of_access})].name"))
    if analyzers:
        yield Finding("ok", f"{analyzers[0]} reports it in {caller.region}")
    else:
        found = f"no analyzer reports external access in {caller.region}, although it is free"
        do = "aws accessanalyzer create-analyzer --type ACCOUNT --analyzer-name external-access"
        yield Finding("note", found, do)
