"""Start a command, with one line instead of a traceback if Ctrl-C comes first."""

import sys


def main() -> int:
    """Return the exit status: 0 done, 1 failed, 2 usage, 130 interrupted."""
    try:
        # Only here: to import everything takes a second.
        from local.commands import main

        return main()
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
