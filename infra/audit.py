"""Asks whether anything that is installed has a known vulnerability: `make audit`.

    python -m infra.audit

pip-audit is asked about each file of pinned Python packages, npm about each lock file of its own.
Where the services that know cannot be reached, or do not know a package, that is no good news:
it is said, and has a status of its own. What is let pass is in infra/audit.toml.

It is no part of `make check`: its answer changes with the day and not with the code.
"""

import datetime
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from infra import leaks
from tools import node
from tools.project import PROJECT

NPM = ("website/package-lock.json", "bench/lighthouse/package-lock.json")

CLEAN, FOUND, UNASKED = 0, 1, 3

_ACCEPTED = Path("infra") / "audit.toml"
_LONGEST = datetime.timedelta(days=92)
_PATIENCE = 300.0


class Finding(NamedTuple):
    """A vulnerability of a package; `names` are all that it goes by, the first its usual one."""

    package: str
    version: str
    names: tuple[str, ...]
    fixed_in: str


class Answer(NamedTuple):
    """What is known of a lock file's packages; `unasked` says why not all, and is empty if all."""

    file: str
    findings: tuple[Finding, ...]
    unasked: str = ""


class Acceptance(NamedTuple):
    id: str
    package: str
    until: datetime.date
    reason: str

    def covers(self, finding: Finding) -> bool:
        return self.package == finding.package and self.id in finding.names


def acceptances(file: Path, today: datetime.date) -> list[Acceptance]:
    """What is let pass. Raises `ValueError` for one without a reason, or for too long."""
    entries = tomllib.loads(file.read_text()).get("accepted", [])
    found = []
    for entry in entries:
        try:
            each = Acceptance(**entry)
        except TypeError as error:
            raise ValueError(f"{file.name}: {error}") from error
        if type(each.until) is not datetime.date:
            raise ValueError(f"{file.name}: {each.id}: until is not a day")
        if not each.reason.strip():
            raise ValueError(f"{file.name}: {each.id} needs a reason")
        if each.until > today + _LONGEST:
            raise ValueError(f"{file.name}: {each.id} is accepted for more than three months")
        found.append(each)
    return found


def locks(project: Path = PROJECT) -> list[str]:
    """The files of pinned Python packages; requirements.txt is what is shipped."""
    return [
        name
        for name in leaks.files(project)
        if re.fullmatch(r"requirements(-\w+)?\.txt", Path(name).name)
    ]


def python(file: str, project: Path = PROJECT, service: Sequence[str] = ("pypi",)) -> Answer:
    """What pip-audit says of a requirements file; `service` is its `-s` and what belongs to it."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", file, "--disable-pip"]
    said = _json_of(
        [*command, "--format", "json", "--progress-spinner", "off", "-s", *service], project
    )
    if "dependencies" not in said:
        return Answer(file, (), said["message"])
    packages = said["dependencies"]
    findings = tuple(
        Finding(
            package["name"],
            package["version"],
            (known["id"], *known["aliases"]),
            ", ".join(known["fix_versions"]),
        )
        for package in packages
        for known in package.get("vulns", [])
    )
    # pip-audit itself takes it for success when a service knows no package at all.
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if not skipped:
        return Answer(file, findings)
    return Answer(file, findings, f"{len(skipped)} of {len(packages)} are not known to the service")


def npm(file: str, project: Path = PROJECT) -> Answer:
    """What npm says of a lock file of its own."""
    path = os.environ.get("PATH", os.defpath)
    try:
        found = node.find(path, PROJECT / ".local" / "shared", _to_stderr)
    except node.NodeError as error:
        return Answer(file, (), str(error))
    said = _json_of(
        [*found.npm, "audit", "--json", "--package-lock-only"],
        (project / file).parent,
        {"PATH": found.path},
    )
    if "vulnerabilities" not in said:
        return Answer(file, (), said["message"])
    # An entry that only says through which other one it is affected has no advisory of its own.
    findings = {
        Finding(known["name"], known["range"], (known["url"].rpartition("/")[2],), _fix(entry))
        for entry in said["vulnerabilities"].values()
        for known in entry["via"]
        if isinstance(known, dict)
    }
    return Answer(file, tuple(sorted(findings)))


def _fix(entry: Mapping[str, Any]) -> str:
    fix = entry["fixAvailable"]
    if isinstance(fix, dict):
        return f"{fix['name']} {fix['version']}"
    return "npm audit fix" if fix else ""


def _json_of(
    command: Sequence[str], directory: Path, environment: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What a command prints; `{"message"}` if that is nothing. Its status is no help: 1 is both."""
    try:
        result = subprocess.run(  # noqa: S603 - our own arguments, no shell
            command,
            cwd=directory,
            env={**os.environ, **(environment or {})},
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
        )
        said = json.loads(result.stdout)
    except subprocess.TimeoutExpired:
        return {"message": "there was no answer in time"}
    except json.JSONDecodeError:
        lines = result.stderr.strip().splitlines() or ["it said nothing"]
        return {"message": lines[-1][:200]}
    return said if isinstance(said, dict) else {"message": "the answer is not understood"}


def report(
    answers: Sequence[Answer], accepted: Sequence[Acceptance], today: datetime.date
) -> tuple[list[str], int]:
    """The lines that say it, and the exit status."""
    lines, used, status = [], set(), CLEAN
    for file, findings, unasked in answers:
        for finding in findings:
            excuse = next((each for each in accepted if each.covers(finding)), None)
            if excuse:
                used.add(excuse)
            what = f"{file}: {finding.package} {finding.version}: {finding.names[0]}"
            if excuse and today <= excuse.until:
                lines.append(f"{what}, accepted until {excuse.until}: {excuse.reason}")
            else:
                lines.append(f"{what}, fixed in: {finding.fixed_in or 'nothing yet'}")
                status = FOUND
        if unasked:
            lines.append(f"{file}: COULD NOT BE ASKED: {unasked}")
            status = status or UNASKED
        elif not findings:
            lines.append(f"{file}: nothing known")
    if not any(answer.unasked for answer in answers):
        for each in accepted:
            if each not in used:
                lines.append(f"{_ACCEPTED}: {each.id} of {each.package} is found nowhere")
                status = FOUND
    return lines, status


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    """Exits with 0 if nothing is known, 1 if something is, 3 if not all could be asked about."""
    today = datetime.datetime.now(datetime.UTC).date()
    try:
        accepted = acceptances(PROJECT / _ACCEPTED, today)
    except ValueError as error:
        sys.exit(f"error: {error}")
    lines, status = report([*map(python, locks()), *map(npm, NPM)], accepted, today)
    print("\n".join(lines))
    sys.exit(status)


if __name__ == "__main__":
    main()
