"""`.venv/bin/python -m ops account`: a safe account, other accounts, rights and documents."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from ops.account import CHECKS
from tests.aws import mock_aws
from tests.integration.ops import page
from tests.integration.ops.account import test_identity, test_oversight
from tests.integration.ops.account.conftest import SAFE, Office
from tests.integration.ops.responses import Responses, denied


def test_safe_account_is_ok(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert office.run("--strict") == 0
    assert office.lines == [
        "account 123456789012, us-east-1",
        "ok       root: it has MFA",
        "ok       people: 1 users, none without MFA or with a stale key on "
        "2026-01-31T07:06:00.000Z",
        "ok       administrators: no user has AdministratorAccess directly",
        "ok       CloudTrail: all records all regions",
        "ok       budget: monthly expects 40.00 of 50.00 USD, and has a reader",
        "ok       contact: AWS has a security contact",
        "ok       threats: GuardDuty is on in us-east-1",
        "ok       external access: outside reports it in us-east-1",
    ]
    assert capsys.readouterr().err == ""


#: Each right of the checks, and the finding that is unknown without it.
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
    office.responses[right] = denied(right)
    findings = office.findings()
    (unknown,) = [finding for finding in findings if finding["state"] != "ok"]
    assert (unknown["state"], unknown["name"]) == ("unknown", RIGHTS[right])
    assert unknown["found"] == f"AWS denies {right}"
    assert (office.run(), office.run("--strict")) == (0, 1)


def test_account_without_rights_is_unknown(office: Office) -> None:
    for right in [right for right in office.responses if right != "sts:GetCallerIdentity"]:
        office.responses[right] = denied(right)
    assert {finding["name"] for finding in office.findings()} == set(CHECKS)
    assert office.run() == 1


def test_trail_is_read_in_its_own_region(office: Office) -> None:
    office.responses.region = "eu-central-1"
    assert office.run() == 0
    assert office.lines[0] == "account 123456789012, eu-central-1"
    assert "ok       threats: GuardDuty is on in eu-central-1" in office.lines
    assert {place for place in office.responses.places if place[0] == "cloudtrail"} == {
        ("cloudtrail", "eu-central-1"),
        ("cloudtrail", "eu-west-1"),
    }


@pytest.fixture
def moto() -> Iterator[Any]:
    """Yield clients of an account on moto, whose credential report lacks root."""
    with mock_aws():
        session = boto3.Session(region_name="us-east-1")
        iam = session.client("iam")

        def add_root(parsed: dict[str, Any], **_: Any) -> None:
            head, *lines = parsed["Content"].decode().splitlines()
            empty = dict.fromkeys(head.split(","), "N/A") | {"user": "<root_account>"}
            parsed["Content"] = "\n".join([head, ",".join(empty.values()), *lines]).encode()

        iam.meta.events.register("after-call.iam.GetCredentialReport", add_root)
        others = Responses(SAFE)  # moto lacks analyzers and a budget's subscribers
        clients = {name: others.client(name) for name in ("accessanalyzer", "budgets")}
        clients["iam"] = iam
        yield lambda service, region=None: clients.get(service) or session.client(service, region)


def test_fresh_account_on_moto_is_unsafe(office: Office, moto: Any) -> None:
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
    states = {(finding["name"], finding["state"]) for finding in office.findings(client=moto)}
    assert states == {
        *{("people", "bad"), ("administrators", "note"), ("CloudTrail", "bad")},
        *{("budget", "ok"), ("contact", "bad"), ("threats", "note"), ("external access", "ok")},
        ("root", "bad"),
    }


def test_protected_account_on_moto_is_ok(office: Office, moto: Any) -> None:
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
    states = {finding["name"]: finding["state"] for finding in office.findings(client=moto)}
    # moto's root has no MFA.
    assert states == {**dict.fromkeys(CHECKS, "ok"), "root": "bad"}


def test_documented_output_is_of_a_new_account(office: Office) -> None:
    test_identity.UNSAFE["root without MFA"].change(office)
    for case in ("no trail", "no budget", "no contact", "no detector"):
        test_oversight.UNSAFE[case].change(office)
    office.run()
    documented = page.output("account")
    assert office.lines[: len(documented)] == documented
    assert {line.split()[0] for line in office.lines[len(documented) :]} == {"ok"}


def test_documented_rights_are_the_used_rights(office: Office) -> None:
    for case in ("user without MFA", "old key"):
        test_identity.UNSAFE[case].change(office)
        office.run()
    called = office.responses.called
    names = {name.replace("accessanalyzer:", "access-analyzer:") for name in called}
    used = {re.sub("^budgets:.*", "budgets:ViewBudget", name) for name in names}
    assert set(page.statement("account")["Action"]) == used - {"sts:GetCallerIdentity"}
