"""The levers on a stage's costs: the saving of each in USD a month, and the figure to watch.

Each is a function of the use and of the prices. Most save little at first, and state the use from
which they pay.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ops import break_even
from ops.limits import UNITS
from ops.simulation import Scaling, simulate
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
_RECOMMENDATION = (
    "aws ce get-savings-plans-purchase-recommendation --savings-plans-type COMPUTE_SP "
    "--term-in-years ONE_YEAR --payment-option NO_UPFRONT --lookback-period-in-days THIRTY_DAYS"
)


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
    scaling: Mapping[str, Scaling] = field(default_factory=dict)


def levers(facts: Facts) -> list[Lever]:
    """Return the levers, the largest saving first."""
    return sorted((lever(facts) for lever in LEVERS), key=lambda each: -(each.saving or 0))


def flat_rate(facts: Facts) -> Lever:
    """Pay CloudFront, its firewall, zone and logs by a flat-rate plan."""
    name, millions = "CloudFront's flat-rate plan", facts.use.requests / 1e6
    gb = facts.use.response_bytes / 1e9
    row = Row("", {"cloudfront_million_requests": millions, "cloudfront_gb": gb})
    now = facts.edge + row.cost(facts.prices) - estimate.allowance([row], facts.prices)
    for plan in plans():
        if millions <= plan.million_requests and gb <= plan.gb:
            why = f"{millions:,.2f} M requests fit plan {plan.name} ({plan.usd:,.0f} USD)"
            why += f"; CloudFront costs {now:.2f} USD"
            return Lever(name, _saving(now - plan.usd), why, _BY_HAND)
    return Lever(name, None, f"{millions:,.0f} M requests fit no plan")


def provisioned_capacity(facts: Facts) -> Lever:
    """Provision the table's capacity, and its index's, instead of paying for each request."""
    name = "provisioned capacity" if facts.on_demand else "capacity on demand"
    seconds = len(facts.minutes["table_reads"]) * 60
    if not seconds:
        return Lever(name, None, "CloudWatch has no figures by the minute")
    month, cost = MONTH_SECONDS / seconds, facts.prices.cost
    provisioned = on_demand = throttled = 0.0
    for id in UNITS:
        kind = "read" if id.endswith("reads") else "write"
        outcome = simulate(facts.minutes[id], facts.scaling.get(id, Scaling()))
        provisioned += month * cost(f"dynamodb_{kind}_unit_hour", outcome.unit_hours)
        on_demand += month * cost(f"dynamodb_million_{kind}s", outcome.used / 1e6)
        throttled = max(throttled, outcome.throttled_share)
    why = (
        f"simulated over {seconds / 86400:.0f} days: {provisioned:.2f} USD provisioned, "
        f"{on_demand:.2f} on demand, {throttled:.2%} throttled"
    )
    pays = provisioned <= (1 - _ENOUGH) * on_demand and throttled <= _THROTTLED
    do = f"{PYTHON} -m infra data --stage {facts.stage} --parameter BillingMode="
    if pays and facts.on_demand:
        return Lever(name, on_demand - provisioned, why, do + "PROVISIONED")
    if not pays and not facts.on_demand and on_demand < provisioned:
        return Lever(name, provisioned - on_demand, why, do + "PAY_PER_REQUEST")
    share = break_even.capacity(facts.prices)
    return Lever(name, None, f"{why}; a unit pays from {share:.1%} use on")


def provisioned_concurrency(facts: Facts) -> Lever:
    """Keep execution environments waiting, which have a lower price while they are in use."""
    name, price = "provisioned concurrency", facts.prices.usd
    architecture = facts.use.architecture
    share = break_even.concurrency(facts.prices, architecture)
    always = int(_tenth(facts.hourly_gb_seconds) / 3600 / facts.memory_gb)
    if not always:
        why = f"an environment pays from {share:.0%} use on, and no hour fills one"
        return Lever(name, None, f"{why}; it is for latency")
    second = price(f"lambda_gb_second_{architecture}")
    second -= price(f"lambda_provisioned_gb_second_{architecture}")
    second -= price(f"lambda_provisioned_duration_gb_second_{architecture}")
    return Lever(
        name,
        _saving(always * facts.memory_gb * MONTH_SECONDS * second),
        f"{always:,} environments are in use in nine hours of ten; one pays from {share:.0%} on",
        f'write "provisioned_concurrency": {always} into .chalice/config.json '
        "(docs/settings.md#the-function)",
    )


def savings_plans(facts: Facts) -> Lever:
    """Commit to a spend an hour, for Lambda's duration and for DynamoDB's requests."""
    name, price = "Savings Plans", facts.prices.usd
    compute = _tenth(facts.hourly_gb_seconds) * price(f"lambda_gb_second_{facts.use.architecture}")
    units = [0.0] * (len(facts.minutes["table_reads"]) // 60)
    for id in UNITS:
        million = price(f"dynamodb_million_{'reads' if id.endswith('reads') else 'writes'}")
        for hour in range(len(units)):
            used = sum(facts.minutes[id][hour * 60 : hour * 60 + 60]) * 60
            units[hour] += used / 1e6 * million
    database = _tenth(units) * facts.on_demand
    commitment = compute * (1 - _COMPUTE_PLAN) + database * (1 - _DATABASE_PLAN)
    why = f"nine hours of ten spend {commitment:.4f} USD that a plan would cover"
    if commitment < _LEAST_COMMITMENT:
        return Lever(name, None, f"{why}; the least commitment is {_LEAST_COMMITMENT} USD")
    saved = (compute * _COMPUTE_PLAN + database * _DATABASE_PLAN) * MONTH_HOURS
    return Lever(name, saved, why, _RECOMMENDATION)


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
    why = f"{facts.use.users:,.0f} users at most; the plan has no managed login"
    return Lever("Cognito's plan Lite", _saving(now - then), why, _BY_HAND)


def http_api(facts: Facts) -> Lever:
    """Replace the REST API by an HTTP API."""
    millions, cost = facts.use.requests / 1e6, facts.prices.cost
    now = cost("api_gateway_million_requests", millions)
    saved = _saving(now - cost("http_api_million_requests", millions))
    return Lever("an HTTP API", saved, "has no firewall, and Chalice does not deploy it", _BY_HAND)


def container(facts: Facts) -> Lever:
    """Serve from containers behind a load balancer, without gateway and Lambda."""
    prices, use = facts.prices, facts.use
    millions = break_even.container_millions(prices, use.architecture)
    now = break_even.front(prices, use.requests, use.gb_seconds, use.architecture)
    then = break_even.containers(prices, use.requests)
    why = (
        f"{then:.2f} USD, against {now:.2f} of gateway and Lambda; "
        f"pays from some {millions:,.0f} M requests a month on"
    )
    return Lever("containers", _saving(now - then), why, "docs/serverful.md")


def accelerator(facts: Facts) -> Lever:
    """Put DAX in front of the table."""
    cost = DAX_NODES * MONTH_HOURS * facts.prices.usd("dax_small_hour")
    why = "it does not cache strongly consistent reads, such as GET"
    return Lever("DAX", None, f"{why}; {DAX_NODES} nodes cost {cost:.0f} USD")


LEVERS = (
    *(flat_rate, provisioned_capacity, provisioned_concurrency, savings_plans, memory),
    *(users, http_api, container, accelerator),
)


def _saving(usd: float) -> float | None:
    """Return the saving, `None` if it is not positive."""
    return usd if usd > 0 else None


def _tenth(values: Sequence[float]) -> float:
    """Return the tenth percentile: nine values of ten are at least as large."""
    return sorted(values)[len(values) // 10] if values else 0.0
