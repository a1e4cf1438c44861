"""The levers on a stage's costs: the saving of each in USD a month, and the figure to watch.

Each is a function of the use and of the prices. Most save little at first, and state the use from
which they pay.
"""

from collections.abc import Mapping

from ops import break_even, commitments
from ops.lever import Facts, Lever, saving
from tools import estimate
from tools.estimate import MONTH_HOURS, Row
from tools.prices import Prices, free, plans
from tools.project import PYTHON

_BY_HAND = "docs/costs.md#changes-by-hand"
DAX_NODES = 3


def levers(facts: Facts) -> list[Lever]:
    """Return the levers, the largest saving first."""
    found = [
        flat_rate(facts),
        commitments.provisioned_capacity(facts),
        commitments.provisioned_concurrency(facts),
        commitments.savings_plans(facts),
        memory(facts),
        users(facts),
        http_api(facts),
        container(facts),
        accelerator(facts),
    ]
    return sorted(found, key=lambda each: -(each.saving or 0))


def flat_rate(facts: Facts) -> Lever:
    """Pay CloudFront, its firewall, zone and logs by a flat-rate plan."""
    millions, gb = facts.use.requests / 1e6, facts.use.response_bytes / 1e9
    units = {"cloudfront_million_requests": millions, "cloudfront_gb": gb}
    now = facts.edge + _after_allowance(units, facts.prices)
    for plan in plans():
        if millions <= plan.million_requests and gb <= plan.gb:
            return Lever(
                "CloudFront's flat-rate plan",
                saving(now - plan.usd),
                f"{millions:,.2f} M requests fit plan {plan.name} ({plan.usd:,.0f} USD); "
                f"CloudFront costs {now:.2f} USD",
                _BY_HAND,
            )
    return Lever("CloudFront's flat-rate plan", None, f"{millions:,.0f} M requests fit no plan")


def memory(facts: Facts) -> Lever:
    """Try other memory sizes."""
    cost = facts.prices.cost(f"lambda_gb_second_{facts.use.architecture}", facts.use.gb_seconds)
    return Lever(
        "memory of the function",
        None,
        f"the duration costs {cost:.2f} USD; a smaller size saves a part of it",
        f"{PYTHON} -m ops rightsize --stage {facts.stage} --dry-run",
    )


def users(facts: Facts) -> Lever:
    """Use Cognito's plan Lite, which has the classic login page only."""
    # Both plans have the same number of free users.
    count = max(facts.use.users - free("cognito_user"), 0)
    now, then = (facts.prices.cost(name, count) for name in ("cognito_user", "cognito_lite_user"))
    return Lever(
        "Cognito's plan Lite",
        saving(now - then),
        f"{facts.use.users:,.0f} users at most; the plan has no managed login",
        _BY_HAND,
    )


def http_api(facts: Facts) -> Lever:
    """Replace the REST API by an HTTP API."""
    millions = facts.use.requests / 1e6
    now = facts.prices.cost("api_gateway_million_requests", millions)
    then = facts.prices.cost("http_api_million_requests", millions)
    return Lever(
        "an HTTP API",
        saving(now - then),
        "has no firewall, and Chalice does not deploy it",
        _BY_HAND,
    )


def container(facts: Facts) -> Lever:
    """Serve from containers behind a load balancer, without gateway and Lambda."""
    millions = break_even.container_millions(facts.prices, facts.use.architecture)
    now = break_even.front(
        facts.prices, facts.use.requests, facts.use.gb_seconds, facts.use.architecture
    )
    then = break_even.containers(facts.prices, facts.use.requests)
    return Lever(
        "containers",
        saving(now - then),
        f"{then:.2f} USD, against {now:.2f} of gateway and Lambda; "
        f"pays from some {millions:,.0f} M requests a month on",
        "docs/serverful.md",
    )


def accelerator(facts: Facts) -> Lever:
    """Put DAX in front of the table."""
    cost = DAX_NODES * MONTH_HOURS * facts.prices.usd("dax_small_hour")
    return Lever(
        "DAX",
        None,
        f"would cache no read: it passes strongly consistent reads through, and GET is one; "
        f"{DAX_NODES} nodes cost {cost:.0f} USD",
    )


def _after_allowance(units: Mapping[str, float], prices: Prices) -> float:
    row = Row("", units)
    return row.cost(prices) - estimate.allowance([row], prices)
