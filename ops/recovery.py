"""Restore a table to a moment, as a new table, because AWS restores only to a new table."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ops.errors import OpsError, Refused
from ops.tools import Tools

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import (
        PointInTimeRecoveryDescriptionTypeDef,
        RestoreTableToPointInTimeInputTypeDef,
        TableDescriptionTypeDef,
    )

POLL_SECONDS = 30
#: The tag of a table with the time when a drill of its restore last passed.
DRILLED = "drilled"


def text_of(moment: datetime) -> str:
    """Return RFC 3339 in UTC with milliseconds, which compares with the items' own times."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def describe_table(dynamodb: "DynamoDBClient", table: str) -> "TableDescriptionTypeDef | None":
    """Return DescribeTable's description of the table, `None` if it does not exist."""
    try:
        return dynamodb.describe_table(TableName=table)["Table"]
    except dynamodb.exceptions.ResourceNotFoundException:
        return None


def require_table(dynamodb: "DynamoDBClient", table: str) -> "TableDescriptionTypeDef":
    """Return DescribeTable's description of the table. Raises `OpsError` if it does not exist."""
    found = describe_table(dynamodb, table)
    if found is None:
        raise OpsError(f"table {table} was deleted")
    return found


def read_recovery(
    dynamodb: "DynamoDBClient", table: str
) -> "PointInTimeRecoveryDescriptionTypeDef | None":
    """Return the state of the table's point-in-time recovery, `None` if it is off."""
    backups = dynamodb.describe_continuous_backups(TableName=table)
    recovery = backups["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    return recovery if recovery.get("PointInTimeRecoveryStatus") == "ENABLED" else None


def is_active(table: "TableDescriptionTypeDef") -> bool:
    """Return whether the table and all its indexes can be used."""
    parts: list[str] = [table["TableStatus"]]
    parts += [
        index.get("IndexStatus", "ACTIVE") for index in table.get("GlobalSecondaryIndexes", [])
    ]
    return set(parts) == {"ACTIVE"}


def wait_until_active(tools: Tools, table: str) -> None:
    """Wait until the table is active. Raises `OpsError` if it is not becoming active."""
    begun = tools.now()
    while True:
        found = describe_table(tools.client("dynamodb"), table)
        if found is None or found["TableStatus"] not in ("CREATING", "UPDATING", "ACTIVE"):
            raise OpsError(f"{table} is {found['TableStatus'] if found else 'gone'}")
        if is_active(found):
            return
        minutes = (tools.now() - begun).total_seconds() / 60
        tools.report(f"{table}: {found['TableStatus'].lower()}, for {minutes:.1f} minutes")
        tools.sleep(POLL_SECONDS)


@dataclass(frozen=True)
class Recovery:
    """A restore of the table `source` at `moment`, by default the latest, to the table `target`."""

    source: str
    target: str
    moment: datetime | None

    def request(self) -> "RestoreTableToPointInTimeInputTypeDef":
        """Return the parameters of RestoreTableToPointInTime."""
        request: RestoreTableToPointInTimeInputTypeDef = {
            "SourceTableName": self.source,
            "TargetTableName": self.target,
        }
        if self.moment is None:
            return {**request, "UseLatestRestorableTime": True}
        return {**request, "RestoreDateTime": self.moment}

    def check(self, dynamodb: "DynamoDBClient") -> datetime:
        """Return the moment to restore. Raises `Refused` if it must not or cannot be restored."""
        if describe_table(dynamodb, self.source) is None:
            raise Refused(
                f"there is no table {self.source}; if it was deleted within 35 days, its last "
                "state is a system backup (docs/restore.md)"
            )
        if describe_table(dynamodb, self.target) is not None:
            raise Refused(f"there is a table {self.target} already; give another --target")
        recovery = read_recovery(dynamodb, self.source)
        if recovery is None:
            raise Refused(
                f"{self.source} has no point-in-time recovery; restore a copy from the "
                "backup vault (docs/restore.md)"
            )
        earliest = recovery["EarliestRestorableDateTime"]
        latest = recovery["LatestRestorableDateTime"]
        if self.moment is None:
            return latest
        if not earliest <= self.moment <= latest:
            raise Refused(
                f"{text_of(self.moment)} cannot be restored: {self.source} can be from "
                f"{text_of(earliest)} to {text_of(latest)}"
            )
        return self.moment

    def start(self, dynamodb: "DynamoDBClient", expected: datetime) -> datetime:
        """Start the restore and return its moment, because only AWS knows the latest."""
        table = dynamodb.restore_table_to_point_in_time(**self.request())["TableDescription"]
        return self.moment or table.get("RestoreSummary", {}).get("RestoreDateTime", expected)
