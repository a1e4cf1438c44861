"""The errors of publishing the website.

tools.errors.CommandError
├── NotDeleted (1)        S3 reported errors for some keys of a delete
├── NotLive (1)           the files are uploaded, but a page lacks a file that it names
├── NotInvalidated (4)    the files are uploaded, but caches may still hold older files
├── Misconfigured (2)
└── Refused (3)           the live site is unchanged
    └── Conflict (3)      another deployment has written in the meantime
"""

from collections.abc import Sequence

from botocore.exceptions import ClientError

from tools import errors
from tools.errors import CommandError, Misconfigured

__all__ = ["Misconfigured"]


class Refused(errors.Refused):
    """The live site is unchanged. `details` are lines, one for each file concerned."""

    def __init__(self, message: str, details: Sequence[str] = ()) -> None:
        super().__init__("\n  ".join([message, *details]))
        self.details = tuple(details)


class Conflict(Refused):
    """The object to overwrite has changed since this run read it."""


class NotDeleted(CommandError):
    """Per-key errors inside a successful response, which are easy to overlook."""


class NotLive(CommandError):
    """The check at the end has found files missing or changed."""


class NotInvalidated(CommandError):
    """Invalidation failed. Running again finishes it, because the manifest records the paths."""

    exit_status = 4


def code_of(error: ClientError) -> str:
    """Return AWS's code of the error."""
    return str(error.response.get("Error", {}).get("Code", ""))
