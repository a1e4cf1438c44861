"""The table of costs in README.md, of one person and of a thousand."""

import re

from tools import estimate
from tools.estimate import REQUESTS_PER_USER, Row
from tools.prices import HOME, prices
from tools.project import PROJECT

FILE = PROJECT / "README.md"
_BEGIN, _END = "<!-- costs: `infra documents` writes them -->\n", "<!-- end of costs -->"

_SIZES = (1, 1000)


def usage(users: int) -> list[Row]:
    """Return the rows that follow from use."""
    # A metric costs for the hours in which it has values.
    hours = min(1.0, 20 / 720 * users)
    return estimate.typical(REQUESTS_PER_USER * users, hours).rows()


def protection(users: int) -> list[Row]:
    """Return the rows that a release adds by its defaults."""
    return estimate.protection(REQUESTS_PER_USER * users, estimate.USER_GB * users)


def optional(users: int) -> list[Row]:
    """Return the rows that are off by default."""
    requests = REQUESTS_PER_USER * users
    waiting = estimate.MONTH_SECONDS * estimate.MEMORY_GB
    return [
        estimate.firewall("CloudFront's firewall (`edge`)", "edge", requests),
        Row("a customer managed key (`CustomerManagedKey`)", {"kms_key": 1}),
        Row("a hosted zone in Route 53", {"hosted_zone": 1}),
        Row(
            "one provisioned execution environment (`provisioned_concurrency`)",
            {"lambda_provisioned_gb_second_arm64": waiting},
        ),
    ]


def text() -> str:
    """Return README.md with the table as it should be."""
    price = prices()
    lines = ["| | 1 user | 1,000 users |", "|---|--:|--:|"]
    lines.append(
        f"| requests | {REQUESTS_PER_USER:,} | {REQUESTS_PER_USER * 1000 // 10**6} million |"
    )
    use, more, off = ([each(n) for n in _SIZES] for each in (usage, protection, optional))
    released = [[*a, *b] for a, b in zip(use, more, strict=True)]
    free = [estimate.allowance(rows, price) for rows in released]
    sums = [estimate.total(rows, price) for rows in released]
    lines += _lines(use)
    lines.append(_line("**usage costs**", [estimate.total(r, price) for r in use]))
    lines += _lines(more)
    lines.append(_line("free for good, once per account", [-each for each in free]))
    totals = [cost - each for cost, each in zip(sums, free, strict=True)]
    lines.append(_line("**a stage as released**", totals))
    lines += _lines(off)
    table = "\n".join(lines)
    note = f"List prices of {price.as_of} in {HOME} (`tools/prices.json`).\n\n"
    pattern = re.escape(_BEGIN) + ".*?" + re.escape(_END)
    return re.sub(pattern, lambda _: f"{_BEGIN}{note}{table}\n{_END}", FILE.read_text(), flags=re.S)


def _lines(columns: list[list[Row]]) -> list[str]:
    price = prices()
    return [
        _line(rows[0].text, [row.cost(price) for row in rows])
        for rows in zip(*columns, strict=True)
    ]


def _line(text: str, costs: list[float]) -> str:
    cells = " | ".join(f"{each + 0:.2f}".replace("-0.00", "0.00") for each in costs)
    return f"| {text} | {cells} |"
