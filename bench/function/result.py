"""The result: each candidate's figures, and the limits of our figures."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.function.candidate import BASE, OURS, PLAIN
from bench.function.measurement import ColdStart, Costs
from bench.function.ratio import Ratio, paired

#: The compared measures and their titles.
MEASURES = {
    "cold": "cold start",
    "plain": "cold, plain zip",
    "cold_cpu": "cold, CPU time",
    "get": "GET",
    "list": "list of 25",
    "put": "PUT",
}
KINDS = ("get", "list", "put")

#: The limits of our candidate, as ratios to the bare handler.
LIMITS = {"cold": 0.20, "get": 0.29, "list": 0.23, "put": 0.31}
#: The most that a first request may take, as a ratio to the second.
FIRST_LIMIT = 3.0
#: The full-featured peers. Our candidate must be faster than each.
FULL_FEATURED = ("chalice_boto3", "chalice_pydynox", "powertools", "fastapi")


@dataclass(frozen=True)
class Result:
    """`cold` and `warm` are the measurements, a mapping by candidate for each block."""

    cold: Sequence[Mapping[str, ColdStart]]
    warm: Sequence[Mapping[str, Costs]]

    def values(self, name: str, measure: str) -> list[float]:
        """Return a candidate's milliseconds in each block."""
        if measure in KINDS:
            return [block[name][measure] for block in self.warm]
        if measure == "cold_cpu":
            return [block[name].cpu for block in self.cold]
        key = f"{name}{PLAIN}" if measure == "plain" else name
        return [block[key].wall for block in self.cold]

    def median(self, name: str, measure: str) -> float:
        return statistics.median(self.values(name, measure))

    def ratio(self, name: str, measure: str, to: str = BASE) -> Ratio:
        """Return the ratio to another candidate, which is byte-compiled even for a plain zip."""
        reference = "cold" if measure == "plain" else measure
        return paired(self.values(name, measure), self.values(to, reference))

    def starts(self, name: str) -> tuple[float, float, float]:
        """Return the medians of import, first GET and second GET, in milliseconds."""
        runs = [block[name] for block in self.cold]
        imported = statistics.median(each.imported.wall for each in runs)
        first = statistics.median(each.first.wall for each in runs)
        return imported, first, statistics.median(each.second.wall for each in runs)

    def first_to_second(self, name: str) -> Ratio:
        """Return the ratio of the first GET's time to the second's."""
        runs = [block[name] for block in self.cold]
        return paired([each.first.wall for each in runs], [each.second.wall for each in runs])

    def complaints(self) -> list[str]:
        """Return the limits that our candidate exceeds, as far as the peers were measured."""
        messages, peers = [], [each for each in FULL_FEATURED if each in self.warm[0]]
        for measure, limit in LIMITS.items():
            found = self.ratio(OURS, measure).median
            if found > limit:
                messages.append(
                    f"{MEASURES[measure]}: {found:.3f}, more than the limit {limit:.2f}"
                )
            for peer in peers:
                if self.ratio(OURS, measure, to=peer).median >= 1:
                    messages.append(f"{MEASURES[measure]}: not ahead of {peer}")
        first = self.first_to_second(OURS).median
        if first > FIRST_LIMIT:
            messages.append(
                f"first GET: {first:.1f} times the second, more than the limit {FIRST_LIMIT:.0f}"
            )
        return messages
