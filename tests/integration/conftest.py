"""The table on two engines: moto, in process, and AWS's own DynamoDB Local."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from botocore.session import get_session

from chalicelib.dynamodb import sdk
from chalicelib.dynamodb.choice import CONNECT_TIMEOUT, READ_TIMEOUT, sdk_client
from chalicelib.dynamodb.client import Client
from chalicelib.table import RecordTable
from local.sign_in import SCOPES
from local.tokens import SigningKey, subject_of
from tests.aws import mock_aws
from tests.dynamodb_local import SHORT_LIVED, dynamodb_local
from tests.integration.network import Network
from tests.integration.scene import Scene
from tools.templates import create_table

REGION = "us-east-1"

TokenOf = Callable[..., str]


def at(url: str, read_timeout: float = READ_TIMEOUT) -> Any:
    """Return the SDK's client with the application's settings, for a local engine."""
    return sdk.Client(CONNECT_TIMEOUT, read_timeout, region_name=REGION, endpoint_url=url)


class OwnClient(Client):
    """Our own client for a local engine, with botocore's client for operations of the tests."""

    def __init__(self, url: str, read_timeout: float = READ_TIMEOUT) -> None:
        super().__init__(url, REGION, CONNECT_TIMEOUT, read_timeout)
        self.sdk = at(url).sdk

    def close(self) -> None:
        super().close()
        self.sdk.close()


#: The factories of the application's clients for an engine at a URL.
CLIENTS: dict[str, Callable[..., Any]] = {"sdk": at, "own": OwnClient}


def new_table(client: Any) -> str:
    """Create a table as in `infra/templates/data.yaml` and return its name."""
    name = f"items-{uuid.uuid4().hex}"
    create_table(client.sdk, name)
    return name


def tokens_of(key: SigningKey) -> TokenOf:
    """Return `token_of("alice")`, which returns a token with both or the given scopes."""

    def token_of(name: str, *scopes: str) -> str:
        return key.token(subject_of(name), scopes or SCOPES)

    return token_of


@pytest.fixture(scope="session")
def dynamodb_local_url() -> Iterator[str]:
    """Return the endpoint of DynamoDB Local, which starts at first use."""
    with dynamodb_local(*SHORT_LIVED) as url:
        # Java needs long for the first table, so this client has longer timeouts than the tests'
        # clients.
        patient: Any = get_session().create_client("dynamodb", region_name=REGION, endpoint_url=url)
        create_table(patient, "first")
        patient.close()
        yield url


@pytest.fixture(scope="session")
def clients(dynamodb_local_url: str) -> Iterator[dict[str, Any]]:
    """Return both clients of DynamoDB Local, shared because their creation is slow."""
    with closing(at(dynamodb_local_url)) as sdk, closing(OwnClient(dynamodb_local_url)) as own:
        yield {"sdk": sdk, "own": own}


@pytest.fixture(scope="session", params=CLIENTS)
def local_client(request: pytest.FixtureRequest, clients: dict[str, Any]) -> Any:
    """Return each client of DynamoDB Local in turn."""
    return clients[request.param]


@pytest.fixture(scope="session")
def moto_client() -> Iterator[Any]:
    """Return a shared client for moto, which reaches moto only while `mock_aws` is active."""
    with closing(sdk_client(region_name=REGION)) as client:
        yield client


@pytest.fixture(params=[pytest.param("moto", marks=pytest.mark.long), *CLIENTS])
def client(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Return each engine and client in turn. `real_engine` excludes moto.

    The unit tests send requests to moto in each run.
    """
    if request.param == "moto":
        client = request.getfixturevalue("moto_client")
        with mock_aws():  # for this test alone: it patches the whole process
            yield client
    else:
        yield request.getfixturevalue("clients")[request.param]


@pytest.fixture
def table_name(client: Any) -> str:
    """Return the name of a new, empty table."""
    return new_table(client)


@pytest.fixture
def records(client: Any, table_name: str) -> RecordTable:
    """Return a new, empty table."""
    return RecordTable(client, table_name)


@pytest.fixture(scope="module")
def local_table(local_client: Any) -> RecordTable:
    """Return a table in DynamoDB Local for all examples and tests of a module."""
    return RecordTable(local_client, new_table(local_client))


@pytest.fixture(scope="module")
def lossy_network(local_client: Any, dynamodb_local_url: str) -> Iterator[Network]:
    make = OwnClient if isinstance(local_client, OwnClient) else at
    with closing(make(dynamodb_local_url)) as client:
        yield Network(client)


@pytest.fixture(scope="module")
def scene_of(local_client: Any, lossy_network: Network) -> Callable[[], Scene]:
    """Return a factory of scenes with their own items in one table, without faults at first."""
    name = new_table(local_client)
    theirs = RecordTable(local_client, name)

    def scene_of() -> Scene:
        lossy_network.faults.clear()
        lossy_network.sent.clear()
        return Scene(lossy_network, name, theirs)

    return scene_of


@pytest.fixture
def scene(scene_of: Callable[[], Scene]) -> Iterator[Scene]:
    """Return a new scene without an item. Fail unless all its planned events have happened."""
    scene = scene_of()
    yield scene
    assert scene.network.faults == []
    assert scene.meanwhile == []
