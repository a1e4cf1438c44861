"""Simulate DynamoDB's autoscaling over the use of each minute, as AWS documents it.

It goes up after two minutes above the target, and is late by some minutes. It goes down after
fifteen minutes at less than the target minus 20 %: four times a day at once, then once an hour.
A request beyond the capacity takes from the unused capacity of the last five minutes, and is then
throttled. AWS's own evaluators do not count throttled requests:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

_DAY = 24 * 60
_UP_AFTER, _DOWN_AFTER, _BELOW = 2, 15, 0.2
_AT_ONCE, _THEN_AFTER = 4, 60
#: The minutes from the decision until the capacity is there.
_LATE = 4
_BURST_SECONDS = 300


@dataclass(frozen=True)
class Scaling:
    """The limits in units a second, and the share of the capacity that is to be in use."""

    least: int = 1
    most: int = 40_000
    target: float = 0.7

    def capacity(self, use: float) -> int:
        """Return the whole units that have `use` at the target."""
        return max(self.least, min(self.most, math.ceil(use / self.target)))


class Outcome(NamedTuple):
    """The result: unit-hours to pay for, and units that were used, throttled, and left at last."""

    unit_hours: float
    used: float
    throttled: float
    capacity: int

    @property
    def throttled_share(self) -> float:
        return self.throttled / self.used if self.used else 0.0


class _Capacity:
    """The provisioned capacity from minute to minute."""

    def __init__(self, scaling: Scaling, first: float) -> None:
        self.units = scaling.capacity(first)
        self._scaling = scaling
        self._planned: tuple[int, int] | None = None
        self._decreases: list[int] = []

    def advance(self, minute: int) -> None:
        """Carry out a change that is due."""
        if self._planned and self._planned[0] <= minute:
            self.units = self._planned[1]
            self._planned = None

    def decide(self, minute: int, use: Sequence[float]) -> None:
        """Plan a change from the use of the last minutes, `minute` included."""
        if self._planned:
            return
        target, used = self._scaling.target, use[minute]
        if used > target * self.units:
            recent = use[max(minute - _UP_AFTER + 1, 0) : minute + 1]
            if len(recent) == _UP_AFTER and min(recent) > target * self.units:
                self._plan(minute + _LATE, self._scaling.capacity(max(recent)))
        elif used < (target - _BELOW) * self.units and self.units > self._scaling.least:
            past = use[max(minute - _DOWN_AFTER + 1, 0) : minute + 1]
            enough = len(past) == _DOWN_AFTER and max(past) < (target - _BELOW) * self.units
            wanted = self._scaling.capacity(max(past))
            if enough and wanted < self.units and self._may_decrease(minute):
                self._decreases.append(minute)
                self._plan(minute + 1, wanted)

    def _plan(self, minute: int, units: int) -> None:
        if units != self.units:
            self._planned = (minute, units)

    def _may_decrease(self, minute: int) -> bool:
        today = [each for each in self._decreases if each // _DAY == minute // _DAY]
        return len(today) < _AT_ONCE or minute - today[-1] >= _THEN_AFTER


def simulate(use: Sequence[float], scaling: Scaling) -> Outcome:
    """Return the result of autoscaling for `use`, in units a second for each minute, not empty."""
    capacity = _Capacity(scaling, use[0])
    unit_hours = throttled = burst = 0.0
    for minute, used in enumerate(use):
        capacity.advance(minute)
        spare = (capacity.units - used) * 60
        taken = min(burst, max(-spare, 0.0))
        throttled += max(-spare, 0.0) - taken
        burst = min(burst - taken + max(spare, 0.0), capacity.units * _BURST_SECONDS)
        unit_hours += capacity.units / 60
        capacity.decide(minute, use)
    return Outcome(unit_hours, sum(use) * 60, throttled, capacity.units)
