"""The errors of the on-call commands.

tools.errors.CommandError
├── OpsError (1)        a step failed
│   ├── Differs (1)     a restored table differs from its source
│   ├── Unhealthy (1)   a finding is bad
│   └── Unreadable (1)  AWS did not give a check its data
├── Misconfigured (2)
├── Refused (3)
└── Interrupted (130)
"""

from tools.errors import CommandError, Interrupted, Misconfigured, Refused

__all__ = [
    "Differs",
    "Interrupted",
    "Misconfigured",
    "OpsError",
    "Refused",
    "Unhealthy",
    "Unreadable",
]


class OpsError(CommandError):
    """A step failed. The message has the command that continues or repairs."""


class Differs(OpsError):
    """A restored table differs from its source in a way that the time between does not explain."""


class Unhealthy(OpsError):
    """A finding is bad, or with --strict unknown."""


class Unreadable(OpsError):
    """AWS responded, but without the data that a check needs."""
