"""The errors that end a command, by exit status.

CommandError (1)          AWS, the network, an installation or a check failed
├── Misconfigured (2)     the usage, a setting, the credentials or the machine is wrong
├── Refused (3)           the command could do it, but must not
└── Interrupted (130)     Ctrl-C, or a signal that means it

The errors of every package derive from these: `infra.errors`, `infra.site.errors`, `ops.errors`,
`local.home`, `tools.install`, `tools.node`.
"""


class CommandError(Exception):
    """The message has one sentence: the problem, the value, then the command or setting."""

    exit_status = 1


class Misconfigured(CommandError):
    """The same command succeeds after a correction on this machine or of its arguments."""

    exit_status = 2


class Refused(CommandError):
    """The command was refused before any change."""

    exit_status = 3


class Interrupted(CommandError):
    """The message has the command or step that continues."""

    exit_status = 130
