"""Have a person confirm a deletion, by the name of what is deleted."""

import sys


def is_confirmed(name: str, given: str, request: str) -> bool:
    """Return whether `given` is the name, or what the person types at a terminal after `request`.

    Without a terminal, only `given` counts.
    """
    typed = given
    if not typed and sys.stdin.isatty():
        typed = input(f"{request} ({name}): ")
    return typed == name
