"""The application runs from the zip, with only Lambda's packages."""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from infra.function import dependencies
from infra.release import traffic
from tests.infra.function.lambda_process import Failed, run, runtime_in
from tests.records import record_of
from tests.serving import serving

REQUEST = """
import sys
from types import SimpleNamespace
import app

context = SimpleNamespace(
    function_name="items-prod",
    function_version="1",
    aws_request_id="r-1",
    get_remaining_time_in_millis=lambda: 9000,
)
result = [[app.app(event, context) for event in {events}], "botocore" in sys.modules]
"""
RECORD = record_of(traffic.OWNER, "123", name="myitem", price=Decimal(12345))


OLDER_SDK = Path(__file__).parent / "older_sdk" / "requirements.txt"


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return runtime_in(tmp_path_factory.mktemp("lambda") / "runtime")


@pytest.fixture(scope="module")
def older_runtime() -> Path:
    return dependencies.install(OLDER_SDK)


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory, built: Callable[[str], Path]) -> Path:
    """The package, unpacked."""
    directory = tmp_path_factory.mktemp("task")
    with ZipFile(built("here")) as package:
        package.extractall(directory)
    return directory


class _DynamoDB(BaseHTTPRequestHandler):
    """Has one item, and accepts every write."""

    protocol_version = "HTTP/1.1"
    asked: list[str]

    def do_POST(self) -> None:
        operation = self.headers["X-Amz-Target"].rpartition(".")[2]
        self.asked.append(operation)
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer: dict[str, Any] = {
            "ConsumedCapacity": {"TableName": "items-table", "CapacityUnits": 1.0}
        }
        if operation == "GetItem":
            answer["Item"] = RECORD
        else:
            tag = asked["ExpressionAttributeValues"][":tag"]
            answer["Attributes"] = {**RECORD, "etag": tag}
        self._answer(json.dumps(answer).encode())

    def do_GET(self) -> None:  # only to see whether it is there
        self._answer(b"healthy")

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def dynamodb() -> Iterator[tuple[str, list[str]]]:
    """The address of a DynamoDB, and the operations that it was asked for."""
    asked: list[str] = []
    handler = type("DynamoDB", (_DynamoDB,), {"asked": asked})
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), handler)) as url:
        yield url, asked


# Our own client imports no SDK, so its version makes no difference.
@pytest.mark.parametrize(
    ("client", "sdk"), [("own", "runtime"), ("sdk", "runtime"), ("sdk", "older_runtime")]
)
def test_requests_from_end_to_end(
    request: pytest.FixtureRequest,
    task: Path,
    dynamodb: tuple[str, list[str]],
    sdk: str,
    client: str,
) -> None:
    """With each client, whichever SDK the runtime has."""
    address, asked = dynamodb
    body = json.dumps({"id": "123", "price": 12345, "name": "myitem"})
    events = [traffic.event("PUT", "/items", body=body), traffic.event("GET", "/items", "123")]
    script = REQUEST.format(events=events)
    runtime = request.getfixturevalue(sdk)
    chosen = {"AWS_ENDPOINT_URL_DYNAMODB": address, "DYNAMODB_CLIENT": client}
    outcome = run(task, runtime, script, **chosen)
    answers, imported = outcome["result"]
    assert [answer["statusCode"] for answer in answers] == [201, 200]
    assert json.loads(answers[1]["body"])["price"] == 12345
    assert asked[-2:] == ["UpdateItem", "GetItem"]  # earlier requests may be init's
    assert outcome["compiled"] == []
    assert imported == (client == "sdk")
    assert "the SDK takes over" not in outcome["written"]


def test_unshipped_modules_are_missing(task: Path, runtime: Path) -> None:
    script = """
from importlib.util import find_spec
names = ("chalice", "aws_lambda_powertools", "chalice.cli", "local", "moto", "tests")
result = [name for name in names if find_spec(name)]
"""
    assert run(task, runtime, script)["result"] == ["chalice"]


def test_chalice_commands_variable_fails_closed(task: Path, runtime: Path) -> None:
    """Were it ever set on Lambda, the function would not start, rather than trust a request."""
    with pytest.raises(Failed, match="ModuleNotFoundError: No module named 'local'"):
        run(task, runtime, "import app; result = 0", AWS_CHALICE_CLI_MODE="true")


def test_a_traceback_shows_the_source(task: Path, runtime: Path) -> None:
    script = """
import traceback
from chalicelib import kind
try:
    kind.parse_id("no#such")
except Exception:
    result = traceback.format_exc().splitlines()
"""
    outcome = run(task, runtime, script)
    assert outcome["compiled"] == []
    where = f'  File "{task}/chalicelib/kind.py", line '
    (at,) = [number for number, line in enumerate(outcome["result"]) if line.startswith(where)]
    name = outcome["result"][at].rpartition(" in ")[2]
    line = int(outcome["result"][at].removeprefix(where).partition(",")[0])
    shown = outcome["result"][at + 1].strip()
    source = (task / "chalicelib" / "kind.py").read_text().splitlines()
    assert name == "parse_id"
    assert shown.startswith("raise ")
    assert shown == source[line - 1].strip()
