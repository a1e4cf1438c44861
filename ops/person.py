"""Export or delete a person's data of a stage: the user and their items.

PERSON is the user's e-mail address, or the `sub` of a user who is deleted already. --forget
disables the user, deletes the items and then the user, and can be repeated. It first lists the
data that stays in backups, with end dates, and needs PERSON once more. docs/users.md lists further
steps.
"""

import argparse
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from boto3.dynamodb.types import TypeDeserializer

from chalicelib.kind import Kind
from chalicelib.record import Stored, UnreadableRecord
from infra.stage import Stage
from ops.errors import Misconfigured, Refused
from ops.findings import Finding, look
from ops.limits import token_minutes
from ops.ownership import delete_of, keys_of, records_of
from ops.private import create_file
from ops.recovery import read_recovery, text_of
from ops.switch import data_outputs
from ops.tools import Tools
from tools.confirmation import is_confirmed
from tools.kinds import kinds
from tools.project import PYTHON

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import AdminGetUserResponseTypeDef

_SUB = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: Prices are exact decimals, so they are written as numbers.
_JSON = msgspec.json.Encoder(decimal_format="number", enc_hook=bytes)


def configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("person", metavar="PERSON", help="find this e-mail address or `sub`")
    add("--stage", required=True, help="use this stage of .chalice/config.json")
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--export", type=Path, metavar="FILE", help="write this new file, as JSON")
    action.add_argument("--forget", action="store_true", help="delete the items and the user")
    add("--dry-run", action="store_true", help="with --forget: list the data, and delete none")
    add(
        "--confirm",
        default="",
        metavar="PERSON",
        help="with --forget: confirm with the same PERSON (default: ask at the terminal)",
    )


def run(arguments: argparse.Namespace, tools: Tools) -> None:
    """Export or delete the person's data.

    Raises `Misconfigured` if the person is unknown, `Refused` without the confirmation.
    """
    if arguments.export and (arguments.dry_run or arguments.confirm):
        arguments.usage_error("--dry-run and --confirm are for --forget")
    stage = Stage.load(tools.project, arguments.stage)
    person = _find(arguments.person, stage, tools)
    if arguments.export:
        person.export(arguments.export)
        return
    if not person.explain():
        tools.report("no data is left to delete")
        return
    if arguments.dry_run:
        tools.report("no data was deleted")
        return
    if not is_confirmed(arguments.person, arguments.confirm, "To delete all that, type it again"):
        raise Refused(
            f"no data was deleted: confirm with {arguments.person}, "
            f"or pass --confirm {arguments.person}"
        )
    person.forget()


def _find(name: str, stage: Stage, tools: Tools) -> "_Person":
    outputs = data_outputs(stage, tools)
    pool, cognito = outputs["UserPoolId"], tools.client("cognito-idp")
    try:
        user = cognito.admin_get_user(UserPoolId=pool, Username=name)
    except cognito.exceptions.UserNotFoundException as error:
        if not _SUB.fullmatch(name):
            raise Misconfigured(
                f"{pool} has no user {name}; if the user is deleted, pass the `sub` that "
                f"{PYTHON} -m ops users exported"
            ) from error
        return _Person(name, None, pool, outputs, stage, tools)
    sub = _attributes(user)["sub"]
    return _Person(sub, user, pool, outputs, stage, tools)


def _shown(kind: Kind[Any], record: Any) -> Any:
    """Return a record as the API shows it, or as the table has it if the API cannot read it."""
    try:
        return Stored.of(kind, record).view
    except UnreadableRecord:
        read = TypeDeserializer().deserialize
        return {name: read(value) for name, value in record.items()}


def _attributes(user: "AdminGetUserResponseTypeDef") -> dict[str, str]:
    return {each["Name"]: each.get("Value", "") for each in user["UserAttributes"]}


@dataclass(frozen=True)
class _Person:
    """A user, or the remaining data of a deleted user. `sub` owns the items."""

    sub: str
    user: "AdminGetUserResponseTypeDef | None"
    pool: str
    outputs: dict[str, str]
    stage: Stage
    tools: Tools

    @property
    def table(self) -> str:
        return self.outputs["TableName"]

    def export(self, file: Path) -> None:
        dynamodb = self.tools.client("dynamodb")
        resources = {
            kind.name: [
                _shown(kind, record) for record in records_of(dynamodb, self.table, self.sub, kind)
            ]
            for kind in kinds()
        }
        content = {
            "exported_at": text_of(self.tools.now()),
            "stage": self.stage.name,
            "user": self._user(),
            **resources,
        }
        with create_file(file, "another --export") as output:
            output.write(msgspec.json.format(_JSON.encode(content)).decode() + "\n")
        self._introduce()
        count = sum(map(len, resources.values()))
        self.tools.report(f"wrote the user and {count} items of {self.table} to {file}")

    def _user(self) -> dict[str, Any]:
        if self.user is None:
            return {"sub": self.sub}
        times = {
            "created_at": text_of(self.user["UserCreateDate"]),
            "updated_at": text_of(self.user["UserLastModifiedDate"]),
        }
        status = {"enabled": self.user["Enabled"], "status": self.user["UserStatus"]}
        return {**_attributes(self.user), **status, **times}

    def _introduce(self) -> None:
        if self.user is None:
            self.tools.report(f"{self.pool} has no user {self.sub}, who may have left items")
            return
        attributes = _attributes(self.user)
        self.tools.report(f"user {attributes.get('email')}, {self.sub}, of {self.pool}")
        if attributes.get("email_verified") != "true":
            self.tools.report("warning: this address is not verified")

    def explain(self) -> bool:
        """Report the data to delete and the data that stays. Return whether there is any."""
        self._introduce()
        count = sum(1 for _ in keys_of(self.tools.client("dynamodb"), self.table, self.sub))
        user = "the user and " if self.user else ""
        self.tools.report(f"to be deleted: {user}{count} items of {self.table}")
        for name, check in (
            ("point-in-time recovery", self._recovery),
            ("copies", self._copies),
            ("other tables", self._tables),
        ):
            for finding in look(name, check):
                for line in finding.lines():
                    self.tools.report(line)
        return bool(self.user or count)

    def _recovery(self) -> Iterator[Finding]:
        recovery = read_recovery(self.tools.client("dynamodb"), self.table)
        if recovery:
            end = self.tools.now() + timedelta(days=recovery.get("RecoveryPeriodInDays", 35))
            yield Finding("note", f"the items stay until {text_of(end)}")

    def _copies(self) -> Iterator[Finding]:
        arn, backup = self.outputs["TableArn"], self.tools.client("backup")
        pages = backup.get_paginator("list_recovery_points_by_resource")
        ends = []
        for point in pages.paginate(ResourceArn=arn).search("RecoveryPoints"):
            details = backup.describe_recovery_point(
                BackupVaultName=point["BackupVaultName"], RecoveryPointArn=point["RecoveryPointArn"]
            )
            ends.append(details.get("CalculatedLifecycle", {}).get("DeleteAt"))
        if not ends:
            return
        last = "without end" if None in ends else f"until {text_of(max(filter(None, ends)))}"
        yield Finding("note", f"the items stay in {len(ends)} copies, {last}")

    def _tables(self) -> Iterator[Finding]:
        """Find the tables from which or to which this table was restored."""
        pages = self.tools.client("dynamodb").get_paginator("list_tables").paginate()
        mine = f"{self.stage.stack_name('data')}-"
        for name in pages.search("TableNames"):
            if name.startswith(mine) and name != self.table:
                yield Finding("note", f"{name} is not searched, and stays until it is deleted")

    def forget(self) -> None:
        cognito = self.tools.client("cognito-idp")
        if self.user:  # otherwise the user writes on while the items are deleted
            name = self.user["Username"]
            cognito.admin_disable_user(UserPoolId=self.pool, Username=name)
            cognito.admin_user_global_sign_out(UserPoolId=self.pool, Username=name)
        count = delete_of(self.tools.client("dynamodb"), self.table, self.sub)
        self.tools.report(f"deleted {count} items")
        if self.user:
            cognito.admin_delete_user(UserPoolId=self.pool, Username=self.user["Username"])
            self.tools.report("deleted the user")
            self.tools.report(
                f"the user's access token is accepted for up to {token_minutes()} minutes more; "
                "then delete the items that it has created:"
            )
            self.tools.report(
                f"  {PYTHON} -m ops person {self.sub} --stage {self.stage.name} --forget"
            )
