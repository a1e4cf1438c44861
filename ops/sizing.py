"""Calculate the cost and the duration of memory sizes, and choose a size.

**The rule.** The knee is the size with the least `duration * cost` of the sizes that can be judged.
Up to the knee, one per cent more money bought more than one per cent less time. Beyond the knee it
does not. Some dozens of invocations cannot distinguish sizes within 5 % of the least, so the
smallest of these sizes is chosen.

Its source is the strategy "balanced" of AWS Lambda Power Tuning (`lambda/analyzer.js` in
github.com/alexcasalboni/aws-lambda-power-tuning). It takes the least
`w * cost / dearest + (1 - w) * duration / slowest`, with w = 0.5. There the choice between two
sizes changes with a third size, because the third may be the dearest or the slowest. The product
also weighs time and money equally, but does not depend on the dearest or the slowest size.

**The duration** is the mean of the middle three fifths (Power Tuning's, too), of warm invocations.
The median would be wrong here: two routes write and two read, so it lies between the two and jumps
from one to the other. **The cost** is of warm invocations, for requests and GB-seconds. How many
starts are cold depends on the traffic, not on the size, so they are kept apart in both.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from ops.reports import Report
from tools.prices import usd

#: USD for a GB-second, by architecture, and for a million requests.
GB_SECOND = {each: usd(f"lambda_gb_second_{each}") for each in ("arm64", "x86_64")}
MILLION_REQUESTS = usd("lambda_million_requests")

#: At this size a function has one vCPU, and at others in proportion:
#: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
VCPU_MB = 1769

#: A size can be judged from this many warm invocations.
ENOUGH = 20
_TIGHT = 0.8  # of the memory: with more in use than this, a size is too small
_FAILING = 0.01  # of the invocations
_ALIKE = 1.05
_TRIMMED = 0.2  # at either end


@dataclass(frozen=True)
class Size:
    """The measurements of one memory size: times in milliseconds, sorted, and memory in MB.

    `cold` are whole cold starts: the start of the environment, and the invocation itself.
    """

    memory: int
    warm: tuple[float, ...]
    cold: tuple[float, ...]
    failed: int
    used: int
    #: USD for a million requests, calculated from warm invocations.
    cost: float

    @property
    def invocations(self) -> int:
        return len(self.warm) + len(self.cold) + self.failed

    @property
    def typical(self) -> float:
        """Return the typical duration of a warm invocation, 0 without a warm invocation."""
        cut = int(len(self.warm) * _TRIMMED)
        return fmean(self.warm[cut : len(self.warm) - cut]) if self.warm else 0.0

    @property
    def vcpus(self) -> float:
        return self.memory / VCPU_MB

    def objections(self) -> list[str]:
        """Return the reasons against a recommendation of this size, at any cost."""
        said = []
        if self.failed > _FAILING * self.invocations:
            said.append(f"{self.failed} of {self.invocations} invocations failed")
        if len(self.warm) < ENOUGH:
            said.append(f"{len(self.warm)} warm invocations are too few to judge (of {ENOUGH})")
        if self.used > _TIGHT * self.memory:
            share = self.used / self.memory
            said.append(f"{self.used} MB were in use, {share:.0%} of the memory")
        return said


@dataclass(frozen=True)
class Choice:
    """The recommended, the cheapest and the fastest of the sizes that can be judged.

    `least` and `most` are the memory of the smallest and the largest of these sizes, in MB.
    """

    recommended: Size
    cheapest: Size
    fastest: Size
    least: int
    most: int


def sizes(reports: Iterable[Report], gb_second: float) -> list[Size]:
    """Return the sizes that occur, the smallest first. `gb_second` is its price in USD."""
    by_memory: dict[int, list[Report]] = {}
    for report in reports:
        by_memory.setdefault(report.memory, []).append(report)
    return [_size(memory, by_memory[memory], gb_second) for memory in sorted(by_memory)]


def choose(measured: Sequence[Size]) -> Choice | None:
    """Return the choice, `None` if no size can be judged. `measured` begins with the smallest."""
    judged = [size for size in measured if not size.objections()]
    if not judged:
        return None
    least = min(size.typical * size.cost for size in judged)
    alike = [size for size in judged if size.typical * size.cost <= _ALIKE * least]
    return Choice(
        min(alike, key=lambda size: size.memory),
        min(judged, key=lambda size: (size.cost, size.typical)),
        min(judged, key=lambda size: (size.typical, size.cost)),
        judged[0].memory,
        judged[-1].memory,
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Return the nearest-rank percentile of sorted values."""
    return values[max(math.ceil(share * len(values)), 1) - 1]


def _size(memory: int, reports: Sequence[Report], gb_second: float) -> Size:
    answered = [report for report in reports if not report.failed]
    warm = [report for report in answered if report.warm]
    billed = fmean(report.billed for report in warm) if warm else 0.0
    return Size(
        memory,
        tuple(sorted(report.duration for report in warm)),
        tuple(sorted(r.start + r.duration for r in answered if r.start is not None)),
        len(reports) - len(answered),
        max(report.used for report in reports),
        MILLION_REQUESTS + 1e6 * billed / 1000 * memory / 1024 * gb_second,
    )
