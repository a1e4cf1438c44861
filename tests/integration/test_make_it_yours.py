"""Each recipe of docs/make-it-yours.md, applied to a copy of the project."""

import json
from pathlib import Path

import pytest

from tests.recipes import Copy, recipes
from tools.project import PROJECT

RECIPES = recipes()
#: The files that a recipe edits by hand, at most.
MOST_FILES = {
    "Rename the application": 1,
    "Add a field": 3,
    "Add a route": 2,
    "Add a second kind": 3,
}

PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider")


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path / "copy")


def test_document_has_these_recipes() -> None:
    assert RECIPES.keys() == MOST_FILES.keys()


def test_recipes_together_pass_their_tests(copy: Copy) -> None:
    """In the order of the document, so a renamed application has all that the others add."""
    tests = []
    for title, patch in RECIPES.items():
        files = copy.apply(patch)
        assert len(files) <= MOST_FILES[title], title
        tests += [name for name in files if name.startswith("tests/")]
    copy.python("-m", "infra", "documents")
    assert "passed" in copy.python(*PYTEST, "-n", "0", *tests)
    old, new = (
        str(json.loads((directory / ".chalice" / "config.json").read_text())["app_name"])
        for directory in (PROJECT, copy.directory)
    )
    document = json.loads((copy.directory / "docs" / "openapi.json").read_text())
    scopes = {
        scope
        for path in document["paths"].values()
        for operation in path.values()
        for security in operation["security"]
        for scope in security["cognito"]
    }
    assert scopes == {f"{new}/read", f"{new}/write"}
    assert document["info"]["title"] == new.capitalize()
    assert {"/me", "/notes", "/notes/{id}"} <= document["paths"].keys()
    assert "quantity" in document["components"]["schemas"]["ItemSummary"]["properties"]
    assert old not in copy.python("-c", _NAMES)


#: Prints all names that follow the application's name.
_NAMES = """
import json
from pathlib import Path
from chalicelib import auth, errors, observability
from infra.function.template import addition
from infra.stacks.monitoring import parameters
from infra.stage import Stage
stage = Stage.load(Path(), "prod")
print(auth.READ_SCOPE, auth.WRITE_SCOPE, errors.PROBLEM_TYPES, observability.SERVICE)
print(stage.function_name, stage.stack_name("data"), json.dumps(addition(stage)["Parameters"]))
print(json.dumps(parameters(stage, {"TableName": "t"}, {"RestAPIId": "a"}, {})))
"""


def check(copy: Copy) -> None:
    copy.python("-m", "ruff", "check")
    copy.python("-m", "ruff", "format", "--check")
    copy.python("-m", "mypy")
    tests = ("tests/unit", "tests/infra", "tests/integration/test_contract.py")
    copy.python(*PYTEST, "-n", "2", *tests)


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("title", sorted(RECIPES))
def test_recipe_passes_checks_and_fast_tests(copy: Copy, title: str) -> None:
    copy.apply(RECIPES[title])
    copy.python("-m", "infra", "documents")
    check(copy)
