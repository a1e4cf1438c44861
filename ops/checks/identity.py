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
    keys = summary["AccountAccessKeysPresent"]
    if (keys, summary.get("AccountPasswordPresent", 1)) == (0, 0):
        yield Finding("ok", "it has no credentials")
        return
    if summary["AccountMFAEnabled"]:
        yield Finding("ok", "it has MFA")
    else:
        do = "sign in as root: Security credentials, Assign MFA"
        yield Finding("bad", "it has no MFA: access to its mail suffices to take the account", do)
    if keys:
        do = "sign in as root: Security credentials, Delete key"
        yield Finding("bad", "it has an access key, which no policy can limit", do)


def check_people(tools: Tools, _: Caller) -> Iterator[Finding]:
    """Find users without MFA and stale keys in the report, and read each user live."""
    iam, now = tools.client("iam"), tools.now()
    people, created = _read_credential_report(tools)
    if _ROOT not in people:
        raise Unreadable(f"the credential report has no row {_ROOT}")
    root = people.pop(_ROOT)
    columns = ("password_last_used", *(f"access_key_{n}_last_used_date" for n in (1, 2)))
    used = [moment for column in columns if (moment := _parse_moment(root[column]))]
    if used and now - max(used) < _OLD:
        found, do = f"it was used on {text_of(max(used))}", "use a user or a role instead"
        yield Finding("note", found, do, name="root")
    findings: list[Finding] = []
    for name, row in people.items():
        try:
            if (row["password_enabled"], row["mfa_active"]) == ("true", "false"):
                findings += _check_mfa(iam, name)
            if any(_is_suspect(row, f"access_key_{number}", now) for number in (1, 2)):
                findings += _check_keys(iam, name, now)
        except iam.exceptions.NoSuchEntityException:
            continue  # deleted since the report
    yield from findings
    if not findings:
        found = f"{len(people)} users, none without MFA or with a stale key on {text_of(created)}"
        yield Finding("ok", found)


def _read_credential_report(tools: Tools) -> tuple[dict[str, dict[str, str]], datetime]:
    """Return the rows by user, and their time. Raises `Unreadable` if IAM takes too long."""
    iam, begun = tools.client("iam"), tools.now()
    while iam.generate_credential_report()["State"] != "COMPLETE":
        if tools.now() - begun > _PATIENCE:
            raise Unreadable("IAM has not finished its credential report: run again in a minute")
        tools.sleep(_POLL_SECONDS)
    report = iam.get_credential_report()
    rows = csv.DictReader(io.StringIO(report["Content"].decode()))
    return {row["user"]: row for row in rows}, report["GeneratedTime"]


def _parse_moment(text: str) -> datetime | None:
    """Return a time of the report, `None` for N/A, no_information and not_supported."""
    return datetime.fromisoformat(text) if text[:1].isdigit() else None


def _is_suspect(row: dict[str, str], key: str, now: datetime) -> bool:
    rotated, used = (_parse_moment(row[f"{key}_last_{of}"]) for of in ("rotated", "used_date"))
    return row[f"{key}_active"] == "true" and rotated is not None and _is_stale(rotated, used, now)


def _is_stale(created: datetime, used: object, now: datetime) -> bool:
    return now - created > (_OLD if used else _UNUSED)


def _check_mfa(iam: "IAMClient", name: str) -> Iterator[Finding]:
    if not iam.list_mfa_devices(UserName=name)["MFADevices"]:
        found = f"{name} signs in to the console with a password alone: assign MFA, or delete it"
        yield Finding("bad", found, f"aws iam delete-login-profile --user-name {name}")


def _check_keys(iam: "IAMClient", name: str, now: datetime) -> Iterator[Finding]:
    for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        id, created = key["AccessKeyId"], key["CreateDate"]
        last = iam.get_access_key_last_used(AccessKeyId=id)["AccessKeyLastUsed"]
        used = last.get("LastUsedDate")
        if key["Status"] == "Active" and _is_stale(created, used, now):
            found = f"{name}'s key {id} is {(now - created).days} days old"
            do = f"aws iam update-access-key --user-name {name} --status Inactive"
            yield Finding(
                "bad", found + ("" if used else ", never used"), f"{do} --access-key-id {id}"
            )


def check_administrators(tools: Tools, _: Caller) -> Iterator[Finding]:
    pages = tools.client("iam").get_paginator("get_account_authorization_details")
    attached = "AttachedManagedPolicies[?PolicyName=='AdministratorAccess']"
    names = list(pages.paginate(Filter=["User"]).search(f"UserDetailList[?{attached}].UserName"))
    if names:
        found = f"{', '.join(sorted(names))} may do everything, with no role in between"
        yield Finding("note", found, "let people assume a role, and detach AdministratorAccess")
    else:
        yield Finding("ok", "no user has AdministratorAccess directly")
