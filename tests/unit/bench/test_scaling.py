"""docs/scaling.md is current, and its figures match manual calculations."""

import re

import pytest

from bench import scaling
from tools.prices import prices
from tools.project import PYTHON

#: Requests in a month at one a second, in millions.
MILLIONS = 2.628


def test_document_and_picture_are_current() -> None:
    command = f"run: {PYTHON} -m bench.scaling"
    assert scaling.FILE.read_text() == scaling.text(), command
    assert scaling.PICTURE.read_text() == scaling.picture(), command


def cost(rate: float, part: str) -> float:
    (row,) = [each for each in scaling.rows(rate) if each.text.startswith(part)]
    return row.cost(prices())


@pytest.mark.parametrize(
    ("rate", "part", "usd"),
    [
        (10, "API Gateway", 26.28 * 3.5),
        (1_000, "API Gateway", 333 * 3.5 + 667 * 2.8 + 1628 * 2.38),
        # 0.20 USD a million, and 30 ms at 1 GB of arm64.
        (10, "Lambda", 26.28 * 0.2 + 26.28e6 * 0.03 * 0.0000133334),
        # Four requests of five read a unit. Each fifth request writes two.
        (10, "DynamoDB", 26.28 * 0.8 * 0.125 + 26.28 * 0.4 * 0.625 + 13_140 * 0.0001 * 0.25),
        (10, "logs", 26.28e6 * 1400 / 1e9 * 0.5),
        (10, "metrics", 12 * 0.3),
        # Nearly each second has a request, and 5 % of the other nine.
        (10, "traces", 0.01 * 10 * MILLIONS * 5),
        (10, "CloudFront", 26.28 * 1.0 + 26.28e6 * 2000 / 1e9 * 0.085),
        (10, "Cognito", 13_140 * 0.015),
        (10, "the API's firewall", 5 + 4 + 26.28 * 0.6),
    ],
)
def test_part_of_the_costs_is_that_by_hand(rate: float, part: str, usd: float) -> None:
    assert cost(rate, part) == pytest.approx(usd, rel=1e-3)


def test_table_covers_100000_requests_a_second() -> None:
    rows = re.findall(r"^\| ([\d,]+) \| [\d,]+ \| ([\d,]+) \|", scaling.text(), re.M)
    assert [rate for rate, _ in rows] == [f"{rate:,}" for rate in scaling.RATES]
    assert rows[-1][0] == "100,000"
    whole = sum(row.cost(prices()) for row in scaling.rows(100_000))
    assert rows[-1][1] == f"{whole:,.0f}"
