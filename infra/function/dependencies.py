"""What the function needs besides its own code: the packages of requirements.txt.

Only what has one of the hashes that are listed there is installed, and nothing else is pulled in.
"""

import hashlib
import platform
import sys
from pathlib import Path

from infra import pip
from tools.project import PROJECT

_SHARED = PROJECT / ".local" / "shared"
_ONLY_WHAT_IS_LISTED = ("--require-hashes", "--no-deps", "--no-compile")

# Lambda's names of its processors, and Linux's.
_MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
# The C library (glibc 2.x) of the system on which Lambda runs this Python: Amazon Linux 2, and from
# Python 3.12 on Amazon Linux 2023.
_GLIBC = 26 if sys.version_info < (3, 12) else 34
_OLDEST_GLIBC = 17


def installed(requirements: Path, architecture: str = "", shared: Path = _SHARED) -> Path:
    """A directory with the packages, which is installed once and not to be changed.

    For Lambda on `architecture` ("arm64" or "x86_64"), from wheels, whatever this machine is; or
    for this machine, if none is given. Always for this process's version of Python. Raises
    `infra.pip.PipFailed`.
    """
    how = _ONLY_WHAT_IS_LISTED + (for_lambda(architecture) if architecture else ())
    this_build = (requirements.read_text(), sys.version, sys.platform, platform.machine(), *how)
    digest = hashlib.sha256("\0".join(this_build).encode()).hexdigest()[:12]
    directory = shared / f"vendor-{digest}"
    pip.install_once(directory, *how, "-r", str(requirements))
    return directory


def for_lambda(architecture: str) -> tuple[str, ...]:
    """pip's arguments for what runs on Lambda."""
    machine = _MACHINES[architecture]
    # pip takes each as it is, and does not know that a newer system has what older ones have.
    systems = [f"manylinux_2_{glibc}" for glibc in range(_GLIBC, _OLDEST_GLIBC - 1, -1)]
    platforms = [f"--platform={system}_{machine}" for system in [*systems, "manylinux2014"]]
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    only = ("--only-binary=:all:", "--implementation=cp", f"--python-version={python}")
    return (*only, *platforms)
