"""AWS's list prices, from one dated file."""

import json
from functools import cache
from typing import Any

from tools.project import PROJECT

FILE = PROJECT / "tools" / "prices.json"


@cache
def _read() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text())
    return found


def usd(name: str) -> float:
    """Return the price in USD for one unit of what the name says, a month where it is kept."""
    return float(_read()["usd"][name])


def free(name: str) -> float:
    """Return the units that are free for good in each account and month."""
    return float(_read()["free"].get(name, 0))


def as_of() -> str:
    """Return the month of the prices, such as 2026-11."""
    return str(_read()["as_of"])
