"""The client of the package, which reads less and does less, against the SDK's ordinary one."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import ClientError, NoRegionError
from botocore.loaders import Loader
from botocore.session import get_session

from chalicelib import client, table
from infra.function import sdk_data
from tests.unit.stub import Stub, running

# All of them, but for those that only stand for a partition as a whole.
REGIONS = [
    region
    for partition in Loader().load_data("partitions")["partitions"]
    for region in partition["regions"]
    if not region.endswith("-global")
]

KEY = {"id": {"S": "a#1"}}
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "GetItem": ("get_item", {"Key": KEY, "ConsistentRead": True}),
    "DeleteItem": (
        "delete_item",
        {"Key": KEY, "ConditionExpression": "attempt = :a", "ExpressionAttributeValues": {}},
    ),
    "Query": ("query", {"IndexName": "by_owner", "KeyConditionExpression": "o = :o", "Limit": 5}),
    "UpdateItem": (
        "update_item",
        {"Key": KEY, "UpdateExpression": "SET n = :n", "ReturnValues": "ALL_NEW"},
    ),
}


@pytest.fixture
def stub() -> Iterator[Stub]:
    with running() as stub:
        yield stub


Make = Callable[..., Any]


@pytest.fixture(scope="module")
def small_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("package") / "sdk_data"
    sdk_data.write(directory)
    return directory


@pytest.fixture
def with_less(small_data: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Makes clients as the package's are."""

    def make(**parameters: Any) -> Any:
        with monkeypatch.context() as patch:
            patch.setattr(client, "_SDK_DATA", str(small_data))
            return client.make_client(**parameters)

    return make


def ordinary(**parameters: Any) -> Any:
    """The SDK's client as it comes, but for its retries."""
    config = Config(retries={"total_max_attempts": 1})
    return get_session().create_client("dynamodb", config=config, **parameters)


def test_it_reads_the_packages_data_and_nothing_else(with_less: Make) -> None:
    assert not Path(client._SDK_DATA).exists()
    less = with_less(region_name="us-east-1")
    assert sorted(less.meta.service_model.operation_names) == sorted(sdk_data.OPERATIONS)
    elsewhere = client.make_client(region_name="us-east-1")
    assert len(elsewhere.meta.service_model.operation_names) > 40


def test_without_what_the_sdk_wants_it_reads_the_sdks_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(client, "_SDK_DATA", str(tmp_path))
    made = client.make_client(region_name="us-east-1")
    assert len(made.meta.service_model.operation_names) > 40
    written = json.loads(capsys.readouterr().out)
    assert written["level"] == "WARNING"
    assert written["exception_name"] == "DataNotFoundError"
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(NoRegionError):  # wrong with either
        client.make_client()


def test_these_are_the_operations_in_use() -> None:
    used = set(re.findall(r"self\._client\.(\w+)", Path(table.__file__).read_text()))
    assert used - {"close"} == {name for name, _ in CALLS.values()}
    assert set(CALLS) == set(sdk_data.OPERATIONS)


def test_these_are_all_regions() -> None:
    assert len(REGIONS) > 30
    assert {"us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1"} < set(REGIONS)


@pytest.mark.parametrize("region", REGIONS)
def test_it_finds_the_same_endpoint(with_less: Make, region: str) -> None:
    """As the SDK's rules have it; nothing is sent."""
    found: list[str] = []

    def answer(request: Any, **_: Any) -> AWSResponse:
        found.append(request.url)
        return AWSResponse(request.url, 200, HTTPHeaders(), Nothing())

    for make in (with_less, ordinary):
        made = make(region_name=region)
        made.meta.events.register("before-send.dynamodb", answer)
        made.get_item(TableName="t", Key=KEY)
    assert found[0] == found[1]
    assert found[0].startswith("https://")
    assert region in found[0]


PARAMETERS = dict(CALLS.values())
CONDITION_FAILED = "ConditionalCheckFailedException"


class Nothing:
    """A body, as the SDK reads it."""

    def stream(self) -> Iterator[bytes]:
        yield b"{}"


@pytest.mark.parametrize("operation", sorted(CALLS))
def test_it_sends_the_same(stub: Stub, with_less: Make, operation: str) -> None:
    name, parameters = CALLS[operation]
    for make in (with_less, ordinary):
        getattr(make(endpoint_url=stub.url), name)(TableName="t", **parameters)
    (_, headers, body), (_, theirs, their_body) = stub.requests
    assert body == their_body
    # New each time; what the SDK says of itself and its retries, which are off.
    others = {"Authorization", "X-Amz-Date", "User-Agent", "amz-sdk-invocation-id"}
    others |= {"amz-sdk-request"}
    assert headers.keys() | others == theirs.keys() | others
    for name in headers.keys() - others:
        assert headers[name] == theirs[name], name
    assert headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=")
    assert re.fullmatch(r"Botocore/[0-9.]+ items", headers["User-Agent"])


@pytest.mark.parametrize(
    ("operation", "status", "answer"),
    [
        ("get_item", 200, {"Item": {"n": {"N": "1.50"}, "s": {"S": "\u00e9"}}}),
        ("update_item", 200, {"Attributes": {"n": {"N": "1.50"}}}),
        ("query", 200, {"Items": [{"s": {"S": "a"}}, {}], "LastEvaluatedKey": {"a": {"S": "b"}}}),
        ("delete_item", 200, {"ConsumedCapacity": {"CapacityUnits": 0.5}}),
        ("delete_item", 400, {"__type": f"x#{CONDITION_FAILED}", "Item": {"a": {"S": "b"}}}),
        ("delete_item", 400, {"__type": "x#ThrottlingException", "message": "slow down"}),
        ("delete_item", 400, {"__type": "x#ProvisionedThroughputExceededException"}),
        ("delete_item", 500, {"__type": "x#InternalServerError", "message": "?"}),
    ],
)
def test_it_understands_the_same(
    stub: Stub, with_less: Make, operation: str, status: int, answer: Any
) -> None:
    stub.status, stub.answer = status, json.dumps(answer)
    understood = []
    for make in (with_less, ordinary):
        try:
            made = make(endpoint_url=stub.url)
            response = getattr(made, operation)(TableName="t", **PARAMETERS[operation])
        except ClientError as error:
            response = error.response
        del response["ResponseMetadata"]["HTTPHeaders"]["date"]
        understood.append(response)
    assert understood[0] == understood[1]


def test_the_same_sdk_gives_the_same_bytes(small_data: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    sdk_data.write(again)
    files = {each.relative_to(again): each.read_bytes() for each in again.rglob("*.json")}
    assert len(files) == 4
    assert sum(len(content) for content in files.values()) < 50_000
    for name, content in files.items():
        assert (small_data / name).read_bytes() == content


def test_a_request_is_sent_once(stub: Stub) -> None:
    stub.status = 500
    with pytest.raises(ClientError):
        client.make_client(endpoint_url=stub.url).get_item(TableName="t", Key=KEY)
    assert len(stub.requests) == 1
