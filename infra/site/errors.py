"""The errors of publishing the website.

tools.errors.CommandError
├── NotDeleted (1)        S3 reported errors for some keys of a delete
├── NotLive (1)           the files are uploaded, but a page lacks a file that it names
├── NotInvalidated (4)    the files are uploaded, but caches may still hold older files
├── Misconfigured (2)
└── Refused (3)           the live site is unchanged
    └── Conflict (3)      another deployment has written in the meantime
"""

from collections.abc import Iterable

from tools.errors import CommandError, Misconfigured, Refused

__all__ = ["Misconfigured", "Refused"]


class Conflict(Refused):
    """The object to overwrite has changed since this run read it."""


class NotDeleted(CommandError):
    """Per-key errors inside a successful response, which are easy to overlook."""


class NotLive(CommandError):
    """The check at the end has found files missing or changed."""


class NotInvalidated(CommandError):
    """Invalidation failed. Running again finishes it, because the manifest records the paths."""

    exit_status = 4


def itemize(message: str, items: Iterable[str]) -> str:
    """Return the message with one line for each item."""
    return "\n  ".join([message, *items])
