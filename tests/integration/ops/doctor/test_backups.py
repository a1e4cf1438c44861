"""`ops doctor`: recovery, copies and drills."""

from datetime import timedelta

import pytest

from tests.integration.ops.case import Case, both, respond
from tests.integration.ops.conftest import NOW, TABLE
from tests.integration.ops.doctor.change import parameter
from tests.integration.ops.doctor.conftest import Ward, continuous_backups, recovery_points
from tests.integration.ops.responses import failure

ILL: dict[str, Case] = {
    "no recovery": Case(
        respond("dynamodb:DescribeContinuousBackups", continuous_backups("DISABLED")),
        *("bad", "recovery", f"{TABLE} has no point-in-time recovery"),
        f"aws dynamodb update-continuous-backups --table-name {TABLE}",
    ),
    "no table": Case(
        respond("dynamodb:DescribeTable", failure("DescribeTable", "ResourceNotFoundException")),
        *("bad", "recovery", f"there is no table {TABLE}", "docs/restore.md"),
    ),
    "old copy": Case(
        respond("backup:ListRecoveryPointsByResource", recovery_points(NOW - timedelta(hours=27))),
        *("bad", "copies", "the newest is of 2026-01-30T06:30:00.000Z", "aws backup list-backup"),
    ),
    "copy that failed": Case(
        respond("backup:ListRecoveryPointsByResource", recovery_points(NOW, status="PARTIAL")),
        *("bad", "copies", f"{TABLE} has no copy in a vault", "--parameter Backups=true"),
    ),
    "new table": Case(
        both(
            respond("backup:ListRecoveryPointsByResource", recovery_points()),
            respond("dynamodb:DescribeTable", {"Table": {"CreationDateTime": NOW}}),
        ),
        *("note", "copies", f"{TABLE} has no copy in a vault: it is younger than a day", ""),
    ),
    "no copies on purpose": Case(
        *(parameter("data", "Backups", "false"), "note", "copies", "Backups is false"),
        "infra data --stage dev --parameter Backups=true",
    ),
    "never drilled": Case(
        respond("dynamodb:ListTagsOfResource", {"Tags": []}),
        *("note", "drill", "no restore was ever tried", "ops restore --stage dev --to latest"),
    ),
    "drilled long ago": Case(
        respond(
            "dynamodb:ListTagsOfResource",
            {"Tags": [{"Key": "drilled", "Value": "2025-10-30T09:00:00Z"}]},
        ),
        *("note", "drill", "the last one was on 2025-10-30T09:00:00Z", "--to latest --drill"),
    ),
}


@pytest.mark.parametrize("case", ILL)
def test_case_has_its_finding(case: str, ward: Ward) -> None:
    ILL[case].assert_found(ward)
