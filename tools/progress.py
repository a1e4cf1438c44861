"""The progress reports of commands."""

from collections.abc import Callable

#: Shows a line of progress.
Report = Callable[[str], None]


def silent(_line: str) -> None:
    """Ignore the line."""
