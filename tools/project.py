"""The project's directory, its version, and the interpreter's path in documents and messages."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent

#: Works when pasted after `make run` or `make .venv/ready`, without activating anything.
PYTHON = ".venv/bin/python"


def version() -> str:
    """Return the version of the project, which `VERSION` has: `major.minor.patch`."""
    return (PROJECT / "VERSION").read_text().strip()
