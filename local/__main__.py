"""Start a command, with one line instead of a traceback if Ctrl-C comes first."""

import sys

from tools.command import run_command


def _main() -> int:
    # Only here: to import everything takes a second.
    from local.commands import main

    return main()


if __name__ == "__main__":
    sys.exit(run_command(_main))
