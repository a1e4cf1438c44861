"""`.venv/bin/python -m ops users`: the users of a stage in a file."""

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import Stubber

from tests.integration.ops.conftest import SESSION, Scene
from tests.integration.ops.formation import POOL


def user(address: str, verified: str = "true") -> dict[str, Any]:
    attributes = {"sub": f"sub of {address.lower()}", "email": address, "email_verified": verified}
    return {"Attributes": [{"Name": name, "Value": value} for name, value in attributes.items()]}


@pytest.fixture
def pool(scene: Scene) -> Iterator[Stubber]:
    """Yield the stub of the stage's pool, on two pages. One address is not verified."""
    usual, cognito = scene.client, SESSION.client("cognito-idp")
    scene.client = lambda service, _=None: cognito if service == "cognito-idp" else usual(service)
    pages = [
        {"Users": [user("Bob@example.com"), user("eve@example.com", "false")]},
        {"Users": [user("alice@example.com")]},
    ]
    request = {"UserPoolId": POOL.rpartition("/")[2]}
    with Stubber(cognito) as stubber:
        stubber.add_response("list_users", {**pages[0], "PaginationToken": "2"}, request)
        stubber.add_response("list_users", pages[1], {**request, "PaginationToken": "2"})
        yield stubber


@pytest.mark.usefixtures("pool")
def test_verified_users_are_in_a_private_file(scene: Scene, tmp_path: Path) -> None:
    out = tmp_path / "users.csv"
    assert scene.run("users", "--out", str(out)) == 0
    assert out.read_text().splitlines() == [
        "sub,email",
        "sub of alice@example.com,alice@example.com",
        "sub of bob@example.com,bob@example.com",
    ]
    assert "left out 1 without a verified address" in scene.lines
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


@pytest.mark.usefixtures("pool")
def test_existing_file_is_kept(
    scene: Scene, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "users.csv"
    out.write_text("the last export")
    assert scene.run("users", "--out", str(out)) == 2
    assert out.read_text() == "the last export"
    assert f"{out} cannot be written: File exists; pass --out" in capsys.readouterr().err
