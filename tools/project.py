"""Where the project is, and how its documents and messages name its interpreter."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent

#: Works when pasted after `make run` or `make .venv/ready`, without activating anything.
PYTHON = ".venv/bin/python"
