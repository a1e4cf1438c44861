"""The kinds of resources that the application has."""

from importlib import import_module
from typing import Any

from chalicelib.kind import Kind


def kinds() -> list[Kind[Any]]:
    """Return the kinds that app.py imports, for which it has routes."""
    return [value for value in vars(import_module("app")).values() if isinstance(value, Kind)]
