"""The levers on a stage's costs: the saving of each in USD a month, and the figure to watch.

Each is a function of the use and of the prices. Most save little at first, and state from what use
on they pay.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ops.simulation import Outcome, Scaling, simulate
from ops.usage import UNITS, Series
from tools import estimate
from tools.estimate import MONTH_HOURS, MONTH_SECONDS, Row, Use
from tools.prices import Prices, plans
from tools.project import PYTHON

#: A change pays if it saves this share, and if it throttles no more than this.
_ENOUGH, _THROTTLED = 0.2, 0.001
_SAMPLED = 0.01
#: The discounts of one year without upfront payment, at least:
#: https://aws.amazon.com/savingsplans/compute-pricing/ and /database-pricing/
_COMPUTE_PLAN, _DATABASE_PLAN = 0.12, 0.12
_LEAST_COMMITMENT = 0.001  # USD an hour
#: Two tasks at least, each of a quarter of a vCPU, 0.5 GB and an address, half of it in use. A
#: request takes twice the CPU time that docs/load.md measures. The load balancer has two addresses.
_TASKS, _VCPU, _TASK_GB, _ADDRESSES = 2, 0.25, 0.5, 2
_IN_USE, _CPU_SECONDS = 0.5, 0.005
#: A load balancer's unit: 25 new connections a second (a fifth of the requests), or 1 GB an hour.
_NEW_CONNECTIONS, _PER_UNIT, _BYTES = 0.2, 25, 2_500
DAX_NODES = 3


class Lever(NamedTuple):
    """A change, with what it saves; None where it does not pay or cannot be known."""

    name: str
    saving: float | None
    why: str
    do: str = ""


@dataclass(frozen=True)
class Facts:
    """What the levers are calculated from. `minutes` has units a second of the last 14 days."""

    stage: str
    use: Use
    prices: Prices
    minutes: Mapping[str, Series]
    #: The duration of each hour's invocations, in GB-seconds.
    hourly_gb_seconds: Series
    #: The cost of the edge stack's firewall and zone, 0 without them.
    edge: float = 0.0
    on_demand: bool = True
    scaling: Mapping[str, Scaling] | None = None


def levers(facts: Facts) -> list[Lever]:
    """Return the levers, the largest saving first."""
    found = [
        sampling(facts),
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


def sampling(facts: Facts) -> Lever:
    """Trace one request of a hundred, without the first of each second."""
    now = facts.prices.cost("million_traces", facts.use.traces / 1e6)
    then = facts.prices.cost("million_traces", facts.use.requests * _SAMPLED / 1e6)
    rule = (
        f'{{"RuleName":"{facts.stage}","Priority":1,"ReservoirSize":0,"FixedRate":{_SAMPLED},'
        '"ServiceName":"*","ServiceType":"*","Host":"*","HTTPMethod":"*","URLPath":"*",'
        '"ResourceARN":"*","Version":1}'
    )
    return Lever(
        "traces of 1 request in 100",
        _saving(now - then),
        f"X-Ray takes {facts.use.traces / max(facts.use.requests, 1):.0%} of the requests, "
        "because the first of each second is always one of them",
        f"aws xray create-sampling-rule --sampling-rule '{rule}'",
    )


def flat_rate(facts: Facts) -> Lever:
    """Pay CloudFront, its firewall, zone and logs by a flat-rate plan."""
    millions, gb = facts.use.requests / 1e6, facts.use.response_bytes / 1e9
    now = facts.edge + facts.prices.cost("cloudfront_million_requests", millions)
    now += facts.prices.cost("cloudfront_gb", gb)
    for plan in plans():
        if millions <= plan.million_requests and gb <= plan.gb:
            return Lever(
                "CloudFront's flat-rate plan",
                _saving(now - plan.usd),
                f"{millions:,.2f} M requests fit plan {plan.name} ({plan.usd:,.0f} USD); "
                f"CloudFront costs {now:.2f} USD",
                "CloudFront console, the distribution, Manage plan",
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
        return Lever(name, None, "no figures by the minute yet")
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
    share = break_even_capacity(facts.prices)
    return Lever(name, None, f"{why}; a unit pays from {share:.1%} use on")


def break_even_capacity(prices: Prices) -> float:
    """Return the share of a provisioned write unit from which it costs less than on demand."""
    hour = prices.usd("dynamodb_million_writes") / 1e6 * 3600
    return prices.usd("dynamodb_write_unit_hour") / hour


def provisioned_concurrency(facts: Facts) -> Lever:
    """Keep execution environments waiting, which have a lower price while they are in use."""
    share = break_even_concurrency(facts.prices, facts.use.architecture)
    return Lever(
        "provisioned concurrency",
        None,
        f"costs less from {share:.0%} use on, and then saves little; it is for latency",
    )


def break_even_concurrency(prices: Prices, architecture: str) -> float:
    """Return the use from which a waiting environment costs less than one on demand."""
    waiting = prices.usd(f"lambda_provisioned_gb_second_{architecture}")
    running = prices.usd(f"lambda_provisioned_duration_gb_second_{architecture}")
    return waiting / (prices.usd(f"lambda_gb_second_{architecture}") - running)


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
    essentials = Row("", {"cognito_user": facts.use.users})
    lite = Row("", {"cognito_lite_user": facts.use.users})
    now, then = (_after_allowance(each, facts.prices) for each in (essentials, lite))
    return Lever(
        "Cognito's plan Lite",
        _saving(now - then),
        f"{facts.use.users:,.0f} users at most; the plan has no managed login",
    )


def http_api(facts: Facts) -> Lever:
    """Put an HTTP API in the place of the REST API."""
    millions = facts.use.requests / 1e6
    now = facts.prices.cost("api_gateway_million_requests", millions)
    then = facts.prices.cost("http_api_million_requests", millions)
    return Lever(
        "an HTTP API",
        _saving(now - then),
        "has no firewall, throttles by route only, and Chalice does not deploy it",
    )


def container(facts: Facts) -> Lever:
    """Serve from containers behind a load balancer, without gateway and Lambda."""
    millions = break_even_container(facts.prices, facts.use.architecture)
    now = _front(facts.prices, facts.use.requests, facts.use.gb_seconds, facts.use.architecture)
    then = containers(facts.prices, facts.use.requests)
    return Lever(
        "containers",
        _saving(now - then),
        f"{then:.2f} USD, against {now:.2f} of gateway and Lambda; "
        f"pays from some {millions:,.0f} M requests a month on",
    )


def containers(prices: Prices, requests: float) -> float:
    """Return the price of small containers, addresses and a load balancer in a month."""
    a_second = requests / MONTH_SECONDS
    tasks = max(_TASKS, math.ceil(a_second * _CPU_SECONDS / (_VCPU * _IN_USE)))
    task = _VCPU * prices.usd("fargate_vcpu_hour") + _TASK_GB * prices.usd("fargate_gb_hour")
    addresses = (tasks + _ADDRESSES) * prices.usd("ipv4_hour")
    hour = tasks * task + addresses + prices.usd("load_balancer_hour")
    units = max(a_second * _NEW_CONNECTIONS / _PER_UNIT, a_second * 3600 * _BYTES / 1e9)
    return MONTH_HOURS * (hour + units * prices.usd("load_balancer_unit_hour"))


def break_even_container(prices: Prices, architecture: str = "arm64") -> float:
    """Return the million requests a month from which containers cost less; infinite for none."""
    for million in range(1, 10_000):
        requests = million * 1e6
        seconds = requests * estimate.SECONDS * estimate.MEMORY_GB
        if _front(prices, requests, seconds, architecture) >= containers(prices, requests):
            return float(million)
    return math.inf


def accelerator(facts: Facts) -> Lever:
    """Put DAX in front of the table."""
    cost = DAX_NODES * MONTH_HOURS * facts.prices.usd("dax_small_hour")
    return Lever(
        "DAX",
        None,
        f"would cache nothing: it passes strongly consistent reads through, and GET is one; "
        f"{DAX_NODES} nodes cost {cost:.0f} USD",
    )


def _front(prices: Prices, requests: float, gb_seconds: float, architecture: str) -> float:
    return (
        prices.cost("api_gateway_million_requests", requests / 1e6)
        + prices.cost("lambda_million_requests", requests / 1e6)
        + prices.cost(f"lambda_gb_second_{architecture}", gb_seconds)
    )


def _after_allowance(row: Row, prices: Prices) -> float:
    return row.cost(prices) - estimate.allowance([row], prices)


def _saving(usd: float) -> float | None:
    return usd if usd > 0 else None


def _tenth(values: Sequence[float]) -> float:
    """Return the tenth percentile: nine values of ten are at least as large."""
    return sorted(values)[len(values) // 10] if values else 0.0
