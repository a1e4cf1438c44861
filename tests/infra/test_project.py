"""Rules of the project as a whole."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra import openapi, parameters
from infra.stage import PROJECT

SHIPPED = [PROJECT / "app.py", *sorted((PROJECT / "chalicelib").glob("*.py"))]


def imports(file: Path) -> set[str]:
    """The modules that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_what_is_shipped_needs_no_development_code(file: Path) -> None:
    allowed = {"local.gateway.install"} if file.name == "app.py" else set()
    for name in imports(file) - allowed:
        assert not name.startswith(("chalice.test", "chalice.local", "local", "infra", "tests"))


@pytest.mark.parametrize("module", [openapi, parameters], ids=lambda module: module.FILE.name)
def test_what_is_generated_is_current(module: Any) -> None:
    assert module.FILE.read_text() == module.text(), "run: python -m infra documents"


@pytest.mark.parametrize("command", ["infra", "local", "ops"])
def test_commands_explain_themselves(command: str) -> None:
    result = subprocess.run(
        [sys.executable, "-m", command, "--help"], cwd=PROJECT, capture_output=True, text=True
    )
    assert result.returncode == 0
    assert "usage: python -m" in result.stdout


def test_the_local_clouds_stage_is_not_for_aws() -> None:
    command = [sys.executable, "-m", "infra", "data", "--stage", "local"]
    result = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert result.returncode == 2
    assert "make run" in result.stderr


def test_every_variable_the_application_reads_is_documented() -> None:
    names = {
        name
        for file in SHIPPED
        for name in re.findall(r'environ(?:\.get\(|\[)"([A-Z_]+)"', file.read_text())
        + re.findall(r'"([A-Z_]+)" in os\.environ', file.read_text())
    }
    documented = (PROJECT / "docs" / "settings.md").read_text()
    assert {"TABLE_NAME", "USER_POOL_ARN"} <= names
    assert {name for name in names if f"`{name}`" not in documented} == set()


def test_the_practices_are_where_they_are_said_to_be() -> None:
    text = (PROJECT / "docs" / "practices.md").read_text()
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("| ")][1:]
    assert len(rows) >= 20
    for practice, _, places, proofs in rows:
        named = re.findall(r"`([^`]+)`", places + proofs)
        assert re.search(r"`tests/", proofs), practice
        for name in named:
            path, _, test = name.partition("::")
            assert (PROJECT / path).is_file(), f"{practice}: there is no {path}"
            assert not test or f"def {test}(" in (PROJECT / path).read_text(), name
