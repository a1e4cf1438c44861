"""pip, run for environments that are not this process's own."""

import shutil
import subprocess
import sys
from pathlib import Path

from infra.lock import exclusive

_OTHER_FILE = "DO NOT MATCH THE HASHES"


class PipFailed(Exception):
    """The message has what pip said last, or which file is not the one that was pinned."""


def install(python: Path | str, *arguments: str) -> None:
    """Have `python` install what pip's arguments say. Raises `PipFailed`."""
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    result = subprocess.run(  # noqa: S603 - our own interpreter, no shell
        [*command, *arguments], capture_output=True, text=True
    )
    if result.returncode:
        raise PipFailed(_reason(result.stderr.strip().splitlines()))


def install_once(directory: Path, *arguments: str) -> None:
    """Have the packages in `directory`, for this process's Python, unless it is there already.

    Several processes may ask at a time. Raises `PipFailed`.
    """
    with exclusive(directory.parent / "pip.lock"):
        if directory.exists():
            return
        building = directory.with_suffix(".part")
        shutil.rmtree(building, ignore_errors=True)
        install(sys.executable, "--target", str(building), *arguments)
        # Commands, which begin with the path of this very Python.
        shutil.rmtree(building / "bin", ignore_errors=True)
        building.rename(directory)


def _reason(said: list[str]) -> str:
    for number, line in enumerate(said):
        if _OTHER_FILE in line:
            # Then come the package, each hash that would do, and the one that was found.
            details = [each.strip() for each in said[number + 1 :]]
            found = [each for each in details if not each.startswith(("Expected", "or "))]
            return "\n".join(["a package is not what was pinned: its hash differs", *found])
    end = "\n".join(said[-3:])
    return f"pip could not install what is needed; is the network there?\n{end}"
