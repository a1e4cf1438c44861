"""The project's root directory."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
