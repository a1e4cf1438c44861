"""Write the scaling model into docs/scaling.md, and draw it.

It calculates and does not measure, so it needs no AWS.
"""

import argparse
import re
import sys
from collections.abc import Iterator

from bench.function.report import row, rule
from bench.load.chart import Panel, svg
from ops import break_even, levers, limits
from ops.limits import Mix
from tools import estimate
from tools.command import run_command
from tools.estimate import MONTH_HOURS, MONTH_SECONDS, Row
from tools.prices import HOME, Prices, prices
from tools.project import PROJECT, PYTHON

FILE = PROJECT / "docs" / "scaling.md"
PICTURE = FILE.with_suffix(".svg")
_BEGIN, _END = "<!-- model: `bench.scaling` writes it -->\n", "<!-- end of model -->"

RATES = (1, 10, 100, 1_000, 10_000, 100_000)
_STEPS = (10_000, 50_000, 100_000)
_LARGEST = 3
#: The curves, by the prefixes of the rows' names. Other rows are "the rest".
_CURVES = {"gateway": "API Gateway", "Cognito": "Cognito", "CloudFront": "CloudFront"}


def rows(rate: float) -> list[Row]:
    """Return the costs of a month at a steady rate of requests a second."""
    requests = rate * MONTH_SECONDS
    use = estimate.typical(requests)
    return [*use.rows(), *estimate.protection(requests, use.stored_gb)]


def text() -> str:
    """Return docs/scaling.md with the model as it should be."""
    price = prices()
    parts = ["\n".join(part) for part in (_costs(price), _limits(), _steps(), _break_even(price))]
    block = _BEGIN + "\n\n".join(parts) + "\n" + _END
    pattern = re.escape(_BEGIN) + ".*?" + re.escape(_END)
    return re.sub(pattern, lambda _: block, FILE.read_text(), flags=re.S)


def picture() -> str:
    """Return the SVG: the costs of a month, and of a million requests."""
    price = prices()
    curves: dict[str, list[tuple[float, float]]] = {"all": []}
    million: list[tuple[float, float]] = []
    for rate in RATES:
        costs = {each.text: each.cost(price) for each in rows(rate)}
        whole = sum(costs.values())
        curves["all"].append((rate, whole))
        million.append((rate, whole / (rate * MONTH_SECONDS / 1e6)))
        for name, start in _CURVES.items():
            cost = sum(usd for text, usd in costs.items() if text.startswith(start))
            curves.setdefault(name, []).append((rate, cost))
    across = "requests a second, all month"
    return svg(
        "The costs of the stage as it grows",
        [
            Panel("USD a month", across, curves, log=True, log_across=True),
            Panel("USD per million requests", across, {"all": million}, log_across=True),
        ],
    )


def run() -> None:
    """Write the document and the picture."""
    for file, content in ((FILE, text()), (PICTURE, picture())):
        file.write_text(content)
        print(f"wrote {file.relative_to(PROJECT)}")


def main() -> int:
    """Return the exit status."""
    prog = f"{PYTHON} -m bench.scaling"
    argparse.ArgumentParser(prog=prog, description=__doc__).parse_args()
    return run_command(run)


def _costs(price: Prices) -> Iterator[str]:
    yield f"List prices of {price.as_of} in {HOME}, without allowances. USD a month:\n"
    yield row(["requests/s", "people", "a month", "a million requests", "largest parts"])
    yield rule(4)
    for rate in RATES:
        parts = sorted(rows(rate), key=lambda each: -each.cost(price))
        whole = estimate.total(parts, price)
        millions = rate * MONTH_SECONDS / 1e6
        largest = [f"{each.name} {each.cost(price):,.0f}" for each in parts[:_LARGEST]]
        people = millions * 1e6 / estimate.REQUESTS_PER_USER
        cells = [f"{rate:,}", f"{people:,.0f}", f"{whole:,.0f}", f"{whole / millions:.2f}"]
        yield row([*cells, ", ".join(largest)])


def _limits() -> Iterator[str]:
    yield "The limits, with AWS's default quotas and the templates' throttles:\n"
    yield row(["requests/s", "limit", "its value"])
    yield rule(2)
    for limit in limits.limits(limits.defaults(), Mix()):
        yield row([f"{limit.rate:,.0f}", limit.name, limit.value])


def _steps() -> Iterator[str]:
    yield "A sudden step from no load, with quotas that allow it:\n"
    yield row(["to requests/s", "Lambda serves all after", "refused", "the table doubles for"])
    yield rule(3)
    for rate in _STEPS:
        step = limits.step(rate, limits.defaults(), Mix())
        cells = [f"{rate:,}", f"{step.seconds} s", f"{step.refused:,.0f}"]
        yield row([*cells, f"{step.table_minutes} min"])


def _break_even(price: Prices) -> Iterator[str]:
    yield "The use from which a change pays:\n"
    million = break_even.container_millions(price)
    yield (
        f"- Containers in place of gateway and Lambda: from {million:,.0f} M requests a month on, "
        f"{million * 1e6 / MONTH_SECONDS:.1f}/s. Two small ones, their addresses and a load "
        f"balancer cost {break_even.containers(price, 0):.2f} USD, "
        f"{break_even.containers(price, 1e9):,.2f} USD with 1,000 M requests."
    )
    yield (
        "- Provisioned capacity of the table: a write unit pays from "
        f"{100 * break_even.capacity(price):.1f} % use on."
    )
    arm, x86 = (100 * break_even.concurrency(price, each) for each in ("arm64", "x86_64"))
    yield f"- Provisioned concurrency: pays from {arm:.1f} % use on (x86_64: {x86:.1f} %)."
    people = [Row("", {name: 1e6}).cost(price) for name in ("cognito_user", "cognito_lite_user")]
    yield (
        f"- Cognito's plan Lite: {people[1]:,.0f} USD for a million people, "
        f"against {people[0]:,.0f} USD of Essentials."
    )
    tokens = RATES[-1] * limits.SECONDS_BETWEEN_REQUESTS / (limits.token_minutes() * 60)
    more = tokens - limits.defaults().tokens
    yield (
        f"- Tokens at {RATES[-1]:,} requests/s: {tokens:,.0f} a second, for "
        f"{more * price.usd('cognito_request_per_second'):,.0f} USD a month beyond the quota."
    )
    nodes = levers.DAX_NODES * MONTH_HOURS * price.usd("dax_small_hour")
    yield (
        f"- DAX: never. Three small nodes cost {nodes:.2f} USD, as much as "
        f"{nodes / price.usd('dynamodb_million_reads'):,.0f} M reads, and would cache none: "
        "a GET is a strongly consistent read."
    )
    yield (
        f"- `{PYTHON} -m ops cost` itself: {price.usd('cost_explorer_request'):.2f} USD for each "
        f"request to Cost Explorer, {price.usd('thousand_metrics_read'):.2f} USD for 1,000 metrics."
    )


if __name__ == "__main__":
    sys.exit(main())
