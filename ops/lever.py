"""A lever on the costs, and the facts from which all levers are calculated."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ops.simulation import Scaling
from ops.usage import Series
from tools.estimate import Use
from tools.prices import Prices


class Lever(NamedTuple):
    """A change with its saving, which is `None` if it is unknown or the change does not pay."""

    name: str
    saving: float | None
    why: str
    do: str = ""


@dataclass(frozen=True)
class Facts:
    """The input of all levers. `minutes` has units a second of the last 14 days."""

    stage: str
    use: Use
    prices: Prices
    minutes: Mapping[str, Series]
    #: The duration of each hour's invocations, in GB-seconds.
    hourly_gb_seconds: Series
    #: The memory of one execution environment.
    memory_gb: float = 1.0
    #: The cost of the edge stack's firewall, 0 without a firewall.
    edge: float = 0.0
    on_demand: bool = True
    scaling: Mapping[str, Scaling] | None = None


def saving(usd: float) -> float | None:
    """Return the saving, `None` if it is not positive."""
    return usd if usd > 0 else None
