"""`.venv/bin/python -m ops person`: export or delete one person's data in a stage."""

import json
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from chalicelib.items import ITEMS
from chalicelib.record import partition
from tests.integration.ops.conftest import EARLIEST, NOW, RESTORED, TABLE, Scene
from tests.integration.ops.formation import POOL, arn
from tests.integration.ops.responses import Responses, denied, failure
from tests.records import record_of
from tools.templates import create_table

ALICE, BOB = "alice@example.com", "bob@example.com"
END = NOW + timedelta(days=300)
POOL_ID = POOL.rpartition("/")[2]
VAULT = "items-dev-1a2b3c4d-aws-key"


SUBS = {ALICE: "a1b2c3d4-0000-4000-8000-000000000001", BOB: "a1b2c3d4-0000-4000-8000-000000000002"}


@dataclass
class Desk:
    """The stage `dev` with users, the items of each on moto, and copies in a vault."""

    scene: Scene
    #: Users by `sub`, as AdminGetUser returns them. It also takes the address.
    directory: dict[str, dict[str, Any]] = field(default_factory=dict)
    responses: Responses = field(default_factory=Responses)

    def run(self, person: str, *options: str) -> int:
        return self.scene.run("person", person, *options)

    def items(self, name: str) -> set[str]:
        stored = self.scene.others.scan(TableName=TABLE)["Items"]
        return {
            item["id"]["S"] for item in stored if item["owner"]["S"] == partition(ITEMS, SUBS[name])
        }

    def calls(self) -> list[str]:
        """Return the operations on users and items that change something, in order."""
        return [name for name in self.scene.operations() if name != "Query"]

    def add(self, email: str, verified: str) -> None:
        sub = SUBS[email]
        attributes = {"sub": sub, "email": email, "email_verified": verified}
        self.directory[sub] = {
            "Username": sub,
            "Enabled": True,
            "UserStatus": "CONFIRMED",
            "UserCreateDate": EARLIEST,
            "UserLastModifiedDate": EARLIEST,
            "UserAttributes": [{"Name": k, "Value": v} for k, v in attributes.items()],
        }
        for number in (1, 2):
            self.put(sub, str(number))

    def put(self, sub: str, id: str) -> None:
        item = record_of(sub, id, name="x", price=Decimal("12345678901234567890.12"))
        self.scene.others.put_item(TableName=TABLE, Item=item)

    def get(self, **request: str) -> Any:
        assert request["UserPoolId"] == POOL_ID
        sub = SUBS.get(request["Username"], request["Username"])
        return self.directory.get(sub) or failure("AdminGetUser", "UserNotFoundException")

    def change(self, operation: str) -> Callable[..., Any]:
        def respond(**request: str) -> Any:
            assert request["UserPoolId"] == POOL_ID
            self.scene.calls.append((operation, request))
            if operation == "AdminDeleteUser":
                del self.directory[request["Username"]]
            return {}

        return respond


def point(number: int) -> dict[str, Any]:
    return {"RecoveryPointArn": f"{arn(TABLE)}/{number}", "BackupVaultName": VAULT}


@pytest.fixture
def desk(empty: Scene) -> Desk:
    desk = Desk(empty)
    desk.add(ALICE, "true")
    desk.add(BOB, "false")
    desk.responses |= {
        "cognito-idp:AdminGetUser": desk.get,
        **{
            f"cognito-idp:{operation}": desk.change(operation)
            for operation in ("AdminDisableUser", "AdminUserGlobalSignOut", "AdminDeleteUser")
        },
        "backup:ListRecoveryPointsByResource": {"RecoveryPoints": [point(1), point(2)]},
        "backup:DescribeRecoveryPoint": lambda **request: {
            "CalculatedLifecycle": {
                "DeleteAt": END if request["RecoveryPointArn"].endswith("/2") else NOW
            }
        },
    }
    usual = empty.client
    empty.client = lambda service, _=None: (
        desk.responses.client(service) if service in ("backup", "cognito-idp") else usual(service)
    )
    return desk


@pytest.mark.parametrize("name", [ALICE, "sub"])
def test_export_has_user_and_items(desk: Desk, tmp_path: Path, name: str) -> None:
    out, sub = tmp_path / "alice.json", SUBS[ALICE]
    assert desk.run(sub if name == "sub" else name, "--export", str(out)) == 0
    content = json.loads(out.read_text())
    assert (content["stage"], content["exported_at"]) == ("dev", "2026-01-31T09:30:00.000Z")
    assert content["user"]["email"] == ALICE
    assert content["user"]["sub"] == sub
    assert {item["id"] for item in content["items"]} == {"1", "2"}
    assert '"price": 12345678901234567890.12' in out.read_text()
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert desk.calls() == []
    assert f"wrote the user and 2 items of {TABLE} to {out}" in desk.scene.lines


def test_export_has_records_the_api_cannot_read(desk: Desk, tmp_path: Path) -> None:
    broken = {**record_of(SUBS[ALICE], "3", name="x"), "summary": {"SS": ["imported"]}}
    desk.scene.others.put_item(TableName=TABLE, Item=broken)
    assert desk.run(ALICE, "--export", str(tmp_path / "alice.json")) == 0
    content = json.loads((tmp_path / "alice.json").read_text())
    assert len(content["items"]) == 3
    assert [item["summary"] for item in content["items"] if "summary" in item] == [["imported"]]


def test_forget_deletes_only_that_person(desk: Desk) -> None:
    assert desk.run(ALICE, "--forget", "--confirm", ALICE) == 0
    assert set(desk.directory) == {SUBS[BOB]}
    assert (len(desk.items(ALICE)), len(desk.items(BOB))) == (0, 2)
    # The user is disabled first, to stop writes, and deleted last, so that a repetition finds it.
    assert desk.calls() == [
        *("AdminDisableUser", "AdminUserGlobalSignOut"),
        *("DeleteItem", "DeleteItem", "AdminDeleteUser"),
    ]


def test_forget_reports_remaining_copies(desk: Desk) -> None:
    create_table(desk.scene.others, RESTORED)
    create_table(desk.scene.others, "items-prod-data-ItemsTable-1")
    assert desk.run(ALICE, "--forget", "--confirm", ALICE) == 0
    sub = SUBS[ALICE]
    assert desk.scene.lines == [
        "account 123456789012, us-east-1, stage dev",
        f"user {ALICE}, {sub}, of {POOL_ID}",
        f"to be deleted: the user and 2 items of {TABLE}",
        "note     point-in-time recovery: the items stay until 2026-03-07T09:30:00.000Z",
        "note     copies: the items stay in 2 copies, until 2026-11-27T09:30:00.000Z",
        f"note     other tables: {RESTORED} is not searched, and stays until it is deleted",
        "deleted 2 items",
        "deleted the user",
        "the user's access token is accepted for up to 15 minutes more; then delete the items that "
        "it has created:",
        f"  .venv/bin/python -m ops person {sub} --stage dev --forget",
    ]


def test_copies_without_an_end_are_named(desk: Desk) -> None:
    desk.responses["backup:DescribeRecoveryPoint"] = {}
    assert desk.run(ALICE, "--forget", "--dry-run") == 0
    assert "note     copies: the items stay in 2 copies, without end" in desk.scene.lines


def test_unreadable_copies_are_unknown(desk: Desk) -> None:
    right = "backup:ListRecoveryPointsByResource"
    desk.responses[right] = denied(right)
    assert desk.run(ALICE, "--forget", "--dry-run") == 0
    assert f"UNKNOWN  copies: AWS denies {right}" in desk.scene.lines


def test_dry_run_deletes_no_data(desk: Desk) -> None:
    assert desk.run(ALICE, "--forget", "--dry-run") == 0
    assert desk.scene.lines[-1] == "no data was deleted"
    assert (desk.calls(), len(desk.items(ALICE))) == ([], 2)


@pytest.mark.parametrize("options", [[], ["--confirm", BOB]])
def test_forget_needs_confirmation(
    desk: Desk, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    assert desk.run(ALICE, "--forget", *options) == 3
    assert f"no data was deleted: confirm with {ALICE}, or pass" in capsys.readouterr().err
    assert (desk.calls(), len(desk.items(ALICE))) == ([], 2)


@pytest.mark.parametrize(("typed", "status"), [(ALICE, 0), ("yes", 3)])
def test_forget_prompts_on_a_terminal(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, typed: str, status: int
) -> None:
    prompts = []

    def type_confirmation(prompt: str) -> str:
        prompts.append(prompt)
        return typed

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", type_confirmation)
    assert desk.run(ALICE, "--forget") == status
    assert prompts == [f"To delete all that, type it again ({ALICE}): "]
    assert (len(desk.directory), len(desk.items(ALICE))) == ((1, 0) if status == 0 else (2, 2))


def test_item_of_a_late_token_is_deleted_by_sub(desk: Desk) -> None:
    assert desk.run(ALICE, "--forget", "--confirm", ALICE) == 0
    sub = SUBS[ALICE]
    desk.put(sub, "late")
    assert desk.run(sub, "--forget", "--confirm", sub) == 0
    assert desk.items(ALICE) == set()
    assert f"{POOL_ID} has no user {sub}, who may have left items" in desk.scene.lines
    assert desk.run(sub, "--forget") == 0
    assert desk.scene.lines[-1] == "no data is left to delete"


def test_item_written_meanwhile_is_deleted(desk: Desk) -> None:
    sub, late = SUBS[ALICE], iter(["late"])

    def write(_: object) -> None:
        for name in late:
            desk.put(sub, name)

    desk.scene.after("DeleteItem", write)
    assert desk.run(ALICE, "--forget", "--confirm", ALICE) == 0
    assert desk.items(ALICE) == set()
    assert "deleted 3 items" in desk.scene.lines


def test_failed_deletion_keeps_the_user(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """Otherwise a repetition would not find the items by the address."""

    def refuse(_: object) -> None:
        raise denied("dynamodb:DeleteItem")

    desk.scene.after("DeleteItem", refuse)
    assert desk.run(ALICE, "--forget", "--confirm", ALICE) == 1
    assert "AWS denies DeleteItem" in capsys.readouterr().err
    assert set(desk.directory) == set(SUBS.values())


def test_unproven_address_is_a_warning(desk: Desk, tmp_path: Path) -> None:
    warning = "warning: this address is not verified"
    assert desk.run(BOB, "--export", str(tmp_path / "bob.json")) == 0
    assert warning in desk.scene.lines
    desk.scene.lines.clear()
    assert desk.run(ALICE, "--export", str(tmp_path / "alice.json")) == 0
    assert warning not in desk.scene.lines


def test_unknown_address_is_an_error(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.run("eve@example.com", "--forget", "--confirm", "eve@example.com") == 2
    assert f"{POOL_ID} has no user eve@example.com; if the" in capsys.readouterr().err


def test_existing_file_is_kept(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "alice.json"
    out.write_text("an older export")
    assert desk.run(ALICE, "--export", str(out)) == 2
    assert out.read_text() == "an older export"
    assert f"{out} cannot be written: File exists; pass another --export" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    [[], ["--export", "x", "--forget"], ["--export", "x", "--dry-run"]],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2(desk: Desk, options: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        desk.run(ALICE, *options)
    assert ended.value.code == 2
    assert desk.calls() == []
