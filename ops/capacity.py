"""Show which limits break first as the load grows, in the order in which they are reached.

Reads the stage's throttles and the account's quotas, and the mix of requests of the last 14 days. A
limit below the rate is bad: --rps, or by default twice the busiest minute. Changes nothing.
"""

import argparse
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.table import INDEX
from infra.stage import Stage
from ops import findings, limits, usage
from ops.errors import Unreadable
from ops.findings import Finding
from ops.limits import GATEWAY, LAMBDA, TABLE, TABLE_QUOTA, THROTTLES, TOKENS, UNITS, Mix
from ops.tools import Tools
from ops.usage import Parts, Series

_REQUESTS = "requests"
_HEADROOM = 2


def rate(text: str) -> float:
    """Return the number. Raises `ValueError`, for which argparse prints this function's name."""
    if not 0 < float(text) < float("inf"):
        raise ValueError(text)
    return float(text)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stage", required=True, help="use this stage of .chalice/config.json")
    parser.add_argument(
        "--rps",
        type=rate,
        metavar="N",
        help="judge by N requests a second (default: twice the busiest minute)",
    )
    findings.add_options(parser)


def run(arguments: argparse.Namespace, tools: Tools) -> None:
    stage = Stage.load(tools.project, arguments.stage)
    capacity = _Capacity(stage, usage.parts(stage, tools), tools)
    quotas = {
        THROTTLES: capacity.throttles,
        LAMBDA: capacity.concurrency,
        GATEWAY: capacity.gateway,
        TABLE: capacity.table,
        TABLE_QUOTA: capacity.table_quota,
        TOKENS: capacity.tokens,
    }
    checks = {name: partial(capacity.read, read) for name, read in quotas.items()}
    found = findings.collect({_REQUESTS: capacity.load, **checks})
    unread = {finding.name for finding in found if finding.state == "unknown"}
    found += capacity.limits(arguments.rps, unread)
    findings.publish(findings.worst_first(found), arguments, tools)


class _Capacity:
    """Fills in the model. Until a quota is read, it is AWS's default."""

    def __init__(self, stage: Stage, parts: Parts, tools: Tools) -> None:
        self._stage, self._parts, self._tools = stage, parts, tools
        self.quotas, self.mix = limits.defaults(), Mix()
        self.busiest = 0.0

    def load(self) -> Iterator[Finding]:
        """Read the mix of requests, and the busiest minute."""
        minutes = usage.by_minute(self._parts, self._tools)
        total = sum(minutes["requests"])
        if not total:
            yield Finding(
                "note", _REQUESTS, "no request in 14 days: the mix is that of docs/load.md"
            )
            return
        self.busiest = max(minutes["requests"]) / usage.MINUTE
        self.mix = mix_of(minutes)
        yield Finding(
            "ok",
            _REQUESTS,
            f"{self.busiest:,.1f}/s in the busiest minute of 14 days, "
            f"{self.mix.seconds * 1000:,.0f} ms each",
        )

    def read(self, read: Callable[[], Mapping[str, Any]]) -> Iterator[Finding]:
        """Replace a part of the quotas. It is worth no finding, unless AWS denies it."""
        self.quotas = replace(self.quotas, **read())
        yield from ()

    def throttles(self) -> Mapping[str, Any]:
        """Return the throttle of each method; none without an API."""
        if not self._parts.api_id:
            return {"throttles": {}}
        found = self._tools.client("apigateway").get_stage(
            restApiId=self._parts.api_id, stageName=self._stage.gateway_stage
        )
        return {"throttles": throttles_of(found.get("methodSettings", {}))}

    def concurrency(self) -> Mapping[str, Any]:
        """Return the executions that Lambda allows at a time."""
        return {"concurrency": usage.concurrency(self._parts, self._tools)}

    def gateway(self) -> Mapping[str, Any]:
        """Return the account's requests a second at the gateway."""
        settings = self._tools.client("apigateway").get_account()["throttleSettings"]
        return {"gateway": settings["rateLimit"]}

    def table(self) -> Mapping[str, Any]:
        """Return the units that table and index take at once, or at most by autoscaling."""
        client = self._tools.client("dynamodb")
        table: Any = client.describe_table(TableName=self._parts.table)["Table"]
        if table.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST":
            indexes = {each["IndexName"]: each for each in table["GlobalSecondaryIndexes"]}
            units = [*_warm(table), *_warm(indexes[INDEX])]
        else:
            scaling = usage.scaling(self._stage, self._tools)
            units = [scaling[id].most for id in UNITS]
        if not all(units):
            raise Unreadable("DynamoDB does not report its warm throughput")
        return {"warm": dict(zip(UNITS, units, strict=True))}

    def table_quota(self) -> Mapping[str, Any]:
        """Return the units that a table may have."""
        found = self._tools.client("dynamodb").describe_limits()
        reads, writes = found["TableMaxReadCapacityUnits"], found["TableMaxWriteCapacityUnits"]
        return {"most": {"reads": reads, "writes": writes}}

    def tokens(self) -> Mapping[str, Any]:
        """Return the tokens a second that Cognito issues."""
        client = self._tools.client("service-quotas")
        service, code = "cognito-idp", limits.TOKENS_CODE
        try:
            found = client.get_service_quota(ServiceCode=service, QuotaCode=code)
        except ClientError as error:
            # A quota that was never changed may be missing there.
            if error.response["Error"]["Code"] != "NoSuchResourceException":
                raise
            found = client.get_aws_default_service_quota(ServiceCode=service, QuotaCode=code)
        return {"tokens": found["Quota"]["Value"]}

    def limits(self, rps: float | None, unread: Collection[str]) -> Iterator[Finding]:
        """Yield a finding for each limit that the mix can reach, in their order."""
        target = rps or _HEADROOM * self.busiest
        if not self.quotas.throttles:
            yield Finding("note", THROTTLES, "none, as after `chalice deploy`")
        for limit in limits.limits(self.quotas, self.mix, self._stage.name):
            if limit.rate == float("inf"):
                continue
            found = f"{limit.value}, reached at {limit.rate:,.0f} requests/s"
            if limit.quota in unread or _REQUESTS in unread:
                yield Finding("unknown", limit.name, f"{found}, if it is AWS's default")
            elif limit.rate < target:
                yield Finding(
                    "bad", limit.name, f"{found}, below {target:,.0f}", limit.remedy(target)
                )
            else:
                # Without a rate to judge by, no limit is known to suffice.
                yield Finding("ok" if target else "note", limit.name, found)


def mix_of(minutes: Mapping[str, Series]) -> Mix:
    """Return the average request of some minutes. Reads of absent items count."""
    requests = sum(minutes["requests"])
    invocations = sum(minutes["invocations"])
    routes = {id: sum(series) for id, series in minutes.items() if " " in id}
    logged = sum(routes.values())
    shares = {route: count / logged for route, count in routes.items()} if logged else limits.ROUTES
    seconds = sum(minutes["milliseconds"]) / invocations / 1000 if invocations else Mix().seconds
    return Mix(shares, seconds, {id: sum(minutes[id]) / requests for id in UNITS})


def throttles_of(settings: Mapping[str, Any]) -> dict[str, float]:
    """Return the throttles by route from a gateway stage's settings.

    A key is a path and a method, such as `~1items~1{id}/GET`, or `*/*` for all without their own.
    """
    found: dict[str, float] = {}
    for route in limits.ROUTES:
        method, _, path = route.partition(" ")
        keys = (f"{path.replace('/', '~1')}/{method}", f"{path.strip('/')}/{method}", "*/*")
        own: Mapping[str, Any] = next((settings[key] for key in keys if key in settings), {})
        if own.get("throttlingRateLimit", -1) >= 0:
            found[route] = own["throttlingRateLimit"]
    return found


def _warm(part: Mapping[str, Any]) -> Iterator[float]:
    """Yield the reads and writes a second that a table or index takes at once; 0 for unknown."""
    warm, most = part.get("WarmThroughput", {}), part.get("OnDemandThroughput", {})
    for kind in ("Read", "Write"):
        units, own = warm.get(f"{kind}UnitsPerSecond", 0), most.get(f"Max{kind}RequestUnits", -1)
        # A maximum of one's own throttles earlier. -1 is none.
        yield min(units, own) if own > 0 else units
