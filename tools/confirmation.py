"""Ask a person to confirm a deletion by the name of the deleted object."""

import sys


def is_confirmed(name: str, given: str, request: str) -> bool:
    """Return whether `given`, or the person's input at a terminal after `request`, is the name.

    Without a terminal, only `given` counts.
    """
    typed = given
    if not typed and sys.stdin.isatty():
        typed = input(f"{request} ({name}): ")
    return typed == name
