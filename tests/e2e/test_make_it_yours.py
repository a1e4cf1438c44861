"""The recipes of docs/make-it-yours.md on a deployed stage that holds items."""

import inspect
import subprocess
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.e2e.duty import Duty, on_duty
from tests.recipes import recipes
from tests.unit import test_kind

pytestmark = [pytest.mark.in_order, pytest.mark.long]

SHIPPED = ("--include=app.py", "--include=chalicelib/*")
#: A kind with a field of every type, and a route that keeps it.
THINGS = f"""
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
import msgspec
from msgspec import UNSET, Meta, UnsetType
from chalicelib.kind import Kind, Resource

{inspect.getsource(test_kind.Size)}

{inspect.getsource(test_kind.ThingInput)}

THINGS = Kind("things", "thing", ThingInput, details=["sizes", "more", "raw"])
"""
ROUTES = """

@app.route("/things", methods=["PUT"], authorizer=auth.writers, content_types=["application/json"])
def put_thing() -> Response:
    return _put(THINGS)


@app.route("/things/{id}", methods=["GET"], authorizer=auth.readers, content_types=ANY)
def get_thing(id: str) -> Response:
    return _get(THINGS, id)
"""


@pytest.fixture(scope="module")
def duty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Duty]:
    with on_duty(tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("cloud")) as duty:
        yield duty


@pytest.fixture(scope="module")
def data(duty: Duty) -> dict[str, str]:
    return duty.deploy_data()


@pytest.fixture(scope="module")
def api(duty: Duty, data: dict[str, str]) -> Iterator[httpx.Client]:
    with duty.client(data) as api:
        api.put("/items", json={"id": "old", "name": "old"}).raise_for_status()
        yield api


@pytest.fixture(scope="module")
def changed(duty: Duty, data: dict[str, str], api: httpx.Client) -> dict[str, Any]:
    """Apply all recipes and add a kind of every type. Return the table as it was before."""
    before = duty.table(data["TableName"])
    for title, patch in recipes().items():
        if title != "Rename the application":
            subprocess.run(
                ["git", "apply", *SHIPPED], cwd=duty.project, input=patch, text=True, check=True
            )
    (duty.project / "chalicelib" / "things.py").write_text(THINGS)
    app = duty.project / "app.py"
    imported, routes, rest = app.read_text().partition("\n\ndef _list(")
    app.write_text(
        imported.replace(
            "from chalicelib.table", "from chalicelib.things import THINGS\nfrom chalicelib.table"
        )
        + ROUTES
        + routes
        + rest
    )
    assert duty.deploy_data() == data
    # The emulator replaces a REST API whose routes change.
    api.base_url = duty.url_of(duty.deploy_api())
    return before


def test_table_and_index_are_not_replaced(
    duty: Duty, data: dict[str, str], changed: dict[str, Any]
) -> None:
    after = duty.table(data["TableName"])
    for name in ("TableId", "TableArn", "CreationDateTime", "KeySchema"):
        assert after[name] == changed[name]
    (before,), (index,) = changed["GlobalSecondaryIndexes"], after["GlobalSecondaryIndexes"]
    for name in ("KeySchema", "Projection"):
        assert index[name] == before[name]


def test_new_field_works_beside_old_items(api: httpx.Client, changed: dict[str, Any]) -> None:
    assert api.get("/items/old").raise_for_status().json()["name"] == "old"
    api.put("/items", json={"id": "new", "name": "new", "quantity": 12}).raise_for_status()
    listed = api.get("/items").raise_for_status().json()["items"]
    assert {item["id"]: item.get("quantity") for item in listed} == {"old": None, "new": 12}
    api.put("/items", json={"id": "old", "name": "old", "quantity": 1}).raise_for_status()
    assert api.get("/items/old").json()["quantity"] == 1


def test_new_route_and_new_kind_respond(api: httpx.Client, changed: dict[str, Any]) -> None:
    assert api.get("/me").raise_for_status().json()["id"]
    note = api.put("/notes", json={"id": "old", "text": "milk", "done": True})
    assert (note.status_code, note.json()["done"]) == (201, True)
    assert [each["id"] for each in api.get("/notes").json()["items"]] == ["old"]


@pytest.mark.parametrize("name", test_kind.VALUES)
def test_field_of_every_type_is_stored(
    api: httpx.Client, changed: dict[str, Any], name: str
) -> None:
    body = test_kind.written({"id": name, "text": "x", name: test_kind.VALUES[name]})
    headers = {"Content-Type": "application/json"}
    put = api.put("/things", content=body, headers=headers)
    assert put.status_code == 201, put.text
    read = api.get(f"/things/{name}").raise_for_status()
    assert test_kind.read(read.text)[name] == test_kind.VALUES[name]
