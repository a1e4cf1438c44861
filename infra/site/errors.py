"""Why a website was not published.

SiteError
├── Misconfigured       usage or configuration: exit status 2
├── Refused             it would do harm: 3; nothing live has been changed
│   └── Conflict        somebody else has written in the meantime
├── NotDeleted          S3 answered some keys of a delete with errors: 1
└── NotInvalidated      the files are there, but caches may still hold older ones: 4
"""

from collections.abc import Sequence


class SiteError(Exception):
    """The message says what is wrong and what to do."""

    exit_status = 1


class Misconfigured(SiteError):
    """Something is missing, or two descriptions of one stage contradict each other."""

    exit_status = 2


class Refused(SiteError):
    """It could be done, and should not be. `details` are lines, one for each file concerned."""

    exit_status = 3

    def __init__(self, message: str, details: Sequence[str] = ()) -> None:
        super().__init__("\n  ".join([message, *details]))
        self.details = tuple(details)


class Conflict(Refused):
    """What we were about to overwrite is no longer what we had seen."""


class NotDeleted(SiteError):
    """Per-key errors inside a successful answer, which are easily overlooked."""


class NotInvalidated(SiteError):
    """Running again finishes: the manifest remembers which paths are to be invalidated."""

    exit_status = 4
