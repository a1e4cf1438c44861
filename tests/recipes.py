"""The recipes of docs/make-it-yours.md: patches, applied to a copy of the project."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from chalicelib.config import app_name
from tests import repository
from tools.project import PROJECT

DOCUMENT = PROJECT / "docs" / "make-it-yours.md"
_NAME = f'-  "app_name": "{app_name()}"'
_SECTION = re.compile(r"^## (?P<title>.+?)\n(?P<text>.*?)(?=^## |\Z)", re.M | re.S)
_PATCH = re.compile(r"^```diff\n(?P<patch>.*?)^```$", re.M | re.S)


def recipes() -> dict[str, str]:
    """Return the patch of each section that has one. A renamed copy has its own name in them."""
    return {
        section["title"]: match["patch"].replace('-  "app_name": "items"', _NAME)
        for section in _SECTION.finditer(DOCUMENT.read_text())
        if (match := _PATCH.search(section["text"]))
    }


class Copy:
    """A copy of the files that git tracks, which uses the packages of this project."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        for name in repository.files():
            target = directory / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, target)
        # Checks read the repository's files from git.
        self.run("git", "init", "-q")

    def apply(self, patch: str) -> list[str]:
        """Apply a patch, and return the files that it changes. Fails if it does not fit."""
        file = self.directory.parent / "recipe.patch"
        file.write_text(patch)
        self.run("git", "apply", "--whitespace=error", str(file))
        return re.findall(r"^\+\+\+ b/(.+)$", patch, re.M)

    def python(self, *arguments: str) -> str:
        """Run Python in the copy, and return the output. Fails unless it exits with 0."""
        return self.run(sys.executable, *arguments)

    def run(self, *command: str) -> str:
        result = subprocess.run(
            command, cwd=self.directory, capture_output=True, text=True, timeout=900
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout
