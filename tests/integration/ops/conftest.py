"""A stage on moto: a table with items, a small data stack, and a clock that does not wait."""

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

from infra.function.policy import point_at_data
from infra.stage import Stage
from ops.__main__ import main
from ops.recovery import text_of
from ops.tools import Tools
from tests.aws import mock_aws
from tests.clients import with_own_events
from tests.integration.ops.formation import Formation
from tools.templates import create_table

NOW = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
EARLIEST, LATEST = NOW - timedelta(days=35), NOW - timedelta(minutes=5)
TABLE = "items-dev-data-ItemsTable-1"
# One session for all tests, so that botocore's models are read once.
SESSION = boto3.Session(region_name="us-east-1")
create_client = cache(lambda service: SESSION.client(service))
#: The operation that restores.
RESTORE = "RestoreTableToPointInTime"
RESTORED = f"{TABLE}-restored-20260131T093000"


def record(id: str, at: datetime = EARLIEST, **more: str) -> dict[str, dict[str, str]]:
    """Return a stored item that was written at this time."""
    when = text_of(at)
    values = {"id": id, "owner": "alice", "created_at": when, "updated_at": when, **more}
    return {name: {"S": value} for name, value in values.items()}


@dataclass
class Scene:
    """The stage `dev`. `calls` are the requests that change something, in order."""

    project: Path
    client: Callable[..., Any]
    formation: Formation
    #: DynamoDB for other writers, whose calls are not in `calls`.
    others: Any
    now: datetime = NOW
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    def run(self, *arguments: str) -> int:
        """Run `.venv/bin/python -m ops`, with `--stage dev` unless the arguments have a stage."""
        stage = [] if "--stage" in arguments else ["--stage", "dev"]
        tools = Tools(
            self.client,
            self.lines.append,
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
        """Call `change` with each response of the operation."""
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
        variables: dict[str, str] = config["stages"]["dev"]["environment_variables"]
        return variables

    def policy(self) -> Any:
        return json.loads((self.project / ".chalice" / "policy-dev.json").read_text())

    def operations(self) -> list[str]:
        return [name for name, _ in self.calls]

    def requests(self, operation: str) -> list[dict[str, Any]]:
        return [parameters for name, parameters in self.calls if name == operation]


_READS = ("Describe", "List", "Get", "BatchGet", "Scan")


def write_config(project: Path) -> None:
    """Write the configuration of a project's stages."""
    config = {
        "app_name": "items",
        "stages": {
            name: {"iam_policy_file": f"policy-{name}.json"} for name in ("local", "dev", "prod")
        },
    }
    (project / ".chalice").mkdir()
    (project / ".chalice" / "config.json").write_text(json.dumps(config))


def record_chalice_deployment(project: Path) -> None:
    """Write the file that `chalice deploy` leaves for stage `dev`."""
    file = project / ".chalice" / "deployed" / "dev.json"
    file.parent.mkdir()
    file.write_text('{"resources": [{"resource_type": "rest_api", "rest_api_id": "abc"}]}')


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
    """Yield a stage whose table has no items, and has point-in-time recovery."""
    with mock_aws():
        client = cache(lambda service: with_own_events(create_client(service)))
        calls: list[tuple[str, dict[str, Any]]] = []
        formation = Formation(
            "items-dev-data", TABLE, lambda request: calls.append(("UpdateStack", request))
        )
        scene = Scene(
            project,
            lambda name, _=None: formation if name == "cloudformation" else client(name),
            formation,
            create_client("dynamodb"),
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

        def record_call(params: dict[str, Any], model: Any, **_: Any) -> None:
            if not model.name.startswith(_READS):
                calls.append((model.name, params))

        def add_window(parsed: dict[str, Any]) -> None:
            window = parsed["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
            if window["PointInTimeRecoveryStatus"] == "ENABLED":
                window.update(EarliestRestorableDateTime=EARLIEST, LatestRestorableDateTime=LATEST)

        def set_moment(parsed: dict[str, Any]) -> None:
            # moto reports the time of the call as the restored moment.
            parsed["TableDescription"]["RestoreSummary"]["RestoreDateTime"] = LATEST

        for service in ("dynamodb", "cloudwatch", "application-autoscaling"):
            scene.client(service).meta.events.register("provide-client-params", record_call)
        scene.after("DescribeContinuousBackups", add_window)
        scene.after(RESTORE, set_moment)
        yield scene
