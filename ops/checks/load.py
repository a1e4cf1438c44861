"""Compare the busiest minute of two weeks with each limit, and find what was throttled."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from chalicelib.observability import METRICS_NAMESPACE
from chalicelib.table import INDEX
from infra.stacks.deployment import Stacks
from ops import quotas, usage
from ops.checks.remedies import deploy
from ops.findings import Finding, look
from ops.limits import RATE_PER_CONCURRENCY, ROUTES, Quotas, increase_concurrency, parameter
from ops.metrics import DAYS, Metric, Values, read
from ops.recovery import text_of
from ops.tools import Tools
from ops.usage import Parts

_KINDS = ("Read", "Write")
#: Of a limit: the busiest minute leaves too little above it.
_FULL = 0.5
#: Of an hour's requests, got a 429. Fewer than `_FEW` of them prove nothing.
_REFUSED, _FEW = 0.01, 10


@dataclass(frozen=True)
class Load:
    """The requests at the gateway, of the function, and those refused, by minute."""

    requests: Values
    invocations: Values
    refused: Values

    @property
    def busiest(self) -> float:
        """The most requests a second in a minute, at the gateway or of the function."""
        return max([*self.requests.values(), *self.invocations.values()], default=0) / 60


def check_load(stacks: Stacks, tools: Tools) -> Iterator[Finding]:
    parts = usage.parts(stacks.stage, tools)
    traffic = usage.traffic(parts)
    refused = Metric(METRICS_NAMESPACE, "Throttled", {"function": parts.function})
    load = Load(*read(tools, [traffic["requests"], traffic["invocations"], refused]))
    if load.requests:
        count = sum(load.requests.values())
        found = f"{count:,.0f} requests in {DAYS} days, {load.busiest:.1f}/s at the busiest minute"
        yield Finding("ok", "load", found)
    else:
        found = f"no request in {DAYS} days, so that limits and throttles have no figures"
        yield Finding("note", "load", found)
    for name, check in (
        ("Lambda quota", _check_function),
        ("gateway throttles", _check_gateway),
        ("429s", _check_refused),
    ):
        yield from look(name, partial(check, stacks, tools, parts, load))


def _check_function(stacks: Stacks, tools: Tools, parts: Parts, load: Load) -> Iterator[Finding]:
    name, most = "Lambda quota", quotas.concurrency(parts, tools)
    rate = RATE_PER_CONCURRENCY * most
    watched = stacks.stack("monitoring").parameters().get("ConcurrencyLimit")
    if watched and int(watched) != most:
        yield Finding(
            "bad",
            name,
            f"the function may run {most} times at once, and its alarms watch for {watched}",
            deploy(stacks, "monitoring", ConcurrencyLimit=most),
        )
    # Each method has a throttle of its own.
    parameters = stacks.stack("api").parameters()
    let_through = sum(int(parameters.get(parameter(route), 0)) for route in ROUTES)
    if rate < let_through:
        found = f"concurrency {most} is {rate} requests/s, and the gateway lets {let_through} pass"
        yield Finding("bad", name, found, increase_concurrency(Quotas.concurrency))
    if load.busiest > _FULL * rate:
        found = f"{load.busiest:.1f}/s at the busiest minute, of {rate} with concurrency {most}"
        yield Finding("bad", name, found, increase_concurrency(Quotas.concurrency))
    elif rate >= let_through:
        yield Finding("ok", name, f"concurrency {most}, so {rate} requests/s")


def _check_gateway(stacks: Stacks, tools: Tools, parts: Parts, load: Load) -> Iterator[Finding]:
    name = "gateway throttles"
    if not parts.api_id:
        yield Finding("note", name, f"stage {stacks.stage.name} has no API yet")
        return
    limits = quotas.throttles(stacks.stage, parts, tools).values()
    account = quotas.gateway(tools)
    if account < Quotas.gateway:
        found = f"the account's quota is {account:.0f}/s for all its APIs, not {Quotas.gateway:,}"
        yield Finding("note", name, found)
    most = min([max(limits, default=account), account])
    if load.busiest > _FULL * most:
        yield Finding(
            "bad",
            name,
            f"{load.busiest:.1f}/s at the busiest minute, of {most:.0f} for a method",
            deploy(stacks, "api", ReadsPerSecond=round(2 * most)),
        )
    elif limits:
        yield Finding("ok", name, f"{min(limits):.0f} to {most:.0f} requests/s for a method")
    else:
        yield Finding("note", name, "no method has a limit of its own: `chalice deploy` sets none")


def _check_refused(stacks: Stacks, _: Tools, __: Parts, load: Load) -> Iterator[Finding]:
    logs = stacks.stack("api").parameters().get("AccessLogs")
    if logs != "true":
        found = "the gateway writes no access log, in which they are counted"
        command = deploy(stacks, "api", AccessLogs="true") if logs else ""
        yield Finding("unknown", "429s", found, command)
        return
    requests, refused = _by_hour(load.requests), _by_hour(load.refused)
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
        yield Finding("bad", "429s", found, "follow docs/runbooks/gateway-throttles.md")
    elif load.requests:
        yield Finding("ok", "429s", total)


def _by_hour(values: Values) -> Values:
    hours: dict[datetime, float] = {}
    for minute, value in values.items():
        hour = minute.replace(minute=0)
        hours[hour] = hours.get(hour, 0) + value
    return hours


#: Why DynamoDB throttled, by the middle of the metric's name, with the parameters against it.
#: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TroubleshootingThrottling-cloudwatch.html
_CAUSES = {
    "KeyRangeThroughput": ("one partition was too busy, so one owner or one item", ()),
    "MaxOnDemandThroughput": ("OnDemandLimit holds it back", ("MaxReads", "MaxWrites")),
    "ProvisionedThroughput": ("too little is provisioned", ("MinReads", "MinWrites")),
    "AccountLimit": ("the account's quota for one table", ()),
}


def check_table(stacks: Stacks, tools: Tools) -> Iterator[Finding]:
    """Sum DynamoDB's metrics of throttled requests, which carry the cause in their names."""
    space, name = "AWS/DynamoDB", "table throttles"
    table = {"TableName": stacks.stack("data").outputs()["TableName"]}
    places = {"table": table, f"index {INDEX}": {**table, "GlobalSecondaryIndexName": INDEX}}
    rows = [(place, kind, cause) for place in places for kind in _KINDS for cause in _CAUSES]
    metrics = [
        *(Metric(space, f"Consumed{kind}CapacityUnits", table) for kind in _KINDS),
        *(Metric(space, f"{kind}{why}ThrottleEvents", places[at]) for at, kind, why in rows),
    ]
    reads, writes, *counts = [sum(each.values()) for each in read(tools, metrics, period=3600)]
    for (place, kind, cause), count in zip(rows, counts, strict=True):
        if count:
            why, parameters = _CAUSES[cause]
            found = f"{count:.0f} {kind.lower()}s of the {place} in {DAYS} days: {why}"
            more = deploy(stacks, "data", **dict.fromkeys(parameters, "N"))
            do = more if parameters else "follow docs/runbooks/table-throttles.md"
            yield Finding("bad", name, found, do)
    if not reads + writes:
        yield Finding("note", name, f"the table was not used in {DAYS} days")
    elif not any(counts):
        yield Finding("ok", name, f"none in {DAYS} days")
