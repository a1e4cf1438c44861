"""docs/decisions/chalice.md lists all imports of Chalice."""

import ast
import re
from collections.abc import Iterator

from tests.repository import files
from tools.project import PROJECT

DECISION = PROJECT / "docs" / "decisions" / "chalice.md"


def imported(source: str) -> Iterator[str]:
    """Yield the names that a source imports from Chalice, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.partition(".")[0] == "chalice")
        elif (
            isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "chalice"
        ):
            yield from (f"{node.module}.{a.name}" for a in node.names)


def test_seams_are_those_of_the_decision() -> None:
    rows = re.findall(r"^\| `(\S+\.py)` \| (.+) \|$", DECISION.read_text(), re.MULTILINE)
    listed = {file: sorted(re.findall(r"`([\w.]+)`", names)) for file, names in rows}
    found = {
        name: sorted(set(imported((PROJECT / name).read_text())))
        for name in files()
        if name.endswith(".py") and not name.startswith(("tests/", "bench/"))
    }
    assert {name: names for name, names in found.items() if names} == listed, f"update {DECISION}"


def test_import_of_chalice_is_found() -> None:
    source = "import chalice.local\ndef late():\n    from chalice import Chalice\nimport chalicelib"
    assert sorted(imported(source)) == ["chalice.Chalice", "chalice.local"]
