"""Packages are pinned and run no install scripts, and silenced checks have reasons."""

import io
import json
import os
import re
import subprocess
import tokenize
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.repository import files
from tools.project import PROJECT

LOCKED = [name for name in files() if re.search(r"requirements[\w-]*\.in$", name)]
NPM_LOCKS = [name for name in files() if Path(name).name == "package-lock.json"]
#: Comments that silence a check, and those of them that name it and say why.
SUPPRESSION = re.compile(r"#\s*(noqa|type:\s*ignore|nosec|pragma:|pylint:|mypy:|ruff:)", re.I)
EXPLAINED = re.compile(
    r"# (noqa: [A-Z]+\d+(, [A-Z]+\d+)* - \w.{3,}|type: ignore\[[a-z-]+\] # \w.{3,})"
)
PAGE_SUPPRESSION = re.compile(r"biome-ignore|@ts-(ignore|expect-error|nocheck)|eslint-disable")
PAGE_EXPLAINED = re.compile(r"biome-ignore lint/\w+/\w+: \w.{3,}|@ts-expect-error \w.{3,}")


def pins(text: str) -> dict[str, tuple[Requirement, list[str]]]:
    """Each requirement of a file that pip-compile wrote, with its hashes, by name and marker."""
    found = {}
    for entry in text.replace("\\\n", " ").splitlines():
        if entry and not entry.startswith("#"):
            requirement, *hashes = re.split(r"\s+--hash=", entry.strip())
            parsed = Requirement(requirement)
            found[f"{parsed.name}{parsed.marker or ''}"] = (parsed, hashes)
    return found


def wanted(file: Path) -> set[str]:
    """Return the names in an .in file, including the names of `-r other.txt`."""
    names: set[str] = set()
    for line in file.read_text().splitlines():
        if line.startswith("-r "):
            names |= {each.name for each, _ in pins((file.parent / line[3:]).read_text()).values()}
        elif line and not line.startswith(("#", "-c ")):
            names.add(Requirement(line).name)
    return {canonicalize_name(name) for name in names}


@pytest.mark.parametrize("name", LOCKED)
def test_python_packages_are_pinned_by_hash(name: str) -> None:
    source = PROJECT / name
    locked = pins(source.with_suffix(".txt").read_text())
    for requirement, hashes in locked.values():
        assert [each.operator for each in requirement.specifier] == ["=="], requirement
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in hashes), requirement
    assert wanted(source) <= {canonicalize_name(each.name) for each, _ in locked.values()}


@pytest.mark.parametrize("name", LOCKED)
def test_locks_name_no_registry(name: str) -> None:
    text = (PROJECT / name).with_suffix(".txt").read_text()
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host| @ ", text)


def recipe(target: str) -> str:
    """Return the commands that `make` would run."""
    command = ["make", "--dry-run", target]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout


def test_every_file_of_pins_is_locked_and_audited() -> None:
    least = {
        "requirements.in",
        "requirements-run.in",
        "requirements-dev.in",
        "local/requirements.in",
    }
    assert least < set(LOCKED)
    locked = recipe("lock")
    [names] = re.findall(r"for name in (.*); do", locked)
    assert names.split()[0] == "requirements"
    assert sorted(f"{name}.in" for name in names.split()) == LOCKED
    assert "--generate-hashes" in locked
    audited, npm_audited = re.findall(r"for lock in (.*); do", recipe("audit"))
    assert sorted(name.replace(".txt", ".in") for name in audited.split()) == LOCKED
    assert npm_audited.split() == NPM_LOCKS
    assert len(NPM_LOCKS) > 1


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [
        ("requirements.txt", "requirements-run.txt"),
        ("requirements-run.txt", "requirements-dev.txt"),
    ],
)
def test_larger_lock_has_versions_of_the_smaller(smaller: str, larger: str) -> None:
    pinned, all_pinned = (
        {(each.name, str(each.specifier), *hashes) for each, hashes in pins(text).values()}
        for text in ((PROJECT / name).read_text() for name in (smaller, larger))
    )
    assert pinned < all_pinned


@pytest.mark.parametrize("name", NPM_LOCKS)
def test_npm_packages_are_pinned_without_scripts(
    name: str,
) -> None:
    packages = json.loads((PROJECT / name).read_text())["packages"]
    del packages[""]
    assert len(packages) > 50
    for path, package in packages.items():
        assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", package["integrity"]), path
        assert "resolved" not in package, path
        assert "hasInstallScript" not in package, path


def test_npm_runs_no_scripts_of_packages() -> None:
    assert "ignore-scripts=true" in (PROJECT / "website" / ".npmrc").read_text().splitlines()


@pytest.mark.parametrize(
    ("python", "npm", "error"),
    [
        ("requirements", "", "Unable to connect to proxy"),
        ("", "bench/lighthouse/package-lock.json", "audit endpoint returned an error"),
    ],
)
def test_audit_without_its_services_fails(python: str, npm: str, error: str) -> None:
    dead = dict.fromkeys(["HTTP_PROXY", "HTTPS_PROXY", "https_proxy"], "http://127.0.0.1:9")
    result = subprocess.run(
        ["make", "audit", "INSTALL=true", f"LOCKS={python}", f"NPM_LOCKS={npm}"],
        cwd=PROJECT,
        env={**os.environ, **dead, "npm_config_fetch_retries": "0"},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 2
    assert error in result.stderr


def test_unknown_package_fails_the_audit() -> None:
    """pip-audit calls it clean otherwise: "No known vulnerabilities found", status 0."""
    assert "pip-audit --strict " in recipe("audit")


def suppressions() -> list[tuple[str, str, re.Pattern[str]]]:
    """Return each silenced check: its place, its comment, and the required form."""
    found = []
    for name in files():
        file = PROJECT / name
        if file.suffix == ".py":
            text = file.read_text()
            if not SUPPRESSION.search(text):
                continue
            for token in tokenize.generate_tokens(io.StringIO(text).readline):
                if token.type == tokenize.COMMENT and (match := SUPPRESSION.search(token.string)):
                    said = token.string[match.start() :]
                    above = text.splitlines()[token.start[0] - 2].strip()
                    if token.string.startswith("# mypy: ") and above.startswith("# "):
                        continue  # for a whole file, and therefore a line of its own
                    found.append((f"{name}:{token.start[0]}", said, EXPLAINED))
        elif file.suffix in (".ts", ".mjs", ".js", ".css", ".html"):
            for number, line in enumerate(file.read_text().splitlines(), 1):
                if match := PAGE_SUPPRESSION.search(line):
                    found.append((f"{name}:{number}", line[match.start() :], PAGE_EXPLAINED))
    return found


def test_silenced_check_has_code_and_reason() -> None:
    found = suppressions()
    assert len(found) > 10
    assert [(where, said) for where, said, form in found if not form.match(said)] == []


@pytest.mark.parametrize(
    ("comment", "explained"),
    [
        ("# noqa", False),
        ("# noqa: S603", False),
        ("# noqa: S603 - ", False),
        ("# noqa: S603 - our own arguments, no shell", True),
        ("# type: ignore", False),
        ("# type: ignore[misc]", False),
        ("# type: ignore[misc] # botocore is untyped", True),
        ("# nosec", False),
        ("#noqa:S105", False),
    ],
)
def test_accepted_reasons(comment: str, explained: bool) -> None:
    assert SUPPRESSION.match(comment)
    assert bool(EXPLAINED.match(comment)) is explained


def test_audit_runs_on_lock_changes() -> None:
    text = (PROJECT / ".github" / "workflows" / "audit.yml").read_text()
    paths = re.findall(r"^      - (?!run|uses)\"?([\w*/.-]+)\"?$", text, re.MULTILINE)
    for file in [*(name.replace(".in", ".txt") for name in LOCKED), *NPM_LOCKS, "Makefile"]:
        assert any(Path("/", file).match(path) for path in paths), file
    assert "schedule:" in text
