"""The result of one offered rate."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bench.load.generator import NO_ANSWER, NOT_SENT, Answer
from bench.load.processes import Work

GOOD = ("200", "201", "204")


@dataclass(frozen=True)
class Step:
    """`rate` is the offered rate in requests per second, for `seconds` seconds.

    `work` is the CPU time of all processes, until the last response.
    """

    rate: float
    seconds: float
    answers: Sequence[Answer]
    work: Work

    def latency(self, percent: float) -> float:
        """Return the percentile of all requests' latency, in milliseconds.

        An abandoned request counts with its waiting time. Otherwise a server with fewer responses
        would look better.
        """
        return percentile([each.latency for each in self.answers], percent) * 1000

    @property
    def throughput(self) -> float:
        """Return successful responses per second, until the last response."""
        good = sum(each.status in GOOD for each in self.answers)
        return good / max(self.seconds, *(each.ended for each in self.answers))

    @property
    def errors(self) -> Counter[str]:
        """Return the number of errors by status."""
        return Counter(each.status for each in self.answers if each.status not in GOOD)

    @property
    def cost(self) -> Work:
        """Return the mean CPU time of one request, in milliseconds."""
        answered = sum(each.status not in (NOT_SENT, NO_ANSWER) for each in self.answers)
        return Work(*(each * 1000 / max(answered, 1) for each in self.work))


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the percentile of the values by the nearest-rank method."""
    rank = math.ceil(len(values) * percent / 100)
    return sorted(values)[max(rank, 1) - 1]
