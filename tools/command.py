"""Run a command of the project: its errors become one sentence and an exit status.

Every program of the project exits by `run_command`. Uses the standard library only, because
`tools.install` runs before any package is installed.
"""

import argparse
import errno
import sys
from collections.abc import Callable, Mapping
from typing import Protocol

from tools import lock
from tools.errors import CommandError, Interrupted, Misconfigured

#: The exit statuses that all programs share.
STATUSES = {
    0: "done",
    1: "failed: AWS, the network, an installation or a check",
    2: "wrong usage or configuration, such as a setting, a region, credentials or a missing stack",
    3: "refused: the command could do it, but must not",
    130: "interrupted",
}

#: Returns our error for another library's error, `None` for an unknown error.
Explain = Callable[[Exception], CommandError | None]

_NOT_PERMITTED = (errno.EACCES, errno.EPERM, errno.EROFS)


class Configurable(Protocol):
    """A command: a module or an object. Its docstring is its help, the first line the summary."""

    __doc__: str | None

    def configure(self, parser: argparse.ArgumentParser) -> None: ...


class Command(Configurable, Protocol):
    """A command that needs only its arguments."""

    def run(self, arguments: argparse.Namespace) -> int | None: ...


def add_commands(parser: argparse.ArgumentParser, commands: Mapping[str, Configurable]) -> None:
    """Add each command's own parser. Parsing sets `command` and its `usage_error`."""
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command in commands.items():
        about = (command.__doc__ or "").strip()
        summary = about.partition("\n")[0].rstrip(".")
        own = subparsers.add_parser(
            name,
            help=summary[:1].lower() + summary[1:],
            description=about,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.configure(own)
        own.set_defaults(command=command, usage_error=own.error)


def exit_statuses(more: Mapping[int, str] | None = None) -> str:
    """Return the exit statuses as the end of a program's help."""
    statuses = {**STATUSES, **(more or {})}
    lines = [f"  {status:<4} {meaning}" for status, meaning in sorted(statuses.items())]
    return "\n".join(["exit status:", *lines])


def run_command(
    run: Callable[[], int | None],
    *,
    interrupted: str = "interrupted: run the same command again",
    explain: Explain = lambda _: None,
) -> int:
    """Call `run` and return the exit status: its result, 0 for `None`, or its error's status.

    An error is printed as one sentence on standard error, `interrupted` after Ctrl-C. `explain`
    is called before `explanation`. An error that both do not know is a bug, and propagates.
    """
    try:
        _require_posix()
        return run() or 0
    except KeyboardInterrupt:
        failure: CommandError = Interrupted(interrupted)
    except Exception as error:
        known = explain(error) or explanation(error)
        if known is None:
            raise
        failure = known
    print(f"error: {failure}", file=sys.stderr)
    return failure.exit_status


def explanation(error: Exception) -> CommandError | None:
    """Return `error` as a `CommandError` with its remedy, `None` if it is a bug."""
    if isinstance(error, CommandError):
        return error
    if isinstance(error, OSError):
        return _of_system(error)
    # Without botocore in this process, the error cannot be botocore's.
    botocore = sys.modules.get("botocore.exceptions")
    if botocore and isinstance(error, (botocore.BotoCoreError, botocore.ClientError)):
        from tools import aws_errors

        return aws_errors.explain(error)
    return None


def _of_system(error: OSError) -> CommandError:
    if error.filename is None:
        return CommandError(str(error))
    reason = f"{error.filename} cannot be used: {error.strerror}"
    if error.errno in _NOT_PERMITTED:
        return Misconfigured(f"{reason}: change its owner or mode (`ls -ld` shows them)")
    return Misconfigured(reason)


def _require_posix() -> None:
    """Raise `Misconfigured` on native Windows, where processes cannot share a lock."""
    if not lock.AVAILABLE:
        raise Misconfigured(
            "this needs Linux or macOS: on Windows, run it inside WSL (wsl --install)"
        )
