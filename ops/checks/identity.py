"""Check who can sign in to the account: root, people, their keys, and administrators."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ops.caller import Caller
from ops.errors import Unreadable
from ops.findings import Finding
from ops.recovery import text_of
from ops.tools import Tools

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient

_ROOT = "<root_account>"
#: The maximum age of a key, and the maximum time until its first use.
_OLD, _UNUSED = timedelta(days=90), timedelta(days=30)
_POLL_SECONDS, _PATIENCE = 2, timedelta(seconds=20)


def check_root(tools: Tools, _: Caller) -> Iterator[Finding]:
    """Read root's credentials live. The credential report is up to four hours old."""
    summary = tools.client("iam").get_account_summary()["SummaryMap"]
    present = summary["AccountAccessKeysPresent"], summary.get("AccountPasswordPresent", 1)
    if present == (0, 0):
        yield Finding("ok", "root", "it has no credentials")
        return
    if summary["AccountMFAEnabled"]:
        yield Finding("ok", "root", "it has MFA")
    else:
        found = "it has no MFA: whoever reads its mail can take the account"
        yield Finding("bad", "root", found, "sign in as root: Security credentials, Assign MFA")
    if summary["AccountAccessKeysPresent"]:
        found = "it has an access key, which no policy can limit"
        yield Finding("bad", "root", found, "sign in as root: Security credentials, Delete key")


def check_people(tools: Tools, _: Caller) -> Iterator[Finding]:
    """Find users without MFA and stale keys in the report, and read each user live."""
    iam, now = tools.client("iam"), tools.now()
    report, made = _credential_report(tools)
    if _ROOT not in report:
        raise Unreadable(f"the credential report has no row {_ROOT}")
    used = [
        when
        for column in ("password_last_used", *(f"access_key_{n}_last_used_date" for n in (1, 2)))
        if (when := _moment(report[_ROOT][column]))
    ]
    if used and now - max(used) < _OLD:
        found = f"it was used on {text_of(max(used))}"
        yield Finding("note", "root", found, "use a user or a role instead")
    people = {name: row for name, row in report.items() if name != _ROOT}
    findings: list[Finding] = []
    for name, row in people.items():
        try:
            if (row["password_enabled"], row["mfa_active"]) == ("true", "false"):
                findings += _without_mfa(iam, name)
            if any(_is_suspect(row, number, now) for number in (1, 2)):
                findings += _stale_keys(iam, name, now)
        except iam.exceptions.NoSuchEntityException:
            continue  # deleted since the report
    yield from findings
    if not findings:
        found = f"{len(people)} users, none without MFA or with a stale key on {text_of(made)}"
        yield Finding("ok", "people", found)


def _credential_report(tools: Tools) -> tuple[dict[str, dict[str, str]], datetime]:
    """Return the rows by user, and when IAM made them. Raises `Unreadable` if it takes long."""
    iam, begun = tools.client("iam"), tools.now()
    while iam.generate_credential_report()["State"] != "COMPLETE":
        if tools.now() - begun > _PATIENCE:
            raise Unreadable("IAM has not made its credential report yet: repeat in a minute")
        tools.sleep(_POLL_SECONDS)
    report = iam.get_credential_report()
    rows = csv.DictReader(io.StringIO(report["Content"].decode()))
    return {row["user"]: row for row in rows}, report["GeneratedTime"]


def _moment(text: str) -> datetime | None:
    """Return a time of the report, `None` for N/A, no_information and not_supported."""
    return datetime.fromisoformat(text) if text[:1].isdigit() else None


def _is_suspect(row: dict[str, str], number: int, now: datetime) -> bool:
    key = f"access_key_{number}"
    rotated = _moment(row[f"{key}_last_rotated"])
    if row[f"{key}_active"] != "true" or rotated is None:
        return False
    return _is_stale(now - rotated, is_used=bool(_moment(row[f"{key}_last_used_date"])))


def _is_stale(age: timedelta, *, is_used: bool) -> bool:
    return age > (_OLD if is_used else _UNUSED)


def _without_mfa(iam: "IAMClient", name: str) -> Iterator[Finding]:
    if not iam.list_mfa_devices(UserName=name)["MFADevices"]:
        found = f"{name} signs in to the console with a password alone"
        do = f"aws iam delete-login-profile --user-name {name}"
        yield Finding("bad", "people", f"{found}: assign MFA, or take the password away", do)


def _stale_keys(iam: "IAMClient", name: str, now: datetime) -> Iterator[Finding]:
    for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        number, age = key["AccessKeyId"], now - key["CreateDate"]
        last = iam.get_access_key_last_used(AccessKeyId=number)["AccessKeyLastUsed"]
        is_used = "LastUsedDate" in last
        if key["Status"] == "Active" and _is_stale(age, is_used=is_used):
            use = "" if is_used else ", never used"
            do = f"aws iam update-access-key --user-name {name} --status Inactive"
            found = f"{name}'s key {number} is {age.days} days old{use}"
            yield Finding("bad", "people", found, f"{do} --access-key-id {number}")


def check_administrators(tools: Tools, _: Caller) -> Iterator[Finding]:
    pages = tools.client("iam").get_paginator("get_account_authorization_details")
    names = [
        user["UserName"]
        for page in pages.paginate(Filter=["User"])
        for user in page["UserDetailList"]
        if any(
            policy["PolicyName"] == "AdministratorAccess"
            for policy in user.get("AttachedManagedPolicies", [])
        )
    ]
    if names:
        found = f"{', '.join(sorted(names))} may do everything, with no role in between"
        do = "let people assume a role, and detach AdministratorAccess"
        yield Finding("note", "administrators", found, do)
    else:
        yield Finding("ok", "administrators", "no user has AdministratorAccess of its own")
