"""A safe account in AWS's responses. Each test makes one part of it worse."""

import csv
import io
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ops.__main__ import main
from ops.tools import Tools
from tests.integration.ops.conftest import NOW
from tests.integration.ops.formation import ACCOUNT
from tests.integration.ops.responses import Responses

COLUMNS = (
    *("user", "password_enabled", "password_last_used", "mfa_active"),
    *(f"access_key_{n}_{suffix}" for n in (1, 2) for suffix in ("active", "last_rotated")),
    *(f"access_key_{n}_last_used_date" for n in (1, 2)),
)
TRAIL = f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/all"


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def row(user: str, console: str = "false", **values: str) -> dict[str, str]:
    """Return a user's row of the credential report. `console`: whether the user has a password."""
    usual = dict.fromkeys(COLUMNS, "N/A")
    flags = {name: "false" for name in COLUMNS if name.endswith(("active", "enabled"))}
    return {**usual, **flags, "user": user, COLUMNS[1]: console, **values}


def report(*rows: dict[str, str]) -> dict[str, Any]:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return {"Content": text.getvalue().encode(), "GeneratedTime": days_ago(0.1)}


def summary(*, mfa: int = 1, keys: int = 0, password: int = 1) -> dict[str, Any]:
    counts = {
        "AccountMFAEnabled": mfa,
        "AccountAccessKeysPresent": keys,
        "AccountPasswordPresent": password,
    }
    return {"SummaryMap": counts}


ROOT = row("<root_account>", console="not_supported", mfa_active="true")
ALICE = row(
    "alice",
    console="true",
    mfa_active="true",
    access_key_1_active="true",
    access_key_1_last_rotated=days_ago(40).isoformat(),
    access_key_1_last_used_date=days_ago(1).isoformat(),
)
EVE = row("eve", console="true")


def key(user: str, age: int, status: str = "Active") -> dict[str, Any]:
    number = "AKIA" + "X" * 16
    created = days_ago(age)
    return {"UserName": user, "AccessKeyId": number, "Status": status, "CreateDate": created}


def trail(**settings: Any) -> dict[str, Any]:
    usual = {
        "IsMultiRegionTrail": True,
        "LogFileValidationEnabled": True,
        "HomeRegion": "eu-west-1",
    }
    return {"trailList": [{"Name": "all", "TrailARN": TRAIL, **usual, **settings}]}


def selector(**fields: list[str]) -> dict[str, Any]:
    selectors = [{"Field": name, "Equals": values} for name, values in fields.items()]
    return {"AdvancedEventSelectors": [{"FieldSelectors": selectors}]}


def budget(forecast: str | None = "40.0", kind: str = "COST") -> dict[str, Any]:
    spend: dict[str, Any] = {"ActualSpend": {"Amount": "20.0", "Unit": "USD"}}
    if forecast:
        spend["ForecastedSpend"] = {"Amount": forecast, "Unit": "USD"}
    settings = {"BudgetName": "monthly", "TimeUnit": "MONTHLY", "BudgetType": kind}
    limit = {"Amount": "50.0", "Unit": "USD"}
    return {"Budgets": [{**settings, "BudgetLimit": limit, "CalculatedSpend": spend}]}


def analyzers(**settings: str) -> dict[str, Any]:
    usual = {"name": "outside", "type": "ACCOUNT", "status": "ACTIVE", "createdAt": days_ago(90)}
    return {"analyzers": [{"arn": "arn:aws:access-analyzer:::1", **usual, **settings}]}


NOTIFICATION = {
    "NotificationType": "ACTUAL",
    "ComparisonOperator": "GREATER_THAN",
    "Threshold": 80.0,
}
SAFE: dict[str, Any] = {
    "sts:GetCallerIdentity": {"Account": ACCOUNT},
    "iam:GetAccountSummary": summary(),
    "iam:GenerateCredentialReport": {"State": "COMPLETE"},
    "iam:GetCredentialReport": report(ROOT, ALICE),
    "iam:ListMFADevices": {"MFADevices": []},
    "iam:ListAccessKeys": {"AccessKeyMetadata": []},
    "iam:GetAccessKeyLastUsed": {"AccessKeyLastUsed": {"Region": "N/A", "ServiceName": "N/A"}},
    "iam:GetAccountAuthorizationDetails": {"UserDetailList": [{"UserName": "alice"}]},
    "cloudtrail:DescribeTrails": trail(),
    "cloudtrail:GetTrailStatus": {"IsLogging": True},
    "cloudtrail:GetEventSelectors": selector(eventCategory=["Management"]),
    "budgets:DescribeBudgets": budget(),
    "budgets:DescribeNotificationsForBudget": {"Notifications": [NOTIFICATION]},
    "budgets:DescribeSubscribersForNotification": {
        "Subscribers": [{"SubscriptionType": "EMAIL", "Address": "you@example.com"}]
    },
    "account:GetAlternateContact": {"AlternateContact": {"Name": "Duty"}},
    "guardduty:ListDetectors": {"DetectorIds": ["1"]},
    "guardduty:GetDetector": {"ServiceRole": "role", "Status": "ENABLED"},
    "accessanalyzer:ListAnalyzers": analyzers(),
}


@dataclass
class Office:
    """The account, and the printed lines."""

    project: Path
    responses: Responses = field(default_factory=lambda: Responses(SAFE))
    lines: list[str] = field(default_factory=list)
    now: datetime = NOW

    def run(self, *options: str, client: Any = None) -> int:
        tools = Tools(
            client or self.responses.client,
            self.lines.append,
            lambda: self.now,
            self._sleep,
            project=self.project,
        )
        return main(["account", *options], tools)

    def _sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def findings(self, **clients: Any) -> list[dict[str, str]]:
        self.run("--json", **clients)
        findings: list[dict[str, str]] = json.loads(self.lines.pop())["findings"]
        return findings


@pytest.fixture
def office(project: Path) -> Office:
    return Office(project)
