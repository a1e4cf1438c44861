"""Check the Python runtime and the source of a release before any change."""

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from infra.errors import Misconfigured, OlderSource
from infra.release.history import Entry
from infra.stage import Stage
from tools.progress import Report

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

#: The end of Lambda's support of a runtime ("deprecation date").
#: Source: "Lambda runtimes" in AWS's developer guide, as of November 2026.
END_OF_SUPPORT = {
    "python3.11": date(2027, 6, 30),
    "python3.12": date(2028, 10, 31),
    "python3.13": date(2029, 6, 30),
}
_NOTICE = timedelta(days=365)
# Lambda's name of the runtime for which this Python packages.
_RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"


class Source(NamedTuple):
    """The released commit and its time in seconds since 1970, "" and 0 if unknown."""

    commit: str = ""
    committed_at: int = 0


def check_runtime(
    stage: Stage,
    functions: "LambdaClient",
    report: Report,
    *,
    change: bool = False,
    packaged: str = _RUNTIME,
    today: date | None = None,
) -> None:
    """Raise `Misconfigured` if the deployed function has another runtime than `packaged`.

    Chalice packages for the Python that runs it, so another laptop would change the runtime
    unintentionally. `change` allows it.
    """
    try:
        configuration = functions.get_function_configuration(FunctionName=stage.function_name)
        deployed: str = configuration["Runtime"]
    except functions.exceptions.ResourceNotFoundException:
        deployed = packaged
    if deployed != packaged and not change:
        raise Misconfigured(
            f"stage {stage.name} runs on {deployed}, but this release is packaged for {packaged}: "
            f"run `make clean` and pass PYTHON={deployed}, or pass --change-runtime"
        )
    end = END_OF_SUPPORT.get(packaged)
    if end and end - (today or date.today()) < _NOTICE:  # noqa: DTZ011 - a day, anywhere
        report(
            f"warning: Lambda's support of {packaged} ends on {end}: set PYTHON to a newer version"
        )


def source(project: Path) -> Source:
    """Return the commit of the work tree, unknown if it is changed or in no repository."""
    command = ["git", "-C", str(project)]
    changed = _output([*command, "status", "--porcelain", "--untracked-files=no"])
    commit_line = _output([*command, "show", "--no-patch", "--format=%H %ct", "HEAD"])
    if changed is None or not commit_line:
        return Source()
    commit, _, seconds = commit_line.partition(" ")
    return Source(commit, int(seconds))


def check_source(released: Source, entries: list[Entry], *, older: bool = False) -> None:
    """Raise `OlderSource` if the source is older than the last released source.

    The check compares commit times, because a pipeline's clone lacks the history. `older` allows
    an older source.
    """
    last = next((each for each in reversed(entries) if each.committed_at), None)
    if last is None or not released.commit or older or released.commit == last.commit:
        return
    if released.committed_at < last.committed_at:
        raise OlderSource(
            f"commit {released.commit[:12]} is older than {last.commit[:12]}, which was released "
            f"at {last.at}: check out the newer commit, or pass --older"
        )


def _output(command: list[str]) -> str | None:
    try:
        result = subprocess.run(command, capture_output=True, text=True)  # noqa: S603 - git, no shell
    except OSError:
        return None
    return result.stdout.strip() if result.returncode == 0 else None
