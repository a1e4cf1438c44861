"""What one offered rate led to."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bench.load.generator import NO_ANSWER, NOT_SENT, Answer
from bench.load.processes import Work

GOOD = ("200", "201", "204")


@dataclass(frozen=True)
class Step:
    """`rate` is what was offered, in requests a second, for so many seconds.

    `work` is the processor time of all who took part, until the last answer.
    """

    rate: float
    seconds: float
    answers: Sequence[Answer]
    work: Work

    def latency(self, percent: float) -> float:
        """That within which so many of all requests were answered, in milliseconds.

        A request that was given up counts with how long it was waited for: to leave it out would
        make a server look better that answers less.
        """
        return percentile([each.latency for each in self.answers], percent) * 1000

    @property
    def throughput(self) -> float:
        """Good answers a second, until the last answer of what was offered."""
        good = sum(each.status in GOOD for each in self.answers)
        return good / max(self.seconds, *(each.ended for each in self.answers))

    @property
    def errors(self) -> Counter[str]:
        """How many were not good, by status."""
        return Counter(each.status for each in self.answers if each.status not in GOOD)

    @property
    def cost(self) -> Work:
        """The processor time of one request, in milliseconds, on average."""
        answered = sum(each.status not in (NOT_SENT, NO_ANSWER) for each in self.answers)
        return Work(*(each * 1000 / max(answered, 1) for each in self.work))


def percentile(values: Sequence[float], percent: float) -> float:
    """The least of the values that so many percent are not above ("nearest rank")."""
    rank = math.ceil(len(values) * percent / 100)
    return sorted(values)[max(rank, 1) - 1]
