"""No code path scans the table, also after lost responses."""

import ast
from contextlib import suppress
from pathlib import Path

import pytest

from chalicelib.errors import ApiError
from chalicelib.items import ITEMS
from chalicelib.listing import ListQuery
from chalicelib.preconditions import Preconditions
from tests.integration.examples import ANYWAY, OWNER, soon, when
from tests.integration.network import LOST, Fault
from tests.integration.scene import Scene
from tools.project import PROJECT

CODE = [PROJECT / "app.py", *sorted((PROJECT / "chalicelib").rglob("*.py"))]


@pytest.mark.pairs
@pytest.mark.parametrize("asked", [ANYWAY, when(if_match="*"), when(if_match='"x"')], ids=str)
@pytest.mark.parametrize("fault", LOST, ids=str)
def test_no_lost_answer_leads_to_a_scan(scene: Scene, asked: Preconditions, fault: Fault) -> None:
    scene.begin()
    sent = set()
    for call in (
        lambda: scene.put(asked),
        lambda: scene.ours.get(ITEMS, OWNER, scene.id, soon()),
        lambda: scene.ours.list(ITEMS, OWNER, ListQuery(), soon()),
        lambda: scene.delete(asked),
    ):
        scene.network.faults[:] = [fault]
        with suppress(ApiError):
            call()
        sent.update(scene.network.sent)
    assert sent == {"UpdateItem", "GetItem", "Query", "DeleteItem"}


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.name)
def test_no_code_names_a_scan(path: Path) -> None:
    named = set()
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Attribute(attr=name) | ast.Name(id=name) | ast.Constant(value=str(name)):
                named.add(name.lower())
    # The last two are PartiQL, of which a SELECT without the key is a scan.
    assert named.isdisjoint({"scan", "executestatement", "execute_statement"})
    assert named
