"""Ask a person to confirm a deletion by the name of the deleted object."""

import sys


def is_confirmed(name: str, option: str, request: str) -> bool:
    """Return whether `option`, or the person's input at a terminal after `request`, is the name.

    Without a terminal, only `option` counts.
    """
    typed = option
    if not typed and sys.stdin.isatty():
        typed = input(f"{request} ({name}): ")
    return typed == name
