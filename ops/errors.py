"""What can go wrong, by exit status.

OpsError (1)
├── Differs (1)         a restored table is not what it should be
├── Misconfigured (2)   the stage or the arguments are not right
└── Refused (3)         it could be done, and must not be
"""


class OpsError(Exception):
    """The message says what happened and what to do."""

    exit_status = 1


class Differs(OpsError):
    """A restored table differs from its source in a way that the time between does not explain."""


class Misconfigured(OpsError):
    exit_status = 2


class Refused(OpsError):
    exit_status = 3
