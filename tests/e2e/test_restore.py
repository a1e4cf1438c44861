"""Restore a table, switch the API to it, and back, as an on-call engineer does.

The tests use only the commands, in a copy of the project, as one story in the order of this file.
The emulator copies the current items for any moment. It leaves point-in-time recovery off in
CloudFormation's tables, so the tests turn it on.
"""

import json
import re
from collections.abc import Iterator

import httpx
import pytest

from infra.function.policy import function_policy
from tests.e2e.duty import BUCKET, FUNCTION, USER, Duty, on_duty

pytestmark = pytest.mark.in_order

OLD = "2020-01-01T00:00:00.000Z"
ALICE = USER["username"]


@pytest.fixture(scope="module")
def duty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Duty]:
    with on_duty(tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("cloud")) as duty:
        yield duty


@pytest.fixture(scope="module")
def data(duty: Duty) -> dict[str, str]:
    """The outputs of the data stack, as it is before anything is restored."""
    return duty.deploy_data()


@pytest.fixture(scope="module")
def api(duty: Duty, data: dict[str, str]) -> Iterator[httpx.Client]:
    """Return Alice's client. She has an item, and another user has an old item."""
    with duty.client(data) as api:
        api.put("/items", json={"id": "kept", "name": "as it was"}).raise_for_status()
        old = {"id": "somebody#old", "owner": "somebody", "created_at": OLD, "updated_at": OLD}
        duty.cloud.client("dynamodb").put_item(
            TableName=data["TableName"], Item={name: {"S": value} for name, value in old.items()}
        )
        yield api


@pytest.fixture(scope="module")
def restored(duty: Duty, data: dict[str, str], api: httpx.Client) -> str:
    """The name of the restored table, to which the stage is switched but not yet deployed."""
    duty.cloud.client("dynamodb").update_continuous_backups(
        TableName=data["TableName"],
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
    )
    printed = duty.do("-m", "ops", "restore", "--to", "latest", "--switch")
    assert "compared 2 items; 0 were written after" in printed
    # The item that was just written may be younger than the moment, or older on a slow machine.
    assert re.search(r"when ([12]) existed; \1 are restored$", printed, re.MULTILINE)
    found = re.search(r"^restoring \S+ as of \S+ to (\S+)$", printed, re.MULTILINE)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def switched(duty: Duty, api: httpx.Client, restored: str) -> str:
    """Deployed as well. Meanwhile somebody wrote, and the copy can be told from the original."""
    api.put("/items", json={"id": "late", "name": "into the old table"}).raise_for_status()
    dynamodb = duty.cloud.client("dynamodb")
    (key,) = [
        {"id": item["id"]}
        for item in dynamodb.scan(TableName=restored)["Items"]
        if item["id"]["S"].endswith("#kept")
    ]
    dynamodb.update_item(
        TableName=restored,
        Key=key,
        UpdateExpression="SET summary.#name = :name",
        ExpressionAttributeNames={"#name": "name"},
        ExpressionAttributeValues={":name": {"S": "from the copy"}},
    )
    duty.deploy_api()
    return restored


def names(api: httpx.Client) -> dict[str, str]:
    """Alice's items by the list, and each by its id, which must agree."""
    listed = api.get("/items").raise_for_status().json()["items"]
    for item in listed:
        found = api.get(f"/items/{item['id']}").raise_for_status().json()
        assert found["name"] == item["name"]
    return {item["id"]: item["name"] for item in listed}


def test_restore_without_recovery_is_rejected(
    duty: Duty, data: dict[str, str], api: httpx.Client
) -> None:
    result = duty.run("-m", "ops", "restore", "--to", "latest")
    assert result.returncode == 3
    assert result.stderr.startswith(f"error: {data['TableName']} has no point-in-time recovery")
    assert duty.tables() == [data["TableName"]]


def test_the_copy_is_as_well_protected(duty: Duty, data: dict[str, str], restored: str) -> None:
    assert restored.startswith(f"{data['TableName']}-restored-")
    original, copy = duty.table(data["TableName"]), duty.table(restored)
    assert original["DeletionProtectionEnabled"] is copy["DeletionProtectionEnabled"] is True
    backups = duty.cloud.client("dynamodb").describe_continuous_backups(TableName=restored)
    recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"


def test_a_drill_leaves_nothing_behind(duty: Duty, data: dict[str, str], restored: str) -> None:
    before = duty.tables()
    options = ("--source", data["TableName"], "--target", f"{data['TableName']}-restored-drill")
    printed = duty.do("-m", "ops", "restore", "--to", "latest", "--drill", *options)
    assert "-restored-drill: deleted again" in printed
    assert "drill passed" in printed
    assert duty.tables() == before


def test_the_stage_is_told_before_it_is_deployed(duty: Duty, restored: str) -> None:
    config = json.loads((duty.project / ".chalice" / "config.json").read_text())
    assert config["stages"]["dev"]["environment_variables"]["TABLE_NAME"] == restored


def test_once_deployed_the_copy_serves(duty: Duty, api: httpx.Client, switched: str) -> None:
    assert names(api) == {"kept": "from the copy"}
    assert api.put("/items", json={"id": "new", "name": "into the copy"}).status_code == 201
    assert api.delete("/items/new").status_code == 204


def test_rollback_works_after_a_switch(
    duty: Duty, data: dict[str, str], api: httpx.Client, switched: str
) -> None:
    own = duty.table(data["TableName"])["TableArn"]
    copy = duty.table(switched)["TableArn"]
    assert duty.policy() == function_policy(copy, FUNCTION, [own])
    duty.do("-m", "infra", "rollback", "--bucket", BUCKET)
    assert names(api) == {"kept": "as it was", "late": "into the old table"}


@pytest.mark.long  # test_data_deployment_narrows_the_policy is in each run
def test_a_later_deployment_stays_with_the_copy(
    duty: Duty, api: httpx.Client, switched: str
) -> None:
    assert duty.deploy_data()["TableName"] == switched
    duty.deploy_api()
    assert names(api) == {"kept": "from the copy"}
    # From now on, the function may use only the copy.
    assert duty.policy() == function_policy(duty.table(switched)["TableArn"], FUNCTION)


def test_and_back(duty: Duty, data: dict[str, str], api: httpx.Client, switched: str) -> None:
    duty.do("-m", "ops", "switch", "--table", data["TableName"])
    duty.deploy_api()
    assert names(api) == {"kept": "as it was", "late": "into the old table"}
    assert duty.deploy_data()["TableName"] == data["TableName"]
    # The copy still exists.
    assert set(duty.tables()) == {data["TableName"], switched}


@pytest.mark.long  # tests/integration/ops/doctor is in each run
def test_doctor_looks_at_all_of_a_deployed_stage(duty: Duty, switched: str) -> None:
    """Also at the tag that the drill has left."""
    result = duty.run("-m", "ops", "doctor")
    assert result.returncode == 1
    assert "0 unknown of" in result.stderr
    assert "BAD      paging: no stack items-dev-monitoring watches the stage" in result.stdout
    assert "note     requests: no request in 14 days" in result.stdout
    for name in ("version", "Lambda", "recovery", "drill"):
        assert f"ok       {name}: " in result.stdout


def test_person_is_exported_and_forgotten(duty: Duty, api: httpx.Client, switched: str) -> None:
    """After the way back, so that the other table still has copies of her items."""
    file = duty.project / "alice.json"
    duty.do("-m", "ops", "person", ALICE, "--export", str(file))
    exported = json.loads(file.read_text())
    assert exported["user"]["email"] == ALICE
    assert {item["name"] for item in exported["items"]} == {"as it was", "into the old table"}
    printed = duty.do("-m", "ops", "person", ALICE, "--forget", "--confirm", ALICE)
    assert "deleted 2 items" in printed
    assert f"other tables: {switched} is not searched" in printed
    assert names(api) == {}  # by a token from before
    assert duty.run("-m", "ops", "person", ALICE, "--forget").returncode == 2
