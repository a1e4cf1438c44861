"""How commands report progress."""

from collections.abc import Callable

#: Shows a line of progress.
Report = Callable[[str], None]


def silent(_line: str) -> None:
    """Show nothing."""
