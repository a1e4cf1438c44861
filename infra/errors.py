"""The errors of a deployment.

tools.errors.CommandError
├── DeploymentFailed (1)        AWS or the packaging failed
├── Misconfigured (2)           a setting is wrong, or a stack is missing
│   └── UnknownStage (2)        .chalice/config.json has no such stage
└── Refused (3)
    ├── NoEarlierVersion (3)    there is no version to roll back to
    ├── OlderSource (3)         the source is older than the released source
    ├── Overtaken (3)           another person has changed it meanwhile
    └── Unconfirmed (3)         the stage's name was not repeated
"""

from tools.errors import CommandError, Misconfigured, Refused

__all__ = [
    "DeploymentFailed",
    "Misconfigured",
    "NoEarlierVersion",
    "OlderSource",
    "Overtaken",
    "Refused",
    "Unconfirmed",
    "UnknownStage",
]


class DeploymentFailed(CommandError):
    """A stack differs from its template. The message has the resource and AWS's reason."""


class UnknownStage(Misconfigured):
    """`.chalice/config.json` lacks the stage, or a file in `.chalice/` is missing or not JSON."""


class NoEarlierVersion(Refused):
    """There is no version to roll back to. The message lists the versions."""


class OlderSource(Refused):
    """The commit is older than the last released commit. The message names both commits."""


class Overtaken(Refused):
    """Another person has changed the same resource meanwhile."""


class Unconfirmed(Refused):
    """The stage's name was not repeated, so its stacks are unchanged."""
