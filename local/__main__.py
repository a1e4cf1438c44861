"""Start a command, with one line instead of a traceback if Ctrl-C comes first."""

import sys

from tools.errors import Interrupted


def main() -> int:
    """Return the exit status."""
    try:
        # Imported only here, because it takes a second.
        from local.commands import main
    except KeyboardInterrupt:
        print("error: interrupted: run the same command again", file=sys.stderr)
        return Interrupted.exit_status
    return main()


if __name__ == "__main__":
    sys.exit(main())
