"""Judge two weeks of load by the limits that are reached first, and find throttled requests."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from chalicelib.table import INDEX
from infra.stacks.deployment import Stacks
from ops.capacity import Capacity
from ops.checks.remedies import deploy
from ops.findings import Finding, look, unknown
from ops.limits import (
    GATEWAY,
    LAMBDA,
    RATE_PER_CONCURRENCY,
    ROUTES,
    THROTTLES,
    Quotas,
    increase_concurrency,
    parameter,
)
from ops.metrics import DAYS, Metric, read
from ops.recovery import text_of
from ops.tools import Tools
from ops.usage import HOUR, Usage

#: The quotas of every stage. `ops capacity` reads more.
_QUOTAS = (THROTTLES, LAMBDA, GATEWAY)
_KINDS = ("Read", "Write")
#: The share of an hour's requests that got a 429. Fewer 429s than `_FEW` are no evidence.
_REFUSED, _FEW = 0.01, 10


def check_load(stacks: Stacks, tools: Tools) -> Iterator[Finding]:
    """Judge twice the busiest minute by the model of `ops capacity`."""
    capacity = Capacity(stacks.stage, tools, _QUOTAS)
    findings = [each for name, check in capacity.checks().items() for each in look(name, check)]
    yield from findings
    unread = unknown(findings)
    if LAMBDA not in unread:
        for finding in _check_concurrency(stacks, int(capacity.quotas.concurrency)):
            yield replace(finding, name=LAMBDA)
    if capacity.quotas.gateway < Quotas.gateway:
        most = f"{capacity.quotas.gateway:.0f}/s for all its APIs, not {Quotas.gateway:,}"
        yield Finding("note", f"the account's quota is {most}", name=GATEWAY)
    if capacity.busiest:
        judged = list(capacity.judge(None, unread))
        yield from (each for each in judged if each.state in ("bad", "note"))
        # The next limit represents all limits that suffice.
        yield from [each for each in judged if each.state == "ok"][:1]
    yield from look("429s", partial(_check_refused, stacks, capacity.usage))


def _check_concurrency(stacks: Stacks, most: int) -> Iterator[Finding]:
    rate = RATE_PER_CONCURRENCY * most
    watched = stacks.stack("monitoring").parameters().get("ConcurrencyLimit")
    if watched and int(watched) != most:
        found = f"the function may run {most} times at once, but its alarms watch for {watched}"
        yield Finding("bad", found, deploy(stacks, "monitoring", ConcurrencyLimit=most))
    # Each method has a throttle of its own.
    parameters = stacks.stack("api").parameters()
    let_through = sum(int(parameters.get(parameter(route), 0)) for route in ROUTES)
    if rate < let_through:
        found = f"concurrency {most} is {rate} requests/s, but the gateway lets {let_through} pass"
        yield Finding("bad", found, increase_concurrency(Quotas.concurrency))
    else:
        yield Finding("ok", f"concurrency {most}, so {rate} requests/s")


def _check_refused(stacks: Stacks, usage: Usage) -> Iterator[Finding]:
    logs = stacks.stack("api").parameters().get("AccessLogs")
    if logs != "true":
        command = deploy(stacks, "api", AccessLogs="true") if logs else ""
        yield Finding("unknown", "the gateway has no access log, which counts them", command)
        return
    counts = [usage.traffic()["requests"], usage.own("Throttled")]
    requests, refused = read(usage.tools, counts, period=HOUR)
    total = f"{sum(refused.values()):.0f} in {DAYS} days"
    hours = [
        hour
        for hour, count in refused.items()
        if count >= _FEW and count > _REFUSED * requests.get(hour, 0)
    ]
    if hours:
        worst = max(hours, key=refused.__getitem__)
        found = (
            f"{total}, of them {refused[worst]:.0f} of {requests.get(worst, 0):.0f} requests in "
            f"the hour from {text_of(worst)}"
        )
        yield Finding("bad", found, "follow docs/runbooks/gateway-throttles.md")
    elif requests:
        yield Finding("ok", total)


#: The causes of throttling, by the middle of the metric's name, with the parameters against it.
#: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TroubleshootingThrottling-cloudwatch.html
_CAUSES = {
    "KeyRangeThroughput": ("one partition was too busy, so one owner or one item", ()),
    "MaxOnDemandThroughput": ("OnDemandLimit holds it back", ("MaxReads", "MaxWrites")),
    "ProvisionedThroughput": ("too little is provisioned", ("MinReads", "MinWrites")),
    "AccountLimit": ("the account's quota for one table", ()),
}


def check_table(stacks: Stacks, tools: Tools) -> Iterator[Finding]:
    """Sum DynamoDB's metrics of throttled requests, which carry the cause in their names."""
    space = "AWS/DynamoDB"
    table = {"TableName": stacks.require("data")["TableName"]}
    places = {"table": table, f"index {INDEX}": {**table, "GlobalSecondaryIndexName": INDEX}}
    rows = [(place, kind, cause) for place in places for kind in _KINDS for cause in _CAUSES]
    metrics = [
        *(Metric(space, f"Consumed{kind}CapacityUnits", table) for kind in _KINDS),
        *(Metric(space, f"{kind}{why}ThrottleEvents", places[at]) for at, kind, why in rows),
    ]
    reads, writes, *counts = [sum(each.values()) for each in read(tools, metrics, period=HOUR)]
    for (place, kind, cause), count in zip(rows, counts, strict=True):
        if count:
            why, parameters = _CAUSES[cause]
            found = f"{count:.0f} {kind.lower()}s of the {place} in {DAYS} days: {why}"
            more = deploy(stacks, "data", **dict.fromkeys(parameters, "N"))
            do = more if parameters else "follow docs/runbooks/table-throttles.md"
            yield Finding("bad", found, do)
    if not reads + writes:
        yield Finding("note", f"the table was not used in {DAYS} days")
    elif not any(counts):
        yield Finding("ok", f"none in {DAYS} days")
