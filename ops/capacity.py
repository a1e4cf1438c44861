"""Show which limits break first as the load grows, in the order in which they are reached.

Only reads: the stage's throttles, the account's quotas, and the mix of requests of the last 14
days. A limit is bad if it is below the rate: --rps, or by default twice the busiest minute.
"""

import argparse
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from infra.stage import Stage
from ops import findings, limits, quotas, usage
from ops.findings import Check, Finding
from ops.limits import GATEWAY, LAMBDA, TABLE, TABLE_QUOTA, THROTTLES, TOKENS, UNITS, Mix
from ops.tools import Tools
from ops.usage import Series

REQUESTS = "requests"
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
    capacity = Capacity(Stage.load(tools.project, arguments.stage), tools)
    found = findings.collect(capacity.checks())
    found += capacity.limits(arguments.rps, findings.unknown(found))
    findings.publish(findings.worst_first(found), arguments, tools)


class Capacity:
    """Fills in the model. Until a quota is read, it is AWS's default.

    `only` names the quotas to read, by default all.
    """

    def __init__(self, stage: Stage, tools: Tools, only: Collection[str] = ()) -> None:
        self._stage, self._tools, self._only = stage, tools, only
        self.parts = usage.parts(stage, tools)
        self.quotas, self.mix = limits.defaults(), Mix()
        #: The requests a second of the busiest minute, at the gateway or of the function.
        self.busiest = 0.0

    def checks(self) -> dict[str, Check]:
        """Return the checks that read load and quotas. Each is unknown if AWS denies it."""
        stage, parts, tools = self._stage, self.parts, self._tools
        reads: Mapping[str, tuple[str, Callable[[], Any]]] = {
            THROTTLES: ("throttles", partial(quotas.throttles, stage, parts, tools)),
            LAMBDA: ("concurrency", partial(quotas.concurrency, parts, tools)),
            GATEWAY: ("gateway", partial(quotas.gateway, tools)),
            TABLE: ("warm", partial(quotas.warm, stage, parts, tools)),
            TABLE_QUOTA: ("most", partial(quotas.table, tools)),
            TOKENS: ("tokens", partial(quotas.tokens, tools)),
        }
        names = self._only or reads
        return {REQUESTS: self.load, **{name: partial(self.read, *reads[name]) for name in names}}

    def load(self) -> Iterator[Finding]:
        """Read the mix of requests, and the busiest minute."""
        minutes = usage.by_minute(self.parts, self._tools)
        total = sum(minutes["requests"])
        if not total:
            yield Finding(
                "note", REQUESTS, "no request in 14 days: the mix is that of docs/load.md"
            )
            return
        self.busiest = max(*minutes["requests"], *minutes["invocations"]) / usage.MINUTE
        self.mix = mix_of(minutes)
        yield Finding(
            "ok",
            REQUESTS,
            f"{self.busiest:,.1f}/s in the busiest minute of 14 days, "
            f"{self.mix.seconds * 1000:,.0f} ms each",
        )

    def read(self, quota: str, read: Callable[[], Any]) -> Iterator[Finding]:
        """Read and replace one of the quotas. Yields a finding only if AWS denies the read."""
        self.quotas = replace(self.quotas, **{quota: read()})
        yield from ()

    def limits(self, rps: float | None, unread: Collection[str]) -> Iterator[Finding]:
        """Yield a finding for each limit that the mix can reach, in their order.

        `unread` names the checks that could not look.
        """
        target = rps or _HEADROOM * self.busiest
        if not self.quotas.throttles:
            yield Finding("note", THROTTLES, "none, as after `chalice deploy`")
        for limit in limits.limits(self.quotas, self.mix, self._stage.name):
            if limit.rate == float("inf") or (self._only and limit.quota not in self._only):
                continue
            found = f"{limit.value}, reached at {limit.rate:,.0f} requests/s"
            if limit.quota in unread or REQUESTS in unread:
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
