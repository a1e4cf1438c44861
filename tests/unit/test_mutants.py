"""The list of mutants fits the sources. tests/integration/test_mutants.py runs some mutants."""

import ast
import json
from pathlib import Path

import pytest

from tests.mutants.mutant import Mutant, NotApplicable, Sources, load, read_sources
from tools.project import PROJECT

FILES = {Path("a.py"): "x = 1\ny = 1\n", Path("b.ts"): "z < 2"}


@pytest.fixture(scope="module")
def sources() -> Sources:
    return read_sources(PROJECT)


@pytest.mark.parametrize("mutant", load(), ids=lambda mutant: mutant.id)
def test_mutant_applies_once(mutant: Mutant, sources: Sources) -> None:
    file, text = mutant.mutate(sources)
    assert text != sources[file]
    if file.suffix == ".py":
        ast.parse(text)
    assert [path for path in mutant.tests if not (PROJECT / path).exists()] == []


def test_mutant_changes_the_one_place() -> None:
    mutant = Mutant("m", "", "y = 1", "y = 2", ())
    assert mutant.mutate(FILES) == (Path("a.py"), "x = 1\ny = 2\n")


@pytest.mark.parametrize(
    ("before", "said"),
    [("y = 3", "0 times, not once: in no source file"), ("= 1", "2 times, not once: a.py, a.py")],
)
def test_mutant_elsewhere_is_not_applicable(before: str, said: str) -> None:
    with pytest.raises(NotApplicable, match=said):
        Mutant("m", "", before, "", ()).mutate(FILES)


ENTRY = {"id": "m", "why": "w", "before": "b", "after": "a", "tests": ["t"]}


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([ENTRY, ENTRY], "the id m occurs twice"),
        ([{**ENTRY, "test": "t"}], "malformed entry"),
        ([{"id": "m"}], "malformed entry"),
    ],
    ids=["twice", "unknown-key", "missing-key"],
)
def test_malformed_list_is_refused(
    tmp_path: Path, entries: list[dict[str, object]], said: str
) -> None:
    file = tmp_path / "mutants.toml"
    lines = (f"{key} = {json.dumps(value)}" for entry in entries for key, value in entry.items())
    file.write_text("\n".join(lines).replace('id = "m"', '[[mutant]]\nid = "m"'))
    with pytest.raises(NotApplicable, match=said):
        load(file)
