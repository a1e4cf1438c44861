"""The packages of requirements.txt, installed for the function by their hashes."""

import hashlib
import platform
import sys
from pathlib import Path

from tools.install import install_once
from tools.project import PROJECT

_SHARED = PROJECT / ".local" / "shared"

# Lambda's names of its processors, and Linux's names.
_MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
# The minor version of glibc to build for, at most the runtime's: Amazon Linux 2 has 2.26, and
# Amazon Linux 2023, under Python 3.12 and later, has 2.34. uv supports 2.17 and 2.34.
GLIBC = 17 if sys.version_info < (3, 12) else 34


def install(requirements: Path, architecture: str = "", shared: Path = _SHARED) -> Path:
    """Install the packages once, and return their directory, which must not be changed.

    With `architecture` ("arm64" or "x86_64"), the packages are wheels for Lambda, on any machine.
    Without it, they are for this machine. They are always for this process's Python version.
    Raises `tools.install.InstallFailed`.
    """
    machine = _MACHINES[architecture] if architecture else ""
    build = (requirements.read_text(), sys.version, sys.platform, platform.machine(), machine)
    digest = hashlib.sha256("\0".join(build).encode()).hexdigest()[:12]
    directory = shared / f"vendor-{digest}"
    install_once(directory, requirements, machine=machine, glibc=GLIBC)
    return directory
