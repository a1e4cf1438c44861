"""Files with personal data."""

import os
from pathlib import Path
from typing import IO

from ops.errors import Misconfigured


def create_file(file: Path, option: str) -> IO[str]:
    """Create a file that only its owner can read. Raises `Misconfigured` if it is there.

    `option` is the option that selects another file.
    """
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        problem = f"{file} cannot be written: {error.strerror}"
        raise Misconfigured(f"{problem}; pass {option}") from error
    return open(descriptor, "w", newline="", encoding="utf-8")
