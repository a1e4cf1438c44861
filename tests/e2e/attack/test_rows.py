"""Every row at every door: the answer is the row's, discreet, and the table is as it should be."""

from typing import Any

import pytest

from local.cloud import Cloud
from tests.e2e.attack import (
    bodies,
    cursors,
    fields,
    framing,
    headers,
    ids,
    media_types,
    preconditions,
    queries,
)
from tests.e2e.attack.conftest import Attack
from tests.e2e.attack.doors import Door, InProcess
from tests.e2e.attack.rows import CHALICE_LOCAL, GATEWAY, IN_PROCESS, Facts, Row
from tests.e2e.attack.verdict import judge_log

_TABLES = (ids, bodies, fields, media_types, headers, preconditions, queries, cursors, framing)
ROWS = {
    f"{table.__name__.rpartition('.')[2]}: {row.name}": row
    for table in _TABLES
    for row in table.ROWS
}


def _at(door: str) -> list[Any]:
    """The rows for this door; with `--long` all of them are asked at both servers too."""
    return [
        pytest.param(
            row,
            id=name.encode("unicode_escape").decode(),
            marks=() if _is_short(row, n, door) else pytest.mark.long,
        )
        for n, (name, row) in enumerate(ROWS.items())
        if door in row.only
    ]


def _is_short(row: Row, n: int, door: str) -> bool:
    """Ask each row in process, and every fourth at one server. The slower server has fewer."""
    if door == IN_PROCESS or IN_PROCESS not in row.only:
        return True
    return n % 4 == 0 and (door == CHALICE_LOCAL) == (row.long or n % 8 == 0)


def test_no_row_hides_another() -> None:
    assert len(ROWS) == sum(len(table.ROWS) for table in _TABLES)


@pytest.mark.parametrize("row", _at(IN_PROCESS))
def test_in_process(row: Row, attack: Attack, in_process: InProcess, facts: Facts) -> None:
    answer = attack(in_process, row)
    # Only the application's responses have one: the gateway rejects a path without a route.
    if answer is not None and "x-correlation-id" in answer.headers:
        judge_log(in_process.written, facts)


@pytest.mark.parametrize("row", _at(CHALICE_LOCAL))
def test_at_chalice_local(row: Row, attack: Attack, local_server: Door) -> None:
    attack(local_server, row)


@pytest.mark.parametrize("row", _at(GATEWAY))
def test_at_the_gateway(row: Row, attack: Attack, gateway: Door) -> None:
    attack(gateway, row)


def test_what_the_function_wrote_of_all_that(
    cloud: Cloud, facts: Facts, attack: Attack, gateway: Door
) -> None:
    attack(gateway, ROWS["headers: a user agent with JSON"])
    pages = cloud.client("logs").get_paginator("filter_log_events")
    messages = [
        event["message"]
        for page in pages.paginate(logGroupName="/aws/lambda/items-local")
        for event in page["events"]
    ]
    written = [text for text in messages if not text.startswith(("START ", "END ", "REPORT "))]
    assert written
    judge_log("\n".join(written), facts)
