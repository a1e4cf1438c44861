"""Restore a stage's table to a moment, as a new table beside it.

Waits until the table is active. Compares it with the source: all counts, and a random sample of
items each way. Copies the source's settings: recovery, protection, tags, stream, time to live,
autoscaling, alarms. Prints how to point the stage at the table, or does it with --switch. Never
writes an item into the source. docs/restore.md has the next steps, and the facts that only AWS can
show.
"""

import argparse
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from botocore.exceptions import ClientError

from infra.stage import Stage
from ops import settings
from ops import switch as switching
from ops.compare import Tables
from ops.errors import Differs, Interrupted, OpsError, Refused
from ops.options import count
from ops.recovery import DRILLED, Recovery, describe_table, text_of, wait_until_active
from ops.tools import Tools
from tools.project import PYTHON

_SAMPLE = 1000


def _moment(text: str) -> datetime | None:
    if text == "latest":
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time like 2026-01-31T09:30:00Z") from None
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} is in no time zone; for UTC, end it with Z")
    return moment.astimezone(UTC)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stage", required=True, help="use this stage of .chalice/config.json")
    add = parser.add_argument
    begin = parser.add_mutually_exclusive_group(required=True)
    begin.add_argument(
        "--to",
        type=_moment,
        default=argparse.SUPPRESS,  # otherwise `None`, the latest, would mean "not given"
        metavar="TIMESTAMP",
        help="restore this moment, such as 2026-01-31T09:30:00Z, or: latest",
    )
    begin.add_argument("--resume", action="store_true", help="continue the restore to --target")
    add("--source", metavar="TABLE", help="restore this table (default: the stage's)")
    add("--target", metavar="NAME", help="name the new table (default: SOURCE-restored-NOW)")
    add(
        "--sample",
        type=count,
        default=_SAMPLE,
        metavar="N",
        help="compare at most N items each way (default: %(default)s)",
    )
    add(
        "--accept-differences",
        action="store_true",
        help="continue if the tables differ, as they do after data loss",
    )
    add("--dry-run", action="store_true", help="check, and show the steps, without a change")
    then = parser.add_mutually_exclusive_group()
    then.add_argument("--switch", action="store_true", help="point the stage at the new table")
    text = "compare, report the duration, delete the new table"
    then.add_argument("--drill", action="store_true", help=text)


def run(arguments: argparse.Namespace, tools: Tools) -> None:
    if arguments.resume and (arguments.drill or arguments.dry_run or not arguments.target):
        arguments.usage_error("--resume needs --target, and is neither for --drill nor --dry-run")
    stage = Stage.load(tools.project, arguments.stage)
    source = arguments.source or switching.table_in_use(stage, tools)
    target = arguments.target or _name(source, tools.now())
    switching.check_name(stage, target)
    restore = _Restore(
        tools, stage, Recovery(source, target, getattr(arguments, "to", None)), arguments
    )
    if arguments.drill:
        restore.drill()
    else:
        restore.run()


def _name(source: str, now: datetime) -> str:
    base = re.sub(r"-restored-\d{8}T\d{6}$", "", source)
    return f"{base}-restored-{now.astimezone(UTC):%Y%m%dT%H%M%S}"


@dataclass(frozen=True)
class _Restore:
    tools: Tools
    stage: Stage
    recovery: Recovery
    options: argparse.Namespace

    def run(self) -> None:
        target = self.recovery.target
        if self.options.resume:
            moment = self._begun()
        else:
            moment = self._check()
            if self.options.dry_run:
                return
            moment = self._start(moment)
        self._wait()
        try:
            self._finish(moment)
        except KeyboardInterrupt as error:
            raise Interrupted(
                f"interrupted: {target} stays; to go on: {self._command('--resume')}"
            ) from error

    def _finish(self, moment: datetime) -> None:
        """Compare the tables, set up the new table, and switch to it if requested."""
        source, target = self.recovery.source, self.recovery.target
        self._compare(moment)
        settings.copy(self.tools, source, target)
        if self.options.switch:
            switching.check(self.stage, target, self.tools)
            switching.switch(self.stage, target, self.tools)
        else:
            self.tools.report(f"{target} is ready; stage {self.stage.name} still uses its own:")
            self.tools.report(f"  {self._switch_command()}")

    def drill(self) -> None:
        """Delete the new table after any result of the comparison, because this run created it."""
        moment = self._check()
        if self.options.dry_run:
            return
        begun = self.tools.now()
        moment = self._start(moment)
        self._wait()
        try:
            ready = self.tools.now()
            self._compare(moment)
            # The only step of the setup that AWS may not allow yet.
            settings.recover(self.tools, self.recovery.source, self.recovery.target)
        finally:
            self._delete()
        minutes = [(end - begun).total_seconds() / 60 for end in (ready, self.tools.now())]
        self.tools.report(
            f"drill passed: restored in {minutes[0]:.1f} minutes, compared after {minutes[1]:.1f}"
        )
        dynamodb = self.tools.client("dynamodb")
        source = dynamodb.describe_table(TableName=self.recovery.source)["Table"]["TableArn"]
        value = text_of(self.tools.now())  # for `ops doctor`
        dynamodb.tag_resource(ResourceArn=source, Tags=[{"Key": DRILLED, "Value": value}])

    def _delete(self) -> None:
        dynamodb, target = self.tools.client("dynamodb"), self.recovery.target
        if (describe_table(dynamodb, target) or {}).get("DeletionProtectionEnabled"):
            dynamodb.update_table(TableName=target, DeletionProtectionEnabled=False)
            wait_until_active(self.tools, target)
        dynamodb.delete_table(TableName=target)
        self.tools.report(f"{target}: deleted again")

    def _check(self) -> datetime:
        """Return the moment to restore, after a report of the plan."""
        moment = self.recovery.check(self.tools.client("dynamodb"))
        would = "would restore" if self.options.dry_run else "restoring"
        self.tools.report(
            f"{would} {self.recovery.source} as of {text_of(moment)} to {self.recovery.target}"
        )
        if self.options.dry_run:
            then = ["compare them"]
            if self.options.drill:
                then += ["delete it again"]
            else:
                then += ["set it up as its source is"]
            if self.options.switch:
                then += [f"point stage {self.stage.name} at it"]
            self.tools.report(f"would then {', '.join(then)}; no change was made")
        return moment

    def _start(self, expected: datetime) -> datetime:
        try:
            return self.recovery.start(self.tools.client("dynamodb"), expected)
        except ClientError as error:
            if error.response["Error"]["Code"] != "TableAlreadyExistsException":
                raise
            raise Refused(f"there is a table {self.recovery.target} already") from error

    def _begun(self) -> datetime:
        """Return the moment of a restore that was started before."""
        found = describe_table(self.tools.client("dynamodb"), self.recovery.target) or {}
        summary = found.get("RestoreSummary", {})
        if summary.get("SourceTableArn", "").rpartition("/")[2] != self.recovery.source:
            raise Refused(f"{self.recovery.target} was not restored from {self.recovery.source}")
        moment: datetime = summary["RestoreDateTime"]
        return moment

    def _wait(self) -> None:
        try:
            wait_until_active(self.tools, self.recovery.target)
        except (KeyboardInterrupt, ClientError) as error:
            failure = Interrupted if isinstance(error, KeyboardInterrupt) else OpsError
            then = (
                f"delete {self.recovery.target} when it is active"
                if self.options.drill
                else f"to go on: {self._command('--resume')}"
            )
            raise failure(
                f"{error or 'interrupted'}: the restore goes on by itself; {then}"
            ) from error
        self.tools.report(f"{self.recovery.target}: there, and active")

    def _compare(self, moment: datetime) -> None:
        """Compare the tables. Raises `Differs` unless they agree or the person accepts it."""
        tables = Tables(self.tools, self.recovery.source, self.recovery.target)
        found = tables.compare(moment, self.options.sample)
        self.tools.report(
            f"compared {found.compared} items; {found.newer} were written after the restored "
            f"moment, when {found.counts[0]} existed; {found.counts[1]} are restored"
        )
        differences = found.differences()
        for line in differences:
            self.tools.report(f"difference: {line}")
        if not differences or self.options.accept_differences:
            return
        if self.options.drill:
            raise Differs("the tables differ")
        command = self._command("--resume --accept-differences")
        raise Differs(
            "the tables differ; if this difference is the reason for the restore, "
            f"continue with: {command}"
        )

    def _command(self, options: str) -> str:
        options += " --switch" if self.options.switch else ""
        command = f"{PYTHON} -m ops restore --stage {self.stage.name} {options}"
        return f"{command} --source {self.recovery.source} --target {self.recovery.target}"

    def _switch_command(self) -> str:
        return f"{PYTHON} -m ops switch --stage {self.stage.name} --table {self.recovery.target}"
