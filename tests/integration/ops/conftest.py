"""A stage on moto: a table with items, its data stack in small, a clock nobody waits for."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.function.policy import point_at_data
from infra.stage import Stage
from ops.__main__ import main
from ops.recovery import text_of
from ops.tools import Tools
from tests.integration.ops.formation import Formation
from tools.templates import create_table

NOW = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
EARLIEST, LATEST = NOW - timedelta(days=35), NOW - timedelta(minutes=5)
TABLE = "items-dev-data-ItemsTable-1"
# One for all, so that what botocore knows of the services is read once.
SESSION = boto3.Session(region_name="us-east-1")
RESTORED = f"{TABLE}-restored-20260131T093000"


def record(id: str, at: datetime = EARLIEST, **more: str) -> dict[str, dict[str, str]]:
    """An item as it is stored, written at that time."""
    when = text_of(at)
    values = {"id": id, "owner": "alice", "created_at": when, "updated_at": when, **more}
    return {name: {"S": value} for name, value in values.items()}


@dataclass
class Scene:
    """The stage `dev`. `calls` are the requests that change something, in order."""

    project: Path
    client: Callable[..., Any]
    formation: Formation
    #: DynamoDB as somebody else uses it: nothing of that is in `calls`.
    others: Any
    now: datetime = NOW
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    def run(self, *arguments: str) -> int:
        """`.venv/bin/python -m ops`, with the arguments; a restore also has `--stage dev`."""
        stage = [] if "--stage" in arguments else ["--stage", "dev"]
        tools = Tools(
            self.client,
            self.said.append,
            lambda: self.now,
            self._sleep,
            random.Random(1),  # noqa: S311 - a sample
            self.project,
        )
        return main([arguments[0], *stage, *arguments[1:]], tools)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)

    def after(self, operation: str, change: Callable[[dict[str, Any]], object]) -> None:
        """Have something happen between AWS's answer and ours."""
        self.client("dynamodb").meta.events.register(
            f"after-call.dynamodb.{operation}", lambda parsed, **_: change(parsed)
        )

    def put(self, id: str, table: str = TABLE, *, at: datetime = EARLIEST, **more: str) -> None:
        self.others.put_item(TableName=table, Item=record(id, at, **more))

    def delete(self, id: str, table: str) -> None:
        self.others.delete_item(TableName=table, Key={"id": {"S": id}})

    def tables(self) -> list[str]:
        names: list[str] = self.others.list_tables()["TableNames"]
        return names

    def variables(self) -> dict[str, str]:
        config = json.loads((self.project / ".chalice" / "config.json").read_text())
        found: dict[str, str] = config["stages"]["dev"]["environment_variables"]
        return found

    def policy(self) -> Any:
        return json.loads((self.project / ".chalice" / "policy-dev.json").read_text())

    def operations(self) -> list[str]:
        return [name for name, _ in self.calls]


_READS = ("Describe", "List", "Get", "BatchGet", "Scan")


def write_config(project: Path) -> None:
    """Write a project's stages."""
    config = {
        "app_name": "items",
        "stages": {
            name: {"iam_policy_file": f"policy-{name}.json"} for name in ("local", "dev", "prod")
        },
    }
    (project / ".chalice").mkdir()
    (project / ".chalice" / "config.json").write_text(json.dumps(config))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_config(tmp_path)
    return tmp_path


@pytest.fixture
def count() -> int:
    """Return the number of items in the table. A module may need more."""
    return 12


@pytest.fixture
def scene(empty: Scene, count: int) -> Scene:
    """Return a stage with `count` items that are older than the earliest restorable time."""
    puts = [{"PutRequest": {"Item": record(f"alice#{n}", name="x")}} for n in range(count)]
    for start in range(0, count, 25):
        empty.others.batch_write_item(RequestItems={TABLE: puts[start : start + 25]})
    return empty


@pytest.fixture
def empty(project: Path) -> Iterator[Scene]:
    """A table without items, whose point-in-time recovery is on."""
    with mock_aws():
        client = cache(lambda service: SESSION.client(service))
        calls: list[tuple[str, dict[str, Any]]] = []
        formation = Formation(
            "items-dev-data", TABLE, lambda request: calls.append(("UpdateStack", request))
        )
        scene = Scene(
            project,
            lambda name: formation if name == "cloudformation" else client(name),
            formation,
            SESSION.client("dynamodb"),
            calls=calls,
        )
        dynamodb = scene.others
        create_table(dynamodb, TABLE)
        dynamodb.update_continuous_backups(
            TableName=TABLE,
            PointInTimeRecoverySpecification={
                "PointInTimeRecoveryEnabled": True,
                "RecoveryPeriodInDays": 35,
            },
        )
        point_at_data(Stage.load(project, "dev"), formation.outputs())

        def note(params: dict[str, Any], model: Any, **_: Any) -> None:
            if not model.name.startswith(_READS):
                calls.append((model.name, params))

        def window(parsed: dict[str, Any]) -> None:
            found = parsed["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
            if found["PointInTimeRecoveryStatus"] == "ENABLED":
                found.update(EarliestRestorableDateTime=EARLIEST, LatestRestorableDateTime=LATEST)

        def restored(parsed: dict[str, Any]) -> None:
            # moto calls the moment of the call the restored one.
            parsed["TableDescription"]["RestoreSummary"]["RestoreDateTime"] = LATEST

        for service in ("dynamodb", "cloudwatch", "application-autoscaling"):
            scene.client(service).meta.events.register("provide-client-params", note)
        scene.after("DescribeContinuousBackups", window)
        scene.after("RestoreTableToPointInTime", restored)
        yield scene
