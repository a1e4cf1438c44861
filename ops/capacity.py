"""Show which limits break first as the load grows, in the order in which they are reached.

Only reads: the stage's throttles, the account's quotas, and the mix of requests of the last 14
days. A limit is bad if it is below the rate: --rps, or by default twice the busiest minute.
"""

import argparse
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial

from infra.stage import Stage
from ops import findings, limits
from ops.findings import Check, Finding
from ops.limits import THROTTLES, UNITS, Mix
from ops.options import rate
from ops.quotas import READERS
from ops.tools import Tools
from ops.usage import MINUTE, Series, Usage

REQUESTS = "requests"
_HEADROOM = 2


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
    found += capacity.judge(arguments.rps, findings.unknown(found))
    findings.publish(findings.worst_first(found), arguments, tools)


class Capacity:
    """Fills in the model. Until a quota is read, it is AWS's default.

    `only` names the quotas to read, by default all.
    """

    def __init__(self, stage: Stage, tools: Tools, only: Collection[str] = ()) -> None:
        self.usage, self._only = Usage(stage, tools), only
        self.quotas, self.mix = limits.defaults(), Mix()
        #: The requests a second of the busiest minute, at the gateway or of the function.
        self.busiest = 0.0

    def checks(self) -> dict[str, Check]:
        """Return the checks that read load and quotas. Each is unknown if AWS denies it."""
        names = self._only or READERS
        return {REQUESTS: self.read_load, **{name: partial(self.read, name) for name in names}}

    def read_load(self) -> Iterator[Finding]:
        """Read the mix of requests, and the busiest minute."""
        minutes = self.usage.read_minutes()
        if not sum(minutes["requests"]):
            yield Finding("note", "no request in 14 days: the mix is that of docs/load.md")
            return
        self.busiest = max(*minutes["requests"], *minutes["invocations"]) / MINUTE
        self.mix = mix_of(minutes)
        yield Finding(
            "ok",
            f"{self.busiest:,.1f}/s in the busiest minute of 14 days, "
            f"{self.mix.seconds * 1000:,.0f} ms each",
        )

    def read(self, name: str) -> Iterator[Finding]:
        """Read and replace one of the quotas. Yields a finding only if AWS denies the read."""
        reader = READERS[name]
        self.quotas = replace(self.quotas, **{reader.__name__: reader(self.usage)})
        yield from ()

    def judge(self, rps: float | None, unread: Collection[str]) -> Iterator[Finding]:
        """Yield a finding for each limit that the mix can reach, in their order.

        `unread` names the checks that could not look.
        """
        target = rps or _HEADROOM * self.busiest
        if not self.quotas.throttles:
            yield Finding("note", "none, as after `chalice deploy`", name=THROTTLES)
        for limit in limits.limits(self.quotas, self.mix, self.usage.stage.name):
            if limit.rate == float("inf") or (self._only and limit.quota not in self._only):
                continue
            name, found = limit.name, f"{limit.value}, reached at {limit.rate:,.0f} requests/s"
            if limit.quota in unread or REQUESTS in unread:
                yield Finding("unknown", f"{found}, assuming AWS's default", name=name)
            elif limit.rate < target:
                yield Finding("bad", f"{found}, below {target:,.0f}", limit.remedy(target), name)
            else:
                # Without a rate to judge by, no limit is known to suffice.
                yield Finding("ok" if target else "note", found, name=name)


def mix_of(minutes: Mapping[str, Series]) -> Mix:
    """Return the average request of some minutes. Reads of absent items count."""
    requests = sum(minutes["requests"])
    invocations = sum(minutes["invocations"])
    routes = {id: sum(series) for id, series in minutes.items() if " " in id}
    logged = sum(routes.values())
    shares = {route: count / logged for route, count in routes.items()} if logged else limits.ROUTES
    seconds = sum(minutes["milliseconds"]) / invocations / 1000 if invocations else Mix().seconds
    return Mix(shares, seconds, {id: sum(minutes[id]) / requests for id in UNITS})
