"""`.venv/bin/python -m ops account`: a safe account, and each way in which one is not."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ops.__main__ import main
from ops.account import CHECKS
from ops.tools import Tools
from tests.integration.ops import page
from tests.integration.ops.answers import Answers, denied, failure
from tests.integration.ops.conftest import NOW
from tests.integration.ops.formation import ACCOUNT
from tests.integration.ops.remedies import assert_usable

COLUMNS = (
    *("user", "password_enabled", "password_last_used", "mfa_active"),
    *(f"access_key_{n}_{what}" for n in (1, 2) for what in ("active", "last_rotated")),
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
    """The account, and what is said of it."""

    project: Path
    answers: Answers = field(default_factory=lambda: Answers(SAFE))
    said: list[str] = field(default_factory=list)
    now: datetime = NOW

    def run(self, *options: str, client: Any = None) -> int:
        tools = Tools(
            client or self.answers.client,
            self.said.append,
            lambda: self.now,
            self._sleep,
            project=self.project,
        )
        return main(["account", *options], tools)

    def _sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def findings(self, **clients: Any) -> list[dict[str, str]]:
        self.run("--json", **clients)
        findings: list[dict[str, str]] = json.loads(self.said.pop())["findings"]
        return findings


@pytest.fixture
def office(project: Path) -> Office:
    return Office(project)


def test_safe_account_is_ok(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert office.run("--strict") == 0
    assert office.said == [
        "account 123456789012, us-east-1",
        "ok       root: it has MFA",
        "ok       people: 1 users, none without MFA or with a stale key on "
        "2026-01-31T07:06:00.000Z",
        "ok       administrators: no user has AdministratorAccess of its own",
        "ok       CloudTrail: all records all regions",
        "ok       budget: monthly expects 40.00 of 50.00 USD, and has a reader",
        "ok       contact: AWS has a security contact",
        "ok       threats: GuardDuty is on in us-east-1",
        "ok       external access: outside reports it in us-east-1",
    ]
    assert capsys.readouterr().err == ""


Change = Callable[[Office], object]


def answer(*pairs: tuple[str, Any]) -> Change:
    return lambda office: office.answers.update(pairs)


def both(*changes: Change) -> Change:
    return lambda office: [change(office) for change in changes]


def old_key(age: int, live: int, used: bool = True) -> Change:
    """Return the change to a key of this age in the report, and of another one live."""
    when = days_ago(1).isoformat() if used else "N/A"
    bob = row(
        "bob",
        access_key_2_active="true",
        access_key_2_last_rotated=days_ago(age).isoformat(),
        access_key_2_last_used_date=when,
    )
    last = {"Region": "us-east-1", "ServiceName": "s3"}
    last_used = {**last, **({"LastUsedDate": days_ago(1)} if used else {})}
    return answer(
        ("iam:GetCredentialReport", report(ROOT, bob)),
        ("iam:ListAccessKeys", {"AccessKeyMetadata": [key("bob", live)]}),
        ("iam:GetAccessKeyLastUsed", {"AccessKeyLastUsed": last_used}),
    )


def used_root(column: str) -> Change:
    return answer(
        ("iam:GetCredentialReport", report({**ROOT, column: days_ago(89).isoformat()}, ALICE))
    )


UNSAFE: dict[str, tuple[Change, str, str, str, str]] = {
    "root without MFA": (
        answer(("iam:GetAccountSummary", summary(mfa=0))),
        *("bad", "root", "it has no MFA", "Assign MFA"),
    ),
    "root with a key": (
        answer(("iam:GetAccountSummary", summary(keys=1))),
        *("bad", "root", "it has an access key", "Delete key"),
    ),
    "root without credentials": (
        answer(("iam:GetAccountSummary", summary(mfa=0, password=0))),
        *("ok", "root", "it has no credentials", ""),
    ),
    "root signed in": (
        *(used_root("password_last_used"), "note", "root"),
        *("it was used on 2025-11-03T09:30:00.000Z", "use a user or a role instead"),
    ),
    "root's second key used": (
        *(used_root("access_key_2_last_used_date"), "note", "root"),
        *("it was used on 2025-11-03T09:30:00.000Z", ""),
    ),
    "user without MFA": (
        answer(("iam:GetCredentialReport", report(ROOT, ALICE, EVE))),
        *("bad", "people", "eve signs in to the console with a password alone"),
        "aws iam delete-login-profile --user-name eve",
    ),
    "old key": (
        *(old_key(91, 91), "bad", "people", f"bob's key AKIA{'X' * 16} is 91 days old"),
        "update-access-key --user-name bob --status Inactive --access-key-id AKIAXXXX",
    ),
    "unused key": (
        *(old_key(31, 31, used=False), "bad", "people"),
        *(f"bob's key AKIA{'X' * 16} is 31 days old, never used", "update-access-key"),
    ),
    "key replaced since the report": (*(old_key(91, 1), "ok", "people"), "1 users, none", ""),
    "key deactivated since the report": (
        both(
            old_key(91, 91),
            answer(("iam:ListAccessKeys", {"AccessKeyMetadata": [key("bob", 91, "Inactive")]})),
        ),
        *("ok", "people", "1 users, none", ""),
    ),
    "MFA assigned since the report": (
        answer(
            ("iam:GetCredentialReport", report(ROOT, EVE)),
            (
                "iam:ListMFADevices",
                {"MFADevices": [{"UserName": "eve", "SerialNumber": "1" * 9, "EnableDate": NOW}]},
            ),
        ),
        *("ok", "people", "1 users, none", ""),
    ),
    "user deleted since the report": (
        answer(
            ("iam:GetCredentialReport", report(ROOT, EVE)),
            ("iam:ListMFADevices", failure("ListMFADevices", "NoSuchEntity")),
        ),
        *("ok", "people", "1 users, none", ""),
    ),
    "no row of root": (
        answer(("iam:GetCredentialReport", report(ALICE))),
        *("unknown", "people", "the credential report has no row <root_account>", ""),
    ),
    "no report yet": (
        answer(("iam:GenerateCredentialReport", {"State": "INPROGRESS"})),
        *("unknown", "people", "IAM has not made its credential report yet", ""),
    ),
    "administrator": (
        answer(
            (
                "iam:GetAccountAuthorizationDetails",
                {
                    "UserDetailList": [
                        {
                            "UserName": "eve",
                            "AttachedManagedPolicies": [{"PolicyName": "AdministratorAccess"}],
                        }
                    ]
                },
            )
        ),
        *("note", "administrators", "eve may do everything", "detach AdministratorAccess"),
    ),
    "no trail": (
        answer(("cloudtrail:DescribeTrails", {"trailList": []})),
        *("bad", "CloudTrail", "no trail records who did what", "cloudtrail-tutorial"),
    ),
    "trail of one region": (
        answer(("cloudtrail:DescribeTrails", trail(IsMultiRegionTrail=False))),
        *("bad", "CloudTrail", "all records one region", ""),
    ),
    "stopped trail": (
        answer(("cloudtrail:GetTrailStatus", {"IsLogging": False})),
        *("bad", "CloudTrail", "all is stopped", ""),
    ),
    "trail that cannot deliver": (
        answer(
            (
                "cloudtrail:GetTrailStatus",
                {"IsLogging": True, "LatestDeliveryError": "NoSuchBucket"},
            )
        ),
        *("bad", "CloudTrail", "all cannot deliver (NoSuchBucket)", ""),
    ),
    "trail without validation": (
        answer(("cloudtrail:DescribeTrails", trail(LogFileValidationEnabled=False))),
        *("bad", "CloudTrail", "all does not validate its files", ""),
    ),
    "trail of writes": (
        answer(
            (
                "cloudtrail:GetEventSelectors",
                selector(eventCategory=["Management"], readOnly=["false"]),
            )
        ),
        *("bad", "CloudTrail", "all leaves out management events", ""),
    ),
    "trail of data": (
        answer(("cloudtrail:GetEventSelectors", selector(eventCategory=["Data"]))),
        *("bad", "CloudTrail", "all leaves out management events", ""),
    ),
    "classic trail": (
        answer(
            (
                "cloudtrail:GetEventSelectors",
                {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}]},
            )
        ),
        *("ok", "CloudTrail", "all records all regions", ""),
    ),
    "classic trail of writes": (
        answer(
            (
                "cloudtrail:GetEventSelectors",
                {
                    "EventSelectors": [
                        {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}
                    ]
                },
            )
        ),
        *("bad", "CloudTrail", "all leaves out management events", ""),
    ),
    "no budget": (
        answer(("budgets:DescribeBudgets", {})),
        *("bad", "budget", "no budget of costs has a reader"),
        "infra monitoring --stage STAGE --parameter MonthlyBudgetUsd=50",
    ),
    "budget of use": (
        answer(("budgets:DescribeBudgets", budget(kind="USAGE"))),
        *("bad", "budget", "no budget of costs has a reader", ""),
    ),
    "budget without a notification": (
        answer(("budgets:DescribeNotificationsForBudget", {})),
        *("bad", "budget", "no budget of costs has a reader", ""),
    ),
    "budget without a subscriber": (
        answer(("budgets:DescribeSubscribersForNotification", {})),
        *("bad", "budget", "no budget of costs has a reader", ""),
    ),
    "forecast over the limit": (
        answer(("budgets:DescribeBudgets", budget("50.1"))),
        *("bad", "budget", "monthly expects 50.10 of 50.00 USD", "docs/runbooks/budget.md"),
    ),
    "no forecast": (
        answer(("budgets:DescribeBudgets", budget(None))),
        *("ok", "budget", "monthly has a reader, and no forecast yet", ""),
    ),
    "no contact": (
        answer(
            (
                "account:GetAlternateContact",
                failure("GetAlternateContact", "ResourceNotFoundException"),
            )
        ),
        *("bad", "contact", "AWS has no security contact", "--alternate-contact-type SECURITY"),
    ),
    "no detector": (
        answer(("guardduty:ListDetectors", {"DetectorIds": []})),
        *("note", "threats", "GuardDuty is off in us-east-1", "create-detector --enable"),
    ),
    "suspended detector": (
        answer(("guardduty:GetDetector", {"ServiceRole": "role", "Status": "DISABLED"})),
        *("note", "threats", "GuardDuty is off in us-east-1", ""),
    ),
    "analyzer of unused access": (
        answer(("accessanalyzer:ListAnalyzers", analyzers(type="ACCOUNT_UNUSED_ACCESS"))),
        *("note", "external access", "no analyzer reports access from outside", ""),
    ),
    "failed analyzer": (
        answer(("accessanalyzer:ListAnalyzers", analyzers(status="FAILED"))),
        *("note", "external access", "no analyzer reports access from outside", ""),
    ),
    "no analyzer": (
        answer(("accessanalyzer:ListAnalyzers", {"analyzers": []})),
        *("note", "external access", "no analyzer reports access from outside", "--type ACCOUNT"),
    ),
}


@pytest.mark.parametrize("case", UNSAFE)
def test_finding(case: str, office: Office) -> None:
    change, state, name, found, do = UNSAFE[case]
    change(office)
    matching = [
        each
        for each in office.findings()
        if (each["state"], each["name"]) == (state, name) and each["found"].startswith(found)
    ]
    assert len(matching) == 1
    assert do in matching[0]["do"]
    assert_usable(matching[0]["do"].replace("--stage STAGE", "--stage dev"))
    assert office.run() == (1 if state == "bad" else 0)


#: The rights that every account's check needs, and the name of the finding that is unknown without.
RIGHTS = {
    "iam:GetAccountSummary": "root",
    "iam:GenerateCredentialReport": "people",
    "iam:GetCredentialReport": "people",
    "iam:GetAccountAuthorizationDetails": "administrators",
    "cloudtrail:DescribeTrails": "CloudTrail",
    "cloudtrail:GetEventSelectors": "CloudTrail",
    "budgets:DescribeBudgets": "budget",
    "account:GetAlternateContact": "contact",
    "guardduty:ListDetectors": "threats",
    "accessanalyzer:ListAnalyzers": "external access",
}


@pytest.mark.parametrize("right", RIGHTS)
def test_denied_right_is_unknown_and_named(right: str, office: Office) -> None:
    office.answers[right] = denied(right)
    findings = office.findings()
    (unknown,) = [each for each in findings if each["state"] != "ok"]
    assert (unknown["state"], unknown["name"]) == ("unknown", RIGHTS[right])
    assert unknown["found"] == f"AWS denies {right}"
    assert (office.run(), office.run("--strict")) == (0, 1)


def test_trail_of_an_organization_may_be_hidden(office: Office) -> None:
    """It is the management account's, which does not show it to a member."""
    own = trail(IsMultiRegionTrail=False)["trailList"][0]
    shared = {**trail()["trailList"][0], "TrailARN": f"{TRAIL}-of-all"}
    office.answers["cloudtrail:DescribeTrails"] = {"trailList": [own, shared]}

    def status(**asked: str) -> Any:
        return (
            denied("cloudtrail:GetTrailStatus")
            if "-of-all" in asked["Name"]
            else {"IsLogging": True}
        )

    office.answers["cloudtrail:GetTrailStatus"] = status
    (unknown,) = [each for each in office.findings() if each["state"] != "ok"]
    assert (unknown["state"], unknown["name"]) == ("unknown", "CloudTrail")


def test_nothing_is_known_without_rights(office: Office) -> None:
    for right in [each for each in office.answers if each != "sts:GetCallerIdentity"]:
        office.answers[right] = denied(right)
    assert {each["name"] for each in office.findings()} == set(CHECKS)
    assert office.run() == 1


def test_account_from_another_region(office: Office) -> None:
    """A trail is looked at in its own region."""
    office.answers.region = "eu-central-1"
    assert office.run() == 0
    assert office.said[0] == "account 123456789012, eu-central-1"
    assert "ok       threats: GuardDuty is on in eu-central-1" in office.said
    assert {each for each in office.answers.places if each[0] == "cloudtrail"} == {
        ("cloudtrail", "eu-central-1"),
        ("cloudtrail", "eu-west-1"),
    }


@pytest.fixture
def moto() -> Iterator[Any]:
    """Clients of an account in moto's own answers. moto leaves root out of the report."""
    with mock_aws():
        session = boto3.Session(region_name="us-east-1")
        iam = session.client("iam")

        def add_root(parsed: dict[str, Any], **_: Any) -> None:
            head, *lines = parsed["Content"].decode().splitlines()
            empty = dict.fromkeys(head.split(","), "N/A") | {"user": "<root_account>"}
            parsed["Content"] = "\n".join([head, ",".join(empty.values()), *lines]).encode()

        iam.meta.events.register("after-call.iam.GetCredentialReport", add_root)
        others = Answers(SAFE)  # moto has neither analyzers nor subscribers of a budget
        clients = {name: others.client(name) for name in ("accessanalyzer", "budgets")}
        clients["iam"] = iam
        yield lambda service, region=None: clients.get(service) or session.client(service, region)


def test_fresh_account_on_moto(office: Office, moto: Any) -> None:
    office.now = datetime.now(UTC)
    iam = moto("iam")
    iam.create_user(UserName="eve")
    iam.create_login_profile(UserName="eve", Password="Correct-Horse-1")
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    policy = iam.create_policy(
        PolicyName="AdministratorAccess",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [everything]}),
    )
    iam.attach_user_policy(UserName="eve", PolicyArn=policy["Policy"]["Arn"])
    states = {(each["name"], each["state"]) for each in office.findings(client=moto)}
    assert states == {
        *{("people", "bad"), ("administrators", "note"), ("CloudTrail", "bad")},
        *{("budget", "ok"), ("contact", "bad"), ("threats", "note"), ("external access", "ok")},
        ("root", "bad"),
    }


def test_protected_account_on_moto(office: Office, moto: Any) -> None:
    moto("s3").create_bucket(Bucket="trail")
    cloudtrail = moto("cloudtrail")
    cloudtrail.create_trail(
        Name="all", S3BucketName="trail", IsMultiRegionTrail=True, EnableLogFileValidation=True
    )
    cloudtrail.put_event_selectors(
        TrailName="all",
        EventSelectors=[{"ReadWriteType": "All", "IncludeManagementEvents": True}],
    )
    cloudtrail.start_logging(Name="all")
    moto("account").put_alternate_contact(
        AlternateContactType="SECURITY",
        Name="Duty",
        Title="Duty",
        EmailAddress="duty@example.com",
        PhoneNumber="+1",
    )
    moto("guardduty").create_detector(Enable=True)
    states = {each["name"]: each["state"] for each in office.findings(client=moto)}
    # moto's root has no MFA.
    assert states == {**dict.fromkeys(CHECKS, "ok"), "root": "bad"}


def test_documented_output_is_that_of_a_fresh_account(office: Office) -> None:
    for case in ("root without MFA", "no trail", "no budget", "no contact", "no detector"):
        UNSAFE[case][0](office)
    office.run()
    documented = page.output("account")
    assert office.said[: len(documented)] == documented
    assert {line.split()[0] for line in office.said[len(documented) :]} == {"ok"}


def test_documented_rights_are_those_that_are_used(office: Office) -> None:
    for case in ("user without MFA", "old key"):
        UNSAFE[case][0](office)
        office.run()
    names = {each.replace("accessanalyzer:", "access-analyzer:") for each in office.answers.called}
    called = {re.sub("^budgets:.*", "budgets:ViewBudget", each) for each in names}
    assert set(page.statement("account")["Action"]) == called - {"sts:GetCallerIdentity"}
