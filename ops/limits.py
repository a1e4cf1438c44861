"""The model of the limits that break first as the rate of requests grows, and of a sudden step.

`ops capacity` fills it with the stage's quotas and its own mix. docs/scaling.md fills it with
AWS's defaults and the mix of docs/load.md. Sources of the defaults:
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (concurrency)
https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html (requests a second)
https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
https://docs.aws.amazon.com/waf/latest/developerguide/limits.html
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from tools.estimate import SECONDS, WRITES
from tools.project import PYTHON
from tools.templates import load

#: Lambda accepts this many requests a second for each concurrent execution that it allows.
RATE_PER_CONCURRENCY = 10
#: DynamoDB's limits of one partition, in units a second.
PARTITION_READS, PARTITION_WRITES = 3_000, 1_000
#: The time between two requests of an active person.
SECONDS_BETWEEN_REQUESTS = 10
#: Lambda adds this many requests a second to one function, every ten seconds.
_STEP, _STEP_SECONDS = 10_000, 10
_DOUBLING_MINUTES = 30
_ROUNDING = 1e-9
#: DynamoDB's quotas of a table or an index.
_CODES = {"reads": "L-CF0CBE56", "writes": "L-AB614373"}
_GROW = "docs/scaling.md#changes-at-each-order-of-magnitude"
#: The parts of `Quotas`, each read by a request of its own.
THROTTLES, LAMBDA, GATEWAY = "our throttles", "Lambda", "API Gateway"
TABLE, TABLE_QUOTA, TOKENS = "the table", "the quota of a table", "Cognito's tokens"
TOKENS_CODE = "L-F21F8BB4"


def increase(service: str, code: str, value: object) -> str:
    """Return the command that requests a higher quota."""
    return (
        f"aws service-quotas request-service-quota-increase --service-code {service} "
        f"--quota-code {code} --desired-value {value}"
    )


def increase_concurrency(value: object) -> str:
    """Return the command that requests more concurrent executions of Lambda."""
    return increase("lambda", "L-B99A9384", value)


#: The requests of docs/load.md, as shares of all.
ROUTES = {
    "GET /items/{id}": 0.60,
    "GET /items": 0.20,
    "PUT /items": 0.15,
    "DELETE /items/{id}": 0.05,
}
#: The parts of the table that consume units of their own.
UNITS = ("table_reads", "table_writes", "index_reads", "index_writes")


@dataclass(frozen=True)
class Mix:
    """An average request: its route's share, its time, and its units of the table and the index.

    By default, an item and a page of the list take one read unit each. A write takes one unit of
    the table and of the index.
    """

    routes: Mapping[str, float] = field(default_factory=lambda: ROUTES)
    seconds: float = SECONDS
    units: Mapping[str, float] = field(
        default_factory=lambda: {
            "table_reads": ROUTES["GET /items/{id}"],
            "table_writes": WRITES,
            "index_reads": ROUTES["GET /items"],
            "index_writes": WRITES,
        }
    )


@dataclass(frozen=True)
class Quotas:
    """The limits of a stage and of its account. The defaults are AWS's.

    `throttles` are requests a second by route, because each method of the gateway has a throttle.
    `warm` are the units a second that table and index serve at once. `most` are the units that
    each may ever have.
    """

    throttles: Mapping[str, float]
    concurrency: float = 1_000
    gateway: float = 10_000
    warm: Mapping[str, float] = field(
        default_factory=lambda: {id: 12_000 if id.endswith("reads") else 4_000 for id in UNITS}
    )
    most: Mapping[str, float] = field(default_factory=lambda: {"reads": 40_000, "writes": 40_000})
    tokens: float = 120
    firewall: float = 100_000


class Limit(NamedTuple):
    """A limit: the rate of requests a second at which it is reached, its value, the remedy.

    `quota` names the limit's part of `Quotas`, and is empty if AWS does not raise the limit. The
    remedy has a {} for the new value, which is `need` for each request a second.
    """

    rate: float
    name: str
    value: str
    do: str
    quota: str = ""
    need: float = 0.0

    def remedy(self, rate: float) -> str:
        """Return the remedy for a rate of requests a second."""
        return self.do.format(math.ceil(self.need * rate))


def parameter(route: str) -> str:
    """Return the api stack's parameter that throttles a route."""
    return "ReadsPerSecond" if route.startswith("GET ") else "WritesPerSecond"


@cache  # reading a template takes longer than all of the arithmetic
def defaults() -> Quotas:
    """Return AWS's quotas and the template's own throttles."""
    parameters = load("api.yaml")["Parameters"]
    return Quotas({route: parameters[parameter(route)]["Default"] for route in ROUTES})


def limits(quotas: Quotas, mix: Mix, stage: str = "STAGE") -> list[Limit]:
    """Return the limits in the order in which they are reached."""
    minutes, concurrency = token_minutes(), quotas.concurrency
    tokens = SECONDS_BETWEEN_REQUESTS / (minutes * 60)
    environments = max(1 / RATE_PER_CONCURRENCY, mix.seconds)
    by_concurrency = (increase_concurrency("{}"), LAMBDA, environments)
    found = [
        Limit(
            concurrency * RATE_PER_CONCURRENCY,
            "Lambda's requests",
            f"{RATE_PER_CONCURRENCY} x {concurrency:,.0f}/s",
            *by_concurrency,
        ),
        Limit(
            _rate(concurrency, mix.seconds),
            "Lambda's concurrency",
            f"{concurrency:,.0f} at a time",
            *by_concurrency,
        ),
        Limit(
            quotas.gateway,
            "API Gateway",
            f"{quotas.gateway:,.0f}/s in the account",
            *(increase("apigateway", "L-8A5B8E43", "{}"), GATEWAY, 1.0),
        ),
        Limit(
            _rate(quotas.tokens, tokens),
            "Cognito's tokens",
            f"{quotas.tokens:,.0f}/s, each renewed after {minutes} minutes",
            *(increase("cognito-idp", TOKENS_CODE, "{}"), TOKENS, tokens),
        ),
        Limit(quotas.firewall, "the firewall", f"{quotas.firewall:,.0f}/s for each web ACL", _GROW),
        Limit(
            _rate(PARTITION_WRITES, mix.units["index_writes"]),
            "one owner's partition of the index, if one owner sends all",
            f"{PARTITION_WRITES:,} writes/s, in both capacity modes",
            _GROW,
        ),
    ]
    # The methods that share a parameter need the largest of their shares.
    shares: dict[str, float] = {}
    for route in quotas.throttles:
        share = max(shares.get(parameter(route), 0), mix.routes.get(route, 0))
        shares[parameter(route)] = share
    for route, most in quotas.throttles.items():
        name, rate = parameter(route), _rate(most, mix.routes.get(route, 0))
        do = f"{PYTHON} -m infra api --stage {stage} --parameter {name}={{}}"
        throttle = f"our throttle of {route}"
        found.append(Limit(rate, throttle, f"{most:,.0f}/s", do, THROTTLES, shares[name]))
    for id, each in mix.units.items():
        part, _, kind = id.partition("_")
        warm, most = quotas.warm[id], quotas.most[kind]
        name, do = f"{kind} that the {part} is warm for", f"wait for its doubling, or: {_GROW}"
        found.append(Limit(_rate(warm, each), name, f"{warm:,.0f} units/s", do, TABLE))
        name, do = f"the quota of {kind} of the {part}", increase("dynamodb", _CODES[kind], "{}")
        value = f"{most:,.0f} units/s"
        found.append(Limit(_rate(most, each), name, value, do, TABLE_QUOTA, each))
    return sorted(found)


class Step(NamedTuple):
    """A sudden step of the rate: seconds until Lambda serves all, the requests refused until then,
    and the minutes until the table has doubled often enough.
    """

    seconds: int
    refused: float
    table_minutes: int


def step(rate: float, quotas: Quotas, mix: Mix) -> Step:
    """Return the effects of a step from no load to `rate`, if the quotas are high enough."""
    served, seconds, refused = float(_STEP), 0, 0.0
    while served < rate:
        refused += (rate - served) * _STEP_SECONDS
        served += _STEP
        seconds += _STEP_SECONDS
    need = max(1.0, *(rate * each / quotas.warm[id] for id, each in mix.units.items()))
    return Step(seconds, refused, math.ceil(math.log2(need) - _ROUNDING) * _DOUBLING_MINUTES)


@cache
def token_minutes() -> int:
    """Return the lifetime of an access token in minutes."""
    client = load("data.yaml")["Resources"]["CommandLineClient"]["Properties"]
    return int(client["AccessTokenValidity"])


def _rate(most: float, each: float) -> float:
    return most / each if each else math.inf
