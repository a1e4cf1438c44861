"""Every row at a server: the response is the row's, discreet, and the table is as it should be."""

from typing import Any

import pytest

from local.cloud import Cloud
from tests.e2e.attack import framing, headers, paths
from tests.e2e.attack.conftest import Attack
from tests.e2e.attack.doors import HttpDoor
from tests.e2e.attack.rows import CHALICE_LOCAL, GATEWAY, Facts, Row
from tests.e2e.attack.verdict import judge_log

_TABLES = (framing, headers, paths)
ROWS = {
    f"{table.__name__.rpartition('.')[2]}: {row.name}": row
    for table in _TABLES
    for row in table.ROWS
}


def _at(door: str) -> list[Any]:
    """Return the rows for this server. Framing is for both, others in turn unless `--long`."""
    return [
        pytest.param(
            row,
            id=name.encode("unicode_escape").decode(),
            marks=()
            if row in framing.ROWS or (n % 2 == 0) == (door == GATEWAY)
            else pytest.mark.long,
        )
        for n, (name, row) in enumerate(ROWS.items())
    ]


def test_no_row_hides_another() -> None:
    assert len(ROWS) == sum(len(table.ROWS) for table in _TABLES)


@pytest.mark.parametrize("row", _at(CHALICE_LOCAL))
def test_at_chalice_local(row: Row, attack: Attack, local_server: HttpDoor) -> None:
    attack(local_server, row)


@pytest.mark.parametrize("row", _at(GATEWAY))
def test_at_the_gateway(row: Row, attack: Attack, gateway: HttpDoor) -> None:
    attack(gateway, row)


def test_function_log_after_the_attacks(
    cloud: Cloud, facts: Facts, attack: Attack, gateway: HttpDoor
) -> None:
    attack(gateway, ROWS["headers: claims in every header: GET"])
    pages = cloud.client("logs").get_paginator("filter_log_events")
    messages = [
        event["message"]
        for page in pages.paginate(logGroupName="/aws/lambda/items-local")
        for event in page["events"]
    ]
    written = [text for text in messages if not text.startswith(("START ", "END ", "REPORT "))]
    assert written
    judge_log("\n".join(written), facts)
