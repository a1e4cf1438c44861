"""The tables."""

import json
import socket
from collections.abc import Callable

from bench.function import report
from bench.function.candidate import TITLES
from bench.function.result import Result

Measured = Callable[..., Result]


def rows(table: str) -> list[list[str]]:
    lines = [line for line in table.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]


def test_the_tables(measured: Measured) -> None:
    text = report.markdown(measured(), TITLES)
    assert "3 cold starts of each, and 3 blocks" in text
    ratios, absolute = text.split("Medians in milliseconds")
    header, *found = rows(ratios)
    assert [row[0] for row in found] == list(TITLES.values())
    assert all(len(row) == len(header) for row in found)
    assert found[0][1] == "**0.18** (0.18 to 0.18)"
    header, *found = rows(absolute)
    assert found[0] == ["this application", "14.0", "4.0", "2.0", "2.0", "0.20", "0.20", "0.20"]
    assert len(found) == len(TITLES)
    assert all(len(row) == len(header) for row in found)


def test_variants_are_compared_with_ours(measured: Measured) -> None:
    result = measured(smaller=(7.0, 2.0, 2.0, 0.1))
    _, row = rows(report.variants(result, {"smaller": "a smaller one"}))
    assert row == ["a smaller one"] + ["**0.50** (0.50 to 0.50)"] * 5


def test_the_machine_is_not_named() -> None:
    assert socket.gethostname() not in report.machine()
    assert "processors, " in report.machine()


def test_everything_that_was_measured_is_kept(measured: Measured) -> None:
    content = json.loads(json.dumps(report.document(measured())))
    assert content["cold"][0]["ours"]["first"] == {"wall": 4.0, "cpu": 2.0}
    assert content["warm"][1]["l0"]["get"] == 2.0
    assert content["complaints"] == []
