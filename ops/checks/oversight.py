"""Check that the account is recorded, that its budget has a reader, and that AWS has a contact."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ops.caller import Caller
from ops.findings import Finding
from ops.memory import code_of
from ops.tools import Tools
from tools.project import PYTHON

if TYPE_CHECKING:
    from types_boto3_budgets import BudgetsClient
    from types_boto3_budgets.type_defs import BudgetPaginatorTypeDef
    from types_boto3_cloudtrail import CloudTrailClient
    from types_boto3_cloudtrail.type_defs import TrailTypeDef

_TRAIL = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-tutorial.html"
_BUDGET = (
    f"{PYTHON} -m infra monitoring --stage STAGE --parameter MonthlyBudgetUsd=50 "
    "--parameter BudgetEmail=YOU@EXAMPLE.COM"
)
_CONTACT = (
    "aws account put-alternate-contact --alternate-contact-type SECURITY --name NAME "
    "--title TITLE --email-address YOU@EXAMPLE.COM --phone-number +1..."
)


def check_trail(tools: Tools, _: Caller) -> Iterator[Finding]:
    """Find a trail that records all management events of all regions, and delivers them."""
    answer = tools.client("cloudtrail").describe_trails(includeShadowTrails=True)
    lacking: list[str] = []
    denied: ClientError | None = None
    for trail in answer["trailList"]:
        try:
            # Its settings are in its own region.
            lacks = list(_lacks(tools.client("cloudtrail", trail["HomeRegion"]), trail))
        except ClientError as error:  # an organization's trail is the management account's
            denied = error
            continue
        if not lacks:
            yield Finding("ok", "CloudTrail", f"{trail['Name']} records all regions")
            return
        lacking.append(f"{trail['Name']} {', '.join(lacks)}")
    if denied:
        raise denied
    yield Finding(
        "bad", "CloudTrail", "; ".join(lacking) or "no trail records who did what", _TRAIL
    )


def _lacks(client: "CloudTrailClient", trail: "TrailTypeDef") -> Iterator[str]:
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
    classic = [
        each.get("IncludeManagementEvents") and each.get("ReadWriteType") == "All"
        for each in selectors.get("EventSelectors", [])
    ]
    fields = [
        {field["Field"]: field.get("Equals") for field in each["FieldSelectors"]}
        for each in selectors.get("AdvancedEventSelectors", [])
    ]
    # A field `readOnly` would leave out reads or writes.
    advanced = [
        each.get("eventCategory") == ["Management"] and "readOnly" not in each for each in fields
    ]
    if not any([*classic, *advanced]):
        yield "leaves out management events"


def check_budget(tools: Tools, caller: Caller) -> Iterator[Finding]:
    client, account = tools.client("budgets"), caller.account
    pages = client.get_paginator("describe_budgets").paginate(AccountId=account)
    budgets = [
        budget
        for page in pages
        for budget in page.get("Budgets", [])
        if budget["BudgetType"] == "COST" and _has_reader(client, account, budget["BudgetName"])
    ]
    if not budgets:
        yield Finding("bad", "budget", "no budget of costs has a reader", _BUDGET)
    for budget in budgets:
        yield _compare(budget)


def _has_reader(client: "BudgetsClient", account: str, budget: str) -> bool:
    pages = client.get_paginator("describe_notifications_for_budget")
    return any(
        client.describe_subscribers_for_notification(
            AccountId=account, BudgetName=budget, Notification=notification
        ).get("Subscribers")
        for page in pages.paginate(AccountId=account, BudgetName=budget)
        for notification in page.get("Notifications", [])
    )


def _compare(budget: "BudgetPaginatorTypeDef") -> Finding:
    name, limit = budget["BudgetName"], budget.get("BudgetLimit", {}).get("Amount")
    forecast = budget.get("CalculatedSpend", {}).get("ForecastedSpend", {}).get("Amount")
    if limit is None or forecast is None:
        return Finding("ok", "budget", f"{name} has a reader, and no forecast yet")
    found = f"{name} expects {float(forecast):.2f} of {float(limit):.2f} USD, and has a reader"
    if float(forecast) > float(limit):
        return Finding("bad", "budget", found, "follow docs/runbooks/budget.md")
    return Finding("ok", "budget", found)


def check_contact(tools: Tools, _: Caller) -> Iterator[Finding]:
    try:
        tools.client("account").get_alternate_contact(AlternateContactType="SECURITY")
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        found = "AWS has no security contact, and would write to root's mail about an intrusion"
        yield Finding("bad", "contact", found, _CONTACT)
    else:
        yield Finding("ok", "contact", "AWS has a security contact")


def check_threats(tools: Tools, caller: Caller) -> Iterator[Finding]:
    """Look for GuardDuty, which is paid by use, and the free analyzer of external access."""
    duty = tools.client("guardduty")
    detectors = duty.list_detectors()["DetectorIds"]
    if any(duty.get_detector(DetectorId=each)["Status"] == "ENABLED" for each in detectors):
        yield Finding("ok", "threats", f"GuardDuty is on in {caller.region}")
    else:
        found = f"GuardDuty is off in {caller.region}: it is paid by use, after 30 free days"
        yield Finding("note", "threats", found, "aws guardduty create-detector --enable")


def check_access(tools: Tools, caller: Caller) -> Iterator[Finding]:
    pages = tools.client("accessanalyzer").get_paginator("list_analyzers").paginate()
    analyzers = [
        each["name"]
        for page in pages
        for each in page["analyzers"]
        if each["type"] in ("ACCOUNT", "ORGANIZATION") and each["status"] == "ACTIVE"
    ]
    if analyzers:
        yield Finding("ok", "external access", f"{analyzers[0]} reports it in {caller.region}")
    else:
        found = f"no analyzer reports access from outside in {caller.region}, which is free"
        do = "aws accessanalyzer create-analyzer --type ACCOUNT --analyzer-name external-access"
        yield Finding("note", "external access", found, do)
