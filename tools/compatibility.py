"""Check that docs/openapi.json still serves the callers of the last release.

.venv/bin/python -m tools.compatibility    compare it with the last tag `v...`

A change that can break a caller needs a new major version in `VERSION`.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tools.command import exit_statuses, run_command
from tools.errors import CommandError
from tools.openapi_breaks import find_breaks
from tools.project import PROJECT, PYTHON

_DOCUMENT = "docs/openapi.json"


class Broken(CommandError):
    """The document has changes that can break a caller, and the same major version."""


def check(project: Path) -> str:
    """Return the result as a sentence. Raises `Broken`."""
    tag = last_tag(project)
    if tag is None:
        if _git(project, "rev-parse", "--is-shallow-repository") == "true":
            return f"NOT COMPARED: {_DOCUMENT}, because this clone is shallow and has no tag v*"
        return f"not compared: {_DOCUMENT}, because no release has a tag v* yet"
    released = _git(project, "show", f"{tag}:{_DOCUMENT}")
    if released is None:
        raise CommandError(f"{tag} has no {_DOCUMENT}: delete the tag, or restore the file in it")
    old = json.loads(released)
    new = json.loads((project / _DOCUMENT).read_text())
    changes = find_breaks(old, new)
    if changes and _major(new) <= _major(old):
        lines = "\n  ".join(changes)
        raise Broken(
            f"{_DOCUMENT} can break callers of {tag}:\n  {lines}\nrevert it, or set a new major "
            f"version in VERSION and run `{PYTHON} -m infra documents`"
        )
    return f"{_DOCUMENT} compared with {tag}: {len(changes)} changes that break callers"


def last_tag(project: Path) -> str | None:
    """Return the tag of the last release before this commit, `None` without a release."""
    return _git(project, "describe", "--tags", "--abbrev=0", "--match", "v[0-9]*")


def _major(document: dict[str, Any]) -> int:
    return int(document["info"]["version"].partition(".")[0])


def _git(project: Path, *arguments: str) -> str | None:
    """Run git and return its output, `None` if it fails."""
    result = subprocess.run(  # noqa: S603 - our own arguments, no shell
        ["git", *arguments],  # noqa: S607 - the developer's
        cwd=project,
        capture_output=True,
        text=True,
    )
    return None if result.returncode else result.stdout.strip()


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(
        prog=f"{PYTHON} -m tools.compatibility",
        description=__doc__,
        epilog=exit_statuses(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.parse_args()
    return run_command(lambda: print(check(PROJECT)))


if __name__ == "__main__":
    sys.exit(main())
