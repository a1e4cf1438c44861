"""Looks for secrets in what git has or would take; `make check` fails when there is one.

    python -m infra.leaks

detect-secrets does the looking: for the forms of known keys, for names such as `password`, for
strings too random to be words. AWS's own keys we look for as well, because in prose it finds them
between quotation marks only. It does not verify what it finds, for which it would send it to its
issuer. What it finds by mistake is in infra/leaks.toml, by value and with a reason; its own
comments that excuse a line do not count, because they give none.

The history is not looked at. A secret that was ever pushed has to be revoked, not removed.
"""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from detect_secrets.core.scan import scan_file
from detect_secrets.settings import default_settings

from tools.project import PROJECT

_ALLOWED = Path("infra") / "leaks.toml"
_KEY_OF_AWS = re.compile(r"secret_?access_?key\W{1,4}([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])", re.I)
_EXCUSED_LINES = "detect_secrets.filters.allowlist.is_line_allowlisted"


class Finding(NamedTuple):
    """`file` is relative to the project; `kind` is detect-secrets' word for what it looks like."""

    file: str
    line: int
    kind: str
    value: str


def files(project: Path) -> list[str]:
    """What git tracks in `project`, and what it would. Raises `CalledProcessError`."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    result = subprocess.run(  # noqa: S603 - our own arguments, no shell
        command, cwd=project, capture_output=True, text=True, check=True
    )
    names = {name for name in result.stdout.split("\0") if name}
    # A link leads to another file here, or out of the project.
    paths = {name: project / name for name in names}
    return sorted(name for name, path in paths.items() if path.is_file() and not path.is_symlink())


def findings(project: Path) -> Iterator[Finding]:
    """All that looks like a secret, what is allowed included."""
    with default_settings() as settings:
        settings.disable_filters(_EXCUSED_LINES)
        # To it, long numbers are hexadecimal and random; and prices may be long numbers.
        settings.disable_plugins("HexHighEntropyString")
        for name in files(project):
            for found in scan_file(str(project / name)):
                yield Finding(name, found.line_number, found.type, found.secret_value or "")
            yield from _keys_of_aws(name, (project / name).read_bytes().decode(errors="replace"))


def _keys_of_aws(name: str, text: str) -> Iterator[Finding]:
    for number, line in enumerate(text.splitlines(), 1):
        for match in _KEY_OF_AWS.finditer(line):
            yield Finding(name, number, "AWS Access Key", match[1])


def allowed(project: Path) -> dict[str, str]:
    """The values that may be here, and why."""
    entries = tomllib.loads((project / _ALLOWED).read_text()).get("allowed", [])
    return {entry["value"]: entry["reason"] for entry in entries}


def complaints(project: Path) -> list[str]:
    """What is wrong in `project`, a line each, without showing any value that may be a secret."""
    excused = allowed(project)
    found = list(findings(project))
    said = {
        f"{each.file}:{each.line}: looks like a secret ({each.kind})"
        for each in found
        if each.value not in excused
    }
    seen = {each.value for each in found}
    stale = [f"{_ALLOWED}: {value!r} is found nowhere" for value in excused if value not in seen]
    return [*sorted(said), *stale]


def main() -> None:
    """Exits with 1 if there is a complaint, 2 where there is no git to ask."""
    try:
        said = complaints(PROJECT)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"error: what git tracks could not be read: {error}", file=sys.stderr)
        sys.exit(2)
    for line in said:
        print(line)
    if said:
        print("A real one has to be revoked; what is none goes into infra/leaks.toml, and why.")
        sys.exit(1)


if __name__ == "__main__":
    main()
