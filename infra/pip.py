"""pip, run for environments that are not this process's own."""

import subprocess
from pathlib import Path


class PipFailed(Exception):
    """The message has the end of what pip said."""


def install(python: Path | str, *arguments: str) -> None:
    """Have `python` install what pip's arguments say. Raises `PipFailed`."""
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    result = subprocess.run(  # noqa: S603 - our own interpreter, no shell
        [*command, *arguments], capture_output=True, text=True
    )
    if result.returncode:
        said = "\n".join(result.stderr.strip().splitlines()[-3:])
        raise PipFailed(f"pip could not install what is needed; is the network there?\n{said}")
