"""The model of what breaks first as the rate of requests grows, and what a sudden step costs.

`ops capacity` fills it with the stage's quotas and its own mix; docs/scaling.md with AWS's
defaults and the mix of README's person. Sources of the defaults:
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (concurrency)
https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html (requests a second)
https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
https://docs.aws.amazon.com/waf/latest/developerguide/limits.html
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

from tools.estimate import SECONDS, WRITES
from tools.project import PYTHON
from tools.templates import load

#: Lambda accepts this many requests a second for each execution that it allows at a time.
RATE_PER_CONCURRENCY = 10
#: DynamoDB's limits of one partition, in units a second.
PARTITION_READS, PARTITION_WRITES = 3_000, 1_000
#: An active person's requests.
SECONDS_BETWEEN_REQUESTS = 10
#: Lambda adds so many requests a second to one function, each ten seconds.
_STEP, _STEP_SECONDS = 10_000, 10
_DOUBLING_MINUTES = 30
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Mix:
    """What a request needs on average: the share of writes, time, units of table and index."""

    writes: float = WRITES
    seconds: float = SECONDS
    #: Read and write units for each request: of the table, and of its index.
    table_reads: float = (1 - WRITES) * 0.75
    table_writes: float = WRITES
    index_reads: float = (1 - WRITES) * 0.25
    index_writes: float = WRITES


@dataclass(frozen=True)
class Quotas:
    """The limits of a stage and its account. The defaults are those of AWS and of the templates."""

    reads: float
    writes: float
    concurrency: float = 1_000
    gateway: float = 10_000
    warm_reads: float = 12_000
    warm_writes: float = 4_000
    index_warm_reads: float = 12_000
    index_warm_writes: float = 4_000
    table_reads: float = 40_000
    table_writes: float = 40_000
    tokens: float = 120
    firewall: float = 100_000


class Limit(NamedTuple):
    """A limit: the rate of requests a second at which it is reached, its value, the remedy."""

    rate: float
    name: str
    value: str
    do: str


def defaults() -> Quotas:
    """Return AWS's quotas and the template's own throttles."""
    parameters = load("api.yaml")["Parameters"]
    return Quotas(parameters["ReadsPerSecond"]["Default"], parameters["WritesPerSecond"]["Default"])


def limits(quotas: Quotas, mix: Mix, stage: str = "STAGE") -> list[Limit]:
    """Return the limits in the order in which they are reached."""
    api = f"{PYTHON} -m infra api --stage {stage} --parameter"
    quota = "aws service-quotas request-service-quota-increase --service-code"
    warm = "set the table's warm throughput before the day (aws dynamodb update-table)"
    renewal = load("data.yaml")["Resources"]["CommandLineClient"]["Properties"]
    token_seconds = renewal["AccessTokenValidity"] * 60
    found = [
        Limit(
            _reached(quotas.reads, 1 - mix.writes),
            "our throttle of reads",
            f"{quotas.reads:,.0f} reads/s",
            f"{api} ReadsPerSecond=N",
        ),
        Limit(
            _reached(quotas.writes, mix.writes),
            "our throttle of writes",
            f"{quotas.writes:,.0f} writes/s",
            f"{api} WritesPerSecond=N",
        ),
        Limit(
            quotas.concurrency * RATE_PER_CONCURRENCY,
            "Lambda's requests",
            f"{RATE_PER_CONCURRENCY} x {quotas.concurrency:,.0f}/s",
            f"{quota} lambda --quota-code L-B99A9384 --desired-value N",
        ),
        Limit(
            _reached(quotas.concurrency, mix.seconds),
            "Lambda's concurrency",
            f"{quotas.concurrency:,.0f} at a time",
            f"{quota} lambda --quota-code L-B99A9384 --desired-value N",
        ),
        Limit(
            quotas.gateway,
            "API Gateway",
            f"{quotas.gateway:,.0f}/s in the account",
            f"{quota} apigateway --quota-code L-8A5B8E43 --desired-value N",
        ),
        Limit(
            quotas.tokens * token_seconds / SECONDS_BETWEEN_REQUESTS,
            "Cognito's tokens",
            f"{quotas.tokens:,.0f}/s, each renewed after {token_seconds // 60} minutes",
            f"{quota} cognito-idp --quota-code L-F21F8BB4 --desired-value N",
        ),
        Limit(
            quotas.firewall,
            "the firewall",
            f"{quotas.firewall:,.0f}/s for each web ACL",
            "ask AWS Support",
        ),
        Limit(
            _reached(PARTITION_WRITES, mix.index_writes),
            "one owner's partition of the index, if one sends all",
            f"{PARTITION_WRITES:,} writes/s, whatever is paid",
            "spread the owner over several partition keys",
        ),
    ]
    for part, reads, writes, most_reads, most_writes in (
        ("table", mix.table_reads, mix.table_writes, quotas.warm_reads, quotas.warm_writes),
        (
            "index",
            mix.index_reads,
            mix.index_writes,
            quotas.index_warm_reads,
            quotas.index_warm_writes,
        ),
    ):
        found.append(
            Limit(
                _reached(most_reads, reads),
                f"reads that the {part} is warm for",
                f"{most_reads:,.0f} units/s",
                warm,
            )
        )
        found.append(
            Limit(
                _reached(most_writes, writes),
                f"writes that the {part} is warm for",
                f"{most_writes:,.0f} units/s",
                warm,
            )
        )
    table = f"{quota} dynamodb --quota-code"
    found.append(
        Limit(
            _reached(quotas.table_reads, mix.table_reads),
            "the quota of a table's reads",
            f"{quotas.table_reads:,.0f} units/s",
            f"{table} L-CF0CBE56 --desired-value N",
        )
    )
    found.append(
        Limit(
            _reached(quotas.table_writes, mix.table_writes),
            "the quota of a table's writes",
            f"{quotas.table_writes:,.0f} units/s",
            f"{table} L-AB614373 --desired-value N",
        )
    )
    return sorted(found)


class Step(NamedTuple):
    """A sudden step of the rate: seconds until Lambda serves all of it, the requests refused
    until then, and the minutes until a table has doubled its writes and reads often enough."""

    seconds: int
    refused: float
    table_minutes: int


def step(rate: float, quotas: Quotas, mix: Mix) -> Step:
    """Return what a step from no load to `rate` costs, if the quotas themselves are high enough."""
    served, seconds, refused = float(_STEP), 0, 0.0
    while served < rate:
        refused += (rate - served) * _STEP_SECONDS
        served += _STEP
        seconds += _STEP_SECONDS
    need = max(
        rate * mix.table_reads / quotas.warm_reads,
        rate * mix.table_writes / quotas.warm_writes,
        rate * mix.index_reads / quotas.index_warm_reads,
        rate * mix.index_writes / quotas.index_warm_writes,
        1.0,
    )
    return Step(seconds, refused, math.ceil(math.log2(need) - _ROUNDING) * _DOUBLING_MINUTES)


def _reached(most: float, each: float) -> float:
    return most / each if each else math.inf
