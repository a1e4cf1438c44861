"""The levers on a stage's costs: the saving of each in USD a month, and the figure to watch.

Each is a function of the use and of the prices. Most save little at first, and state the use from
which they pay.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ops import break_even
from ops.limits import UNITS
from ops.simulation import Outcome, Scaling, simulate
from ops.usage import Series
from tools import estimate
from tools.estimate import MONTH_HOURS, MONTH_SECONDS, Row, Use
from tools.prices import Prices, free, plans
from tools.project import PYTHON

_BY_HAND = "docs/costs.md#changes-by-hand"
DAX_NODES = 3
#: A change pays if it saves this share, and if it throttles no more than this.
_ENOUGH, _THROTTLED = 0.2, 0.001
#: The discounts of one year without upfront payment, at least:
#: https://aws.amazon.com/savingsplans/compute-pricing/ and /database-pricing/
_COMPUTE_PLAN, _DATABASE_PLAN = 0.12, 0.12
_LEAST_COMMITMENT = 0.001  # USD an hour


class Lever(NamedTuple):
    """A change with its saving, which is `None` if it is unknown or the change does not pay."""

    name: str
    saving: float | None
    why: str
    do: str = ""


@dataclass(frozen=True)
class Facts:
    """The input of all levers. `minutes` has units a second of the last 14 days."""

    stage: str
    use: Use
    prices: Prices
    minutes: Mapping[str, Series]
    #: The duration of each hour's invocations, in GB-seconds.
    hourly_gb_seconds: Series
    #: The memory of one execution environment.
    memory_gb: float = 1.0
    #: The cost of the edge stack's firewall, 0 without a firewall.
    edge: float = 0.0
    on_demand: bool = True
    scaling: Mapping[str, Scaling] | None = None


def saving(usd: float) -> float | None:
    """Return the saving, `None` if it is not positive."""
    return usd if usd > 0 else None


def levers(facts: Facts) -> list[Lever]:
    """Return the levers, the largest saving first."""
    found = [
        flat_rate(facts),
        provisioned_capacity(facts),
        provisioned_concurrency(facts),
        savings_plans(facts),
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


def simulated(facts: Facts) -> dict[str, Outcome]:
    """Return the outcome of autoscaling for table and index."""
    scaling = facts.scaling or {}
    return {id: simulate(facts.minutes[id], scaling.get(id, Scaling())) for id in UNITS}


def provisioned_capacity(facts: Facts) -> Lever:
    """Provision the table's capacity, and its index's, instead of paying for each request."""
    name = "provisioned capacity" if facts.on_demand else "capacity on demand"
    seconds = len(facts.minutes["table_reads"]) * 60
    if not seconds:
        return Lever(name, None, "CloudWatch has no figures by the minute")
    month = MONTH_SECONDS / seconds
    outcomes = simulated(facts)
    provisioned = on_demand = 0.0
    for id, outcome in outcomes.items():
        kind = "read" if id.endswith("reads") else "write"
        hours = facts.prices.cost(f"dynamodb_{kind}_unit_hour", outcome.unit_hours)
        provisioned += hours * month
        requests = facts.prices.cost(f"dynamodb_million_{kind}s", outcome.used / 1e6)
        on_demand += requests * month
    throttled = max(outcome.throttled_share for outcome in outcomes.values())
    why = (
        f"simulated over {seconds / 86400:.0f} days: {provisioned:.2f} USD provisioned, "
        f"{on_demand:.2f} on demand, {throttled:.2%} throttled"
    )
    pays = provisioned <= (1 - _ENOUGH) * on_demand and throttled <= _THROTTLED
    mode = "PROVISIONED" if pays else "PAY_PER_REQUEST"
    do = f"{PYTHON} -m infra data --stage {facts.stage} --parameter BillingMode={mode}"
    if pays and facts.on_demand:
        return Lever(name, on_demand - provisioned, why, do)
    if not pays and not facts.on_demand and on_demand < provisioned:
        return Lever(name, provisioned - on_demand, why, do)
    share = break_even.capacity(facts.prices)
    return Lever(name, None, f"{why}; a unit pays from {share:.1%} use on")


def provisioned_concurrency(facts: Facts) -> Lever:
    """Keep execution environments waiting, which have a lower price while they are in use."""
    name = "provisioned concurrency"
    share = break_even.concurrency(facts.prices, facts.use.architecture)
    always = int(_tenth(facts.hourly_gb_seconds) / 3600 / facts.memory_gb)
    if not always:
        why = f"an environment pays from {share:.0%} use on, and no hour fills one"
        return Lever(name, None, f"{why}; it is for latency")
    second = facts.prices.usd(f"lambda_gb_second_{facts.use.architecture}") - sum(
        facts.prices.usd(f"lambda_provisioned_{each}gb_second_{facts.use.architecture}")
        for each in ("", "duration_")
    )
    return Lever(
        name,
        saving(always * facts.memory_gb * MONTH_SECONDS * second),
        f"{always:,} environments are in use in nine hours of ten; one pays from {share:.0%} on",
        f'write "provisioned_concurrency": {always} into .chalice/config.json '
        "(docs/settings.md#the-function)",
    )


def savings_plans(facts: Facts) -> Lever:
    """Commit to a spend an hour, for Lambda's duration and for DynamoDB's requests."""
    price = facts.prices.usd(f"lambda_gb_second_{facts.use.architecture}")
    compute = _tenth(facts.hourly_gb_seconds) * price * (1 - _COMPUTE_PLAN)
    units = [0.0] * (len(facts.minutes["table_reads"]) // 60)
    for id in UNITS:
        kind = "reads" if id.endswith("reads") else "writes"
        million = facts.prices.usd(f"dynamodb_million_{kind}") / 1e6
        for hour in range(len(units)):
            units[hour] += sum(facts.minutes[id][hour * 60 : hour * 60 + 60]) * 60 * million
    database = _tenth(units) * (1 - _DATABASE_PLAN) * facts.on_demand
    commitment = compute + database
    why = f"nine hours of ten spend {commitment:.4f} USD that a plan would cover"
    if commitment < _LEAST_COMMITMENT:
        return Lever(
            "Savings Plans", None, f"{why}; the least commitment is {_LEAST_COMMITMENT} USD"
        )
    saved = compute / (1 - _COMPUTE_PLAN) * _COMPUTE_PLAN
    saved += database / (1 - _DATABASE_PLAN) * _DATABASE_PLAN
    return Lever(
        "Savings Plans",
        saved * MONTH_HOURS,
        why,
        "aws ce get-savings-plans-purchase-recommendation --savings-plans-type COMPUTE_SP "
        "--term-in-years ONE_YEAR --payment-option NO_UPFRONT "
        "--lookback-period-in-days THIRTY_DAYS",
    )


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


def _tenth(values: Sequence[float]) -> float:
    """Return the tenth percentile: nine values of ten are at least as large."""
    return sorted(values)[len(values) // 10] if values else 0.0
