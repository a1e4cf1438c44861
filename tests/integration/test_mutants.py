"""The runner of mutants, in a project with one function, one test, and a red test."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.mutants.__main__ import main

SIGN = """
def sign(number):
    if number < 0:
        return -1
    return 1 if number > 0 else 0
"""
TEST = """
from sign import sign

def test_sign():
    assert sign(5) == 1
"""

# By the id of the mutant: `before`, `after`.
CAUGHT = ("number > 0", "number > 9")
SURVIVED = ("number < 0", "number < -9")
# No test runs, so the fault is not caught.
NOT_IMPORTED = ("def sign", "def (")
GONE = ("number > 1", "number > 9")
TWICE = ("return", "yield")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "test_sign.py").write_text(TEST)
    (tests / "test_red.py").write_text("def test_red():\n    assert False\n")
    (tmp_path / "sign.py").write_text(SIGN)
    (tmp_path / "conftest.py").touch()  # by which pytest finds the module
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    return tmp_path


def mutants(project: Path, test: str = "test_sign.py", **faults: tuple[str, str]) -> Path:
    """Write a list and return its path."""
    lines: list[str] = []
    for id, (before, after) in faults.items():
        entry = {"id": id, "why": "", "before": before, "after": after, "tests": [f"tests/{test}"]}
        lines += ["[[mutant]]", *(f"{key} = {json.dumps(entry[key])}" for key in entry)]
    file = project / "mutants.toml"
    file.write_text("\n".join(lines))
    return file


@pytest.mark.long
def test_each_outcome_is_reported(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = mutants(
        project,
        caught=CAUGHT,
        survived=SURVIVED,
        not_imported=NOT_IMPORTED,
        gone=GONE,
        twice=TWICE,
    )
    assert main([], project, file) == 2
    said = capsys.readouterr().out
    outcomes = {line[16:].split()[0]: line[:16].strip() for line in said.splitlines() if line[16:]}
    assert outcomes["gone"] == outcomes["twice"] == "not applicable"
    assert outcomes["survived"] == outcomes["not_imported"] == "survived"
    assert outcomes["caught"] == "caught"
    assert "tests/test_sign.py::test_sign" in said
    assert said.splitlines()[-1] == "1 caught, 2 survived, 2 not applicable"
    assert (project / "sign.py").read_text() == SIGN


@pytest.mark.long
@pytest.mark.parametrize(
    ("fault", "status"),
    [pytest.param(CAUGHT, 0, id="caught"), pytest.param(SURVIVED, 1, id="survived")],
)
def test_exit_status_follows_outcome(project: Path, fault: tuple[str, str], status: int) -> None:
    assert main([], project, mutants(project, fault=fault)) == status


def test_red_tests_catch_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], project, mutants(project, "test_red.py", caught=CAUGHT)) == 2
    said = capsys.readouterr().out
    assert "without a mutant: tests/test_red.py::test_red" in said
    assert said.splitlines()[-1] == "0 caught, 0 survived, 1 not applicable"


def test_missing_tests_catch_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], project, mutants(project, "test_gone.py", caught=CAUGHT)) == 2
    assert "missing tests: tests/test_gone.py" in capsys.readouterr().out


def test_only_with_unknown_id_exits_2(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "caught", "x"], project, mutants(project, caught=CAUGHT)) == 2
    assert "unknown mutants: x; run with --list" in capsys.readouterr().err


def test_list_shows_where_each_applies(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"], project, mutants(project, caught=CAUGHT)) == 0
    assert "sign.py | tests/test_sign.py" in capsys.readouterr().out
    assert main(["--list"], project, mutants(project, gone=GONE)) == 2
