"""`ops account`: root, people and administrators."""

import pytest

from tests.integration.ops.account.conftest import (
    ALICE,
    EVE,
    ROOT,
    Office,
    days_ago,
    key,
    report,
    row,
    summary,
)
from tests.integration.ops.case import Case, Change, both, respond
from tests.integration.ops.conftest import NOW
from tests.integration.ops.responses import failure


def old_key(age: int, live: int, used: bool = True) -> Change:
    """Return a change: the report has a key of this age, and IAM a key of the age `live`."""
    when = days_ago(1).isoformat() if used else "N/A"
    bob = row(
        "bob",
        access_key_2_active="true",
        access_key_2_last_rotated=days_ago(age).isoformat(),
        access_key_2_last_used_date=when,
    )
    last = {"Region": "us-east-1", "ServiceName": "s3"}
    last_used = {**last, **({"LastUsedDate": days_ago(1)} if used else {})}
    return both(
        respond("iam:GetCredentialReport", report(ROOT, bob)),
        respond("iam:ListAccessKeys", {"AccessKeyMetadata": [key("bob", live)]}),
        respond("iam:GetAccessKeyLastUsed", {"AccessKeyLastUsed": last_used}),
    )


def used_root(column: str) -> Change:
    return respond(
        "iam:GetCredentialReport", report({**ROOT, column: days_ago(89).isoformat()}, ALICE)
    )


UNSAFE: dict[str, Case] = {
    "root without MFA": Case(
        respond("iam:GetAccountSummary", summary(mfa=0)),
        *("bad", "root", "it has no MFA", "Assign MFA"),
    ),
    "root with a key": Case(
        respond("iam:GetAccountSummary", summary(keys=1)),
        *("bad", "root", "it has an access key", "Delete key"),
    ),
    "root without credentials": Case(
        respond("iam:GetAccountSummary", summary(mfa=0, password=0)),
        *("ok", "root", "it has no credentials", ""),
    ),
    "root signed in": Case(
        *(used_root("password_last_used"), "note", "root"),
        *("it was used on 2025-11-03T09:30:00.000Z", "use a user or a role instead"),
    ),
    "root's second key used": Case(
        *(used_root("access_key_2_last_used_date"), "note", "root"),
        *("it was used on 2025-11-03T09:30:00.000Z", ""),
    ),
    "user without MFA": Case(
        respond("iam:GetCredentialReport", report(ROOT, ALICE, EVE)),
        *("bad", "people", "eve signs in to the console with a password alone"),
        "aws iam delete-login-profile --user-name eve",
    ),
    "old key": Case(
        *(old_key(91, 91), "bad", "people", f"bob's key AKIA{'X' * 16} is 91 days old"),
        "update-access-key --user-name bob --status Inactive --access-key-id AKIAXXXX",
    ),
    "unused key": Case(
        *(old_key(31, 31, used=False), "bad", "people"),
        *(f"bob's key AKIA{'X' * 16} is 31 days old, never used", "update-access-key"),
    ),
    "key replaced since the report": Case(*(old_key(91, 1), "ok", "people"), "1 users, none", ""),
    "key deactivated since the report": Case(
        both(
            old_key(91, 91),
            respond("iam:ListAccessKeys", {"AccessKeyMetadata": [key("bob", 91, "Inactive")]}),
        ),
        *("ok", "people", "1 users, none", ""),
    ),
    "MFA assigned since the report": Case(
        both(
            respond("iam:GetCredentialReport", report(ROOT, EVE)),
            respond(
                "iam:ListMFADevices",
                {"MFADevices": [{"UserName": "eve", "SerialNumber": "1" * 9, "EnableDate": NOW}]},
            ),
        ),
        *("ok", "people", "1 users, none", ""),
    ),
    "user deleted since the report": Case(
        both(
            respond("iam:GetCredentialReport", report(ROOT, EVE)),
            respond("iam:ListMFADevices", failure("ListMFADevices", "NoSuchEntity")),
        ),
        *("ok", "people", "1 users, none", ""),
    ),
    "no row of root": Case(
        respond("iam:GetCredentialReport", report(ALICE)),
        *("unknown", "people", "the credential report has no row <root_account>", ""),
    ),
    "no report yet": Case(
        respond("iam:GenerateCredentialReport", {"State": "INPROGRESS"}),
        *("unknown", "people", "IAM has not finished its credential report", ""),
    ),
    "administrator": Case(
        respond(
            "iam:GetAccountAuthorizationDetails",
            {
                "UserDetailList": [
                    {
                        "UserName": "eve",
                        "AttachedManagedPolicies": [{"PolicyName": "AdministratorAccess"}],
                    }
                ]
            },
        ),
        *("note", "administrators", "eve may do everything", "detach AdministratorAccess"),
    ),
}


@pytest.mark.parametrize("case", UNSAFE)
def test_case_has_its_finding(case: str, office: Office) -> None:
    UNSAFE[case].assert_found(office)
