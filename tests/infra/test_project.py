"""Rules of the project as a whole."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from infra.commands import reference
from infra.documents import costs, openapi, page, parameters
from ops.__main__ import COMMANDS
from tests.repository import DOCUMENTS, files
from tools.project import PROJECT, PYTHON, version

SHIPPED = [PROJECT / "app.py", *sorted((PROJECT / "chalicelib").rglob("*.py"))]


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
def test_shipped_code_needs_no_development_code(file: Path) -> None:
    allowed = {"local.chalice_cli.install"} if file.name == "app.py" else set()
    for name in imports(file) - allowed:
        assert not name.startswith(("chalice.test", "chalice.local", "local", "infra", "tests"))


@pytest.mark.parametrize(
    "module", [costs, openapi, page, parameters, reference], ids=lambda module: module.FILE.name
)
def test_generated_files_are_current(module: Any) -> None:
    assert module.FILE.read_text() == module.text(), f"run: {PYTHON} -m infra documents"


def test_variables_are_documented() -> None:
    names = {
        name
        for file in SHIPPED
        for name in re.findall(r'environ(?:ment|\.get)?[(\[]"([A-Z_]+)"', file.read_text())
        + re.findall(r'"([A-Z_]+)" in os\.environ', file.read_text())
    }
    documented = (PROJECT / "docs" / "settings.md").read_text()
    assert {"TABLE_NAME", "USER_POOL_ARN", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_CA_BUNDLE"} <= names
    assert {name for name in names if f"`{name}`" not in documented} == set()


def test_version_is_a_release_of_the_changelog() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", version())
    headings = re.findall(r"^## (\S+)", (PROJECT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert next(each for each in headings if each != "Unreleased") == version()


def test_license_is_the_same_everywhere() -> None:
    name = (PROJECT / "LICENSE").read_text().partition("\n")[0]
    license = json.loads(openapi.FILE.read_text())["info"]["license"]
    assert license["name"] == name
    packages = [file for file in files() if file.endswith("package.json")]
    assert len(packages) > 1
    for file in packages:
        assert json.loads((PROJECT / file).read_text())["license"] == license["identifier"]
    assert f"[{license['identifier']}](LICENSE)" in (PROJECT / "README.md").read_text()


def rows(document: Path) -> list[list[str]]:
    """Return the table rows of a document whose last column names a proof."""
    found: list[list[str]] = []
    proven = False
    for line in document.read_text().splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]] if line.startswith("|") else []
        if proven and cells and not set(cells[0]) <= {"-"}:
            found.append(cells)
        proven = bool(cells) and (proven or cells[-1] == "proven by")
    return found


@pytest.mark.parametrize(("name", "least"), [("docs/practices.md", 20), ("SECURITY.md", 20)])
def test_claims_name_existing_files_and_tests(name: str, least: int) -> None:
    claims = rows(PROJECT / name)
    assert len(claims) >= least
    for claim, _, places, proofs in claims:
        assert re.search(r"`tests/", proofs), claim
        for named in re.findall(r"`([^`]+)`", places + proofs):
            path, _, test = named.partition("::")
            assert (PROJECT / path).is_file(), f"{claim}: there is no {path}"
            assert not test or f"def {test}(" in (PROJECT / path).read_text(), named


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_ops_commands_are_documented(command: str) -> None:
    documents = (PROJECT / "docs").rglob("*.md")
    assert any(f".venv/bin/python -m ops {command}" in each.read_text() for each in documents)


#: A program of the project that is run by an interpreter. `tools.install` runs before there is one.
PROGRAM = re.compile(
    r"([\w./]*python[\d.]*) (?:-m (?:infra|ops|local|serverful|bench|tools)\b|deploy_site\.py)"
)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_commands_can_be_pasted(document: Path) -> None:
    """They work after `make run` although no environment is active."""
    text = document.read_text().replace("python3 -m tools.install", "")
    named = set(PROGRAM.findall(text))
    assert named <= {PYTHON}
    # A block to paste needs Chalice's path, but a sentence needs only its name.
    assert not re.findall(r"^    +chalice .*", text, re.MULTILINE)
    assert not re.findall(r"^    +(?:python3?|pytest|uv) .*", text, re.MULTILINE)


def headings(document: Path) -> set[str]:
    """Return the anchors of a document's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: str(file.relative_to(PROJECT)))
def test_links_lead_to_files_and_headings(document: Path) -> None:
    for link in re.findall(r"\]\((?!https://)([^)]+)\)", document.read_text()):
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        assert target.exists(), link
        assert not anchor or anchor in headings(target), link


def test_many_commands_are_checked() -> None:
    assert sum(len(PROGRAM.findall(file.read_text())) for file in DOCUMENTS) > 60


MESSAGES = [
    file
    for room in ("infra", "ops", "local", "serverful", "tools")
    for file in sorted((PROJECT / room).rglob("*.py"))
]


@pytest.mark.parametrize("file", MESSAGES, ids=lambda file: str(file.relative_to(PROJECT)))
def test_messages_name_complete_commands(file: Path) -> None:
    text = file.read_text().replace("python3 -m tools.install", "").replace("{PYTHON}", PYTHON)
    assert set(PROGRAM.findall(text)) <= {PYTHON}
