"""Check that the items can be restored: recovery is on, a copy is young, a drill was done."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from infra.stacks.deployment import Stacks
from ops.checks.remedies import deploy
from ops.findings import Finding
from ops.recovery import DRILLED, describe_table, read_recovery, text_of
from ops.tools import Tools
from tools.project import PYTHON

#: The plan copies once a day. The copy of a large table takes an hour or two.
_YOUNG = timedelta(hours=26)
#: docs/restore.md has a drill each quarter.
_QUARTER = timedelta(days=92)


def check_recovery(stacks: Stacks, tools: Tools) -> Iterator[Finding]:
    table, dynamodb = stacks.require("data")["TableName"], tools.client("dynamodb")
    if describe_table(dynamodb, table) is None:
        yield Finding("bad", f"there is no table {table}", "follow docs/restore.md")
        return
    if recovery := read_recovery(dynamodb, table):
        earliest = text_of(recovery["EarliestRestorableDateTime"])
        yield Finding("ok", f"{table} can be restored to each second since {earliest}")
    else:
        do = (
            f"aws dynamodb update-continuous-backups --table-name {table} "
            "--point-in-time-recovery-specification PointInTimeRecoveryEnabled=true"
        )
        yield Finding("bad", f"{table} has no point-in-time recovery", do)


def check_copies(stacks: Stacks, tools: Tools) -> Iterator[Finding]:
    outputs, parameters = stacks.require("data"), stacks.stack("data").parameters()
    command = deploy(stacks, "data", Backups="true")
    if parameters.get("Backups") == "false":
        found = "Backups is false: a deleted table would leave AWS's last state, for 35 days"
        yield Finding("note", found, command)
        return
    pages = tools.client("backup").get_paginator("list_recovery_points_by_resource")
    done = [
        point["CreationDate"]
        for point in pages.paginate(ResourceArn=outputs["TableArn"]).search("RecoveryPoints")
        if point["Status"] in ("COMPLETED", "AVAILABLE")
    ]
    table = describe_table(tools.client("dynamodb"), outputs["TableName"])
    if table is None:  # `check_recovery` reports it
        return
    since = max(done, default=table["CreationDateTime"])
    young = tools.now() - since < _YOUNG
    if not done:
        found = f"{outputs['TableName']} has no copy in a vault"
        found += ": it is younger than a day" if young else ""
        yield Finding("note" if young else "bad", found, "" if young else command)
    elif young:
        yield Finding("ok", f"{len(done)} in the vault, the newest of {text_of(since)}")
    else:
        do = "aws backup list-backup-jobs --by-state FAILED"
        yield Finding("bad", f"the newest is of {text_of(since)}: the plan failed", do)


def check_drill(stacks: Stacks, tools: Tools) -> Iterator[Finding]:
    """Read the tag that a drill leaves on the table."""
    arn = stacks.require("data")["TableArn"]
    pages = tools.client("dynamodb").get_paginator("list_tags_of_resource")
    tags = {each["Key"]: each["Value"] for each in pages.paginate(ResourceArn=arn).search("Tags")}
    command = f"{PYTHON} -m ops restore --stage {stacks.stage.name} --to latest --drill"
    drilled = tags.get(DRILLED)
    if not drilled:
        yield Finding("note", "no restore was ever tried", command)
    elif tools.now() - datetime.fromisoformat(drilled) > _QUARTER:
        yield Finding("note", f"the last one was on {drilled}", command)
    else:
        yield Finding("ok", f"a restore passed on {drilled}")
