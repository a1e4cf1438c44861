"""AWS's list prices, from one dated file.

`.venv/bin/python -m ops cost --refresh-prices` writes a region's prices into it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from tools.project import PROJECT

FILE = PROJECT / "tools" / "prices.json"

#: The region of the prices in the documents and on the dashboard.
HOME = "us-east-1"

#: Prices by the number of units beyond which they hold, the smallest first.
Tiers = tuple[tuple[float, float], ...]


class Plan(NamedTuple):
    """A flat-rate plan of CloudFront, with its firewall, zone and logs: USD a month, allowances."""

    name: str
    usd: float
    million_requests: float
    gb: float


@dataclass(frozen=True)
class Prices:
    """The prices of a region in USD, for stored units in USD a month."""

    region: str
    #: The month in which the prices were read, such as 2026-11.
    as_of: str
    tiers: Mapping[str, Tiers]
    #: The names with the price of `HOME`, because the file has no price of this region.
    borrowed: frozenset[str] = field(default_factory=frozenset)

    def usd(self, name: str) -> float:
        """Return the price of one unit, before any discount for many."""
        return self.tiers[name][0][1]

    def cost(self, name: str, units: float) -> float:
        """Return the price of a month's units, tier by tier."""
        tiers = self.tiers[name]
        ends = [*(start for start, _ in tiers[1:]), float("inf")]
        return sum(
            price * max(min(units, end) - start, 0)
            for (start, price), end in zip(tiers, ends, strict=True)
        )


def prices(region: str = HOME) -> Prices:
    """Return the prices of a region, with the price of `HOME` where the file lacks a price."""
    content = _read()
    everywhere, home = content["everywhere"]["usd"], content["regions"][HOME]
    own = content["regions"].get(region, {"as_of": home["as_of"], "usd": {}})
    tiers = {name: _tiers(value) for name, value in (everywhere | home["usd"] | own["usd"]).items()}
    borrowed = home["usd"].keys() - own["usd"].keys()
    return Prices(region, str(own["as_of"]), tiers, frozenset(borrowed))


def usd(name: str) -> float:
    """Return the price of one unit in `HOME` in USD, for a stored unit in USD a month."""
    return prices().usd(name)


def free(name: str) -> float:
    """Return the units that are free for good in each account and month."""
    return float(_read()["free"].get(name, 0))


def plans() -> list[Plan]:
    """Return CloudFront's flat-rate plans, the cheapest first."""
    return [Plan(**each) for each in _read()["cloudfront_plans"]]


def as_of() -> str:
    """Return the month of the prices of `HOME`, such as 2026-11."""
    return prices().as_of


def forget() -> None:
    """Read the file again at the next call, because it was written."""
    _read.cache_clear()


@cache
def _read() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(FILE.read_text())
    return content


def _tiers(value: float | Mapping[str, float]) -> Tiers:
    if isinstance(value, Mapping):
        return tuple(sorted((float(start), float(price)) for start, price in value.items()))
    return ((0.0, float(value)),)
