"""Trials: tests run in a copy of the project, with or without a fault."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mutants.mutant import Change, tracked
from tools import node

#: Seconds for each path of a run's tests.
LIMIT = 600
_GRACE = 30

_PYTEST = [
    *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
    # A hang is no failed test, so `LIMIT` ends it and not pytest-timeout.
    "--timeout=0",
    # The same examples in every run, without deadlines that fail on a slow computer.
    "--hypothesis-profile=ci",
    # Half of pytest's start, for the tests of the API's contract alone.
    *("-p", "no:schemathesis"),
]
_WEBSITE = "website/"
# By the module itself, so that moving it cannot leave this behind.
_VITEST = [sys.executable, "-m", node.__name__, "test", "--"]

# Installed or downloaded once, and used by every copy.
_SHARED = (Path(".local/shared"), Path("website/node_modules"))

# Requires a test's own name behind the file's: a file that cannot be imported catches no fault.
_FAILED = re.compile(r"^\s*(?:FAILED|ERROR|FAIL)\s+(\S+?(?:::| > ).*?)(?: - .*)?$", re.MULTILINE)


@dataclass(frozen=True)
class Trial:
    """The result of one run. `failed` names the tests that failed, by path from the project.

    `note` says why there is no verdict, as after a timeout or a failed import, and is empty
    otherwise.
    """

    failed: tuple[str, ...]
    note: str
    seconds: float


def run(project: Path, tests: Sequence[str], change: Change | None = None) -> Trial:
    """Run the tests in a copy of the project. With a `change`, stop at the first failure.

    All tests are for one runner: vitest for tests in `website`, otherwise pytest. Stops the run
    after `LIMIT` seconds for each path.
    """
    limit = LIMIT * len(tests)
    with TemporaryDirectory(prefix="mutant-") as scratch:
        copy = Path(scratch) / "project"
        _copy(project, copy)
        if change:
            (copy / change[0]).write_text(change[1])
        began = time.monotonic()
        status, output = _run(_command(tests, first=change is not None), copy, limit)
        seconds = time.monotonic() - began
    root = _WEBSITE if is_for_vitest(tests[0]) else ""
    failed = tuple(dict.fromkeys(f"{root}{name}" for name in _FAILED.findall(output)))
    if status == 0:
        return Trial((), "", seconds)
    if status == 1 and failed:
        return Trial(failed, "", seconds)
    if status is None:
        return Trial((), f"no verdict within {limit} s", seconds)
    last = "\n".join(output.strip().splitlines()[-5:])
    return Trial((), f"no verdict, exit status {status}:\n{last}", seconds)


def _copy(project: Path, copy: Path) -> None:
    for file in tracked(project):
        (copy / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(project / file, copy / file)
    for directory in _SHARED:
        if (project / directory).exists():
            (copy / directory).parent.mkdir(parents=True, exist_ok=True)
            (copy / directory).symlink_to((project / directory).resolve())


def is_for_vitest(test: str) -> bool:
    return test.startswith(_WEBSITE)


def _command(tests: Sequence[str], first: bool) -> list[str]:
    if is_for_vitest(tests[0]):
        names = [name.removeprefix(_WEBSITE) for name in tests]
        return [*_VITEST, *(["--bail=1"] if first else []), *names]
    return [*_PYTEST, *(["-x"] if first else []), *tests]


def _run(command: list[str], directory: Path, limit: int) -> tuple[int | None, str]:
    """Return the exit status, None after a timeout, and the output."""
    process = subprocess.Popen(
        command,
        cwd=directory,
        env={**os.environ, "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        output, _ = process.communicate(timeout=limit)
        return process.returncode, output
    except subprocess.TimeoutExpired:
        # An interrupt, because pytest then stops the servers that its fixtures have started.
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=_GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        return None, ""
