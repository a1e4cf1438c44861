"""The levers that pay ahead of use: provisioned capacity and concurrency, and Savings Plans."""

from collections.abc import Sequence

from ops import break_even
from ops.lever import Facts, Lever, saving
from ops.limits import UNITS
from ops.simulation import Outcome, Scaling, simulate
from tools.estimate import MONTH_HOURS, MONTH_SECONDS
from tools.project import PYTHON

#: A change pays if it saves this share, and if it throttles no more than this.
_ENOUGH, _THROTTLED = 0.2, 0.001
#: The discounts of one year without upfront payment, at least:
#: https://aws.amazon.com/savingsplans/compute-pricing/ and /database-pricing/
_COMPUTE_PLAN, _DATABASE_PLAN = 0.12, 0.12
_LEAST_COMMITMENT = 0.001  # USD an hour


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


def _tenth(values: Sequence[float]) -> float:
    """Return the tenth percentile: nine values of ten are at least as large."""
    return sorted(values)[len(values) // 10] if values else 0.0
