"""Create Python environments, and install locked packages into them.

    python3 -m tools.install run        .venv with the packages that running needs
    python3 -m tools.install develop    .venv with the packages for checks and tests as well

A lock names every package with its hashes, so an installation needs no resolution. uv installs. pip
installs only uv, or everything where uv has no wheel. Run by a Python without any packages.
"""

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

from tools import environment
from tools.command import exit_statuses, run_command
from tools.errors import CommandError, Misconfigured
from tools.lock import exclusive
from tools.progress import Report
from tools.project import PROJECT

UV_LOCK = PROJECT / "tools" / "requirements-uv.txt"
LOCKS = {"run": PROJECT / "requirements-run.txt", "develop": PROJECT / "requirements-dev.txt"}
#: pip's arguments to install exactly a lock, without resolution.
PIP_AS_LOCKED = ("--quiet", "--require-hashes", "--no-deps", "--no-compile")
_WHEELS = "--only-binary=:all:"
_READY = "ready"
_LOCK = PROJECT / ".local" / "install.lock"


class InstallFailed(CommandError):
    """A package was not installed. The message has the installer's reason."""


def prepare(kind: str, directory: Path, report: Report = print) -> bool:
    """Make `directory` the environment for `kind`, a key of `LOCKS`. Return whether it was changed.

    An environment for "develop" serves "run" as well, and keeps its kind. Raises `InstallFailed`.
    """
    marker = directory / _READY
    with exclusive(_LOCK):
        present = marker.read_text().partition(" ")[0] if marker.exists() else ""
        kind = "develop" if present == "develop" else kind
        mark = f"{kind} {_digest(LOCKS[kind], UV_LOCK)}"
        if present and marker.read_text() == mark:
            return False
        report(f"creating {directory.name} with {sys.executable}")
        marker.unlink(missing_ok=True)
        python = create(directory, with_pip=True)
        install_uv(python)
        report(f"installing {len(pins(LOCKS[kind]))} packages into {directory.name}")
        sync(python, LOCKS[kind], UV_LOCK, installer=python)
        _verify(python, LOCKS[kind])
        marker.write_text(mark)
    return True


def prepare_once(parent: Path, name: str, lock: Path, report: Report = print) -> Path:
    """Return an environment in `parent` with the packages of `lock`, created on first use.

    `name` is shown to the developer. Several processes may call this at once. Raises
    `InstallFailed`.
    """
    directory = parent / f"{name.replace(' ', '-')}-{_digest(lock)}"
    with exclusive(_LOCK):
        if not (directory / _READY).exists():
            report(f"installing the {name} (once)")
            python = create(directory, with_pip=False)
            sync(python, lock)
            _verify(python, lock)
            (directory / _READY).touch()
    return directory


def create(directory: Path, *, with_pip: bool) -> Path:
    """Create an empty environment, and return its interpreter. Raises `Misconfigured`."""
    try:
        venv.create(directory, clear=True, symlinks=True, with_pip=with_pip)
    except subprocess.CalledProcessError as error:
        raise Misconfigured(
            "Python's ensurepip is missing: install it (on Debian: apt install python3-venv)"
        ) from error
    return directory / "bin" / "python"


def install_uv(python: Path) -> None:
    """Install uv into the environment of `python`, if there is a wheel of it for this machine."""
    command = _pip(python, "install", *PIP_AS_LOCKED, _WHEELS, "-r", str(UV_LOCK))
    _run(command, python, check=False)


def sync(python: Path, *locks: Path, installer: Path | str = sys.executable) -> None:
    """Install exactly the packages of `locks` into the environment of `python`.

    `installer` is the interpreter whose uv or pip is used. Raises `InstallFailed`.
    """
    target = ("--python", str(python))
    if has_uv(installer):
        command = _uv(installer, "sync", *target, "--require-hashes", *map(str, locks))
        _run(command, installer)
    else:
        # pip can only add: an environment is created anew for each lock.
        files = [argument for lock in locks if lock != UV_LOCK for argument in ("-r", str(lock))]
        _run(_pip(installer, *target, "install", *PIP_AS_LOCKED, *files), installer)


def install_once(
    directory: Path, lock: Path, *, machine: str = "", glibc: int = 0, installer: str = ""
) -> None:
    """Install the packages of `lock` into `directory`, for this Python, unless it exists.

    The packages are for this machine. With `machine` (as `uname -m` prints it), they are wheels for
    Linux with glibc 2.`glibc`. Several processes may call this at once. Raises `InstallFailed`.
    """
    installer = installer or sys.executable
    with exclusive(_LOCK):
        if directory.exists():
            return
        building = directory.with_suffix(".part")
        shutil.rmtree(building, ignore_errors=True)
        arguments = [_WHEELS, "--target", str(building), "-r", str(lock)]
        if has_uv(installer):
            arguments += ["--require-hashes", "--no-deps", "--python", installer]
            arguments += [f"--python-platform={machine}-manylinux_2_{glibc}"] if machine else []
            command = _uv(installer, "install", *arguments)
        else:
            arguments += [*PIP_AS_LOCKED, *(pip_platform(machine, glibc) if machine else [])]
            command = _pip(installer, "install", *arguments)
        _run(command, installer)
        # Commands, which begin with the path of the running Python.
        shutil.rmtree(building / "bin", ignore_errors=True)
        building.rename(directory)


def pip_platform(machine: str, glibc: int) -> list[str]:
    """Return pip's arguments for Linux on `machine` with glibc 2.`glibc`."""
    # pip does not know that a newer system runs packages for an older one.
    systems = [f"manylinux_2_{minor}" for minor in range(glibc, 16, -1)]
    platforms = [f"--platform={system}_{machine}" for system in [*systems, "manylinux2014"]]
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return ["--implementation=cp", f"--python-version={version}", *platforms]


def has_uv(python: Path | str) -> bool:
    """Return whether the environment of `python` has uv."""
    return Path(python).with_name("uv").exists()


# Isolated: otherwise a module of the current directory could be imported instead.
def _uv(python: Path | str, command: str, *arguments: str) -> list[str]:
    return [str(python), "-I", "-m", "uv", "pip", command, *arguments]


def _pip(python: Path | str, *arguments: str) -> list[str]:
    return [str(python), "-I", "-m", "pip", *arguments]


def _run(command: Sequence[str], python: Path | str, *, check: bool = True) -> None:
    # At a terminal, uv shows its progress itself.
    is_shown = sys.stderr.isatty() and check
    result = subprocess.run(  # noqa: S603 - our own arguments, no shell
        command,
        env=environment.for_python(python),
        close_fds=False,  # see tools.lock.exclusive
        stdout=subprocess.PIPE,
        stderr=None if is_shown else subprocess.STDOUT,
        text=True,
    )
    if check and result.returncode:
        reason = "see the output above" if is_shown else _reason(result.stdout)
        raise InstallFailed(f"a package could not be installed: {reason}")


def _reason(output: str) -> str:
    lines = [line.strip() for line in output.strip().splitlines()]
    start = next((n for n, line in enumerate(lines) if line.lower().startswith("error")), 0)
    return "\n".join(lines[start:][:12]) or "the installer printed no reason"


def _verify(python: Path, lock: Path) -> None:
    """Raise `InstallFailed` unless the environment starts and has every package of `lock`."""
    program = (
        "import importlib.metadata as m; [print(d.name, d.version) for d in m.distributions()]"
    )
    result = subprocess.run(  # noqa: S603 - the interpreter that was just created, no shell
        [str(python), "-I", "-c", program], capture_output=True, text=True
    )
    present = {canonical(line) for line in result.stdout.splitlines()}
    if missing := sorted(pins(lock) - present):
        raise InstallFailed(f"{python} cannot import {', '.join(missing)}: {result.stderr.strip()}")


def pins(lock: Path) -> set[str]:
    """Return "name version" of the packages of `lock` that every machine needs (no marker)."""
    lines = (line.rstrip("\\ ") for line in lock.read_text().splitlines())
    return {
        canonical(line.replace("==", " "))
        for line in lines
        if re.fullmatch(r"[\w.-]+(\[[\w,-]+\])?==\S+", line)
    }


def canonical(pin: str) -> str:
    """Return "name version" with the name in its normalized form."""
    name, _, version = pin.partition(" ")
    return f"{re.sub(r'[-_.]+', '-', name.partition('[')[0]).lower()} {version}"


def _digest(*locks: Path) -> str:
    """Return a short name for an environment of this Python with exactly these packages."""
    texts = [sys.version, sys.base_prefix, *(lock.read_text() for lock in locks)]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python3 -m tools.install",
        description=__doc__,
        epilog=exit_statuses(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("kind", choices=LOCKS, help="install this set of packages")
    parser.add_argument(
        "--into",
        type=Path,
        default=PROJECT / ".venv",
        metavar="DIRECTORY",
        help="create the environment in this directory (default: .venv)",
    )
    return parser


def main() -> int:
    """Return the exit status."""
    arguments = parser().parse_args()

    def run() -> None:
        prepare(arguments.kind, arguments.into.absolute(), lambda line: print(line, flush=True))

    return run_command(run, interrupted="interrupted: run the same command again to continue")


if __name__ == "__main__":
    sys.exit(main())
