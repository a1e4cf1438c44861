"""The table on two engines: moto, in process, and AWS's own DynamoDB Local."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from botocore.session import get_session
from moto import mock_aws

from chalicelib.dynamodb import sdk
from chalicelib.dynamodb.choice import CONNECT_TIMEOUT, READ_TIMEOUT, sdk_client
from chalicelib.dynamodb.client import Client
from chalicelib.table import RecordTable
from local.sign_in import SCOPES
from local.tokens import SigningKey, subject_of
from tests.dynamodb_local import dynamodb_local
from tests.integration.network import Network
from tests.integration.scene import Scene
from tools.templates import create_table

REGION = "us-east-1"

TokenOf = Callable[..., str]


def at(url: str, read_timeout: float = READ_TIMEOUT) -> Any:
    """Return the SDK's client, as the application sets it up, for an engine on this machine."""
    return sdk.Client(CONNECT_TIMEOUT, read_timeout, region_name=REGION, endpoint_url=url)


class OwnClient(Client):
    """Our own client for an engine on this machine, with botocore's for what only tests do."""

    def __init__(self, url: str, read_timeout: float = READ_TIMEOUT) -> None:
        super().__init__(url, REGION, CONNECT_TIMEOUT, read_timeout)
        self.sdk = at(url).sdk

    def close(self) -> None:
        super().close()
        self.sdk.close()


#: What makes each of the application's clients for an engine at a URL.
CLIENTS: dict[str, Callable[..., Any]] = {"sdk": at, "own": OwnClient}


def new_table(client: Any) -> str:
    """Create a table as in `infra/templates/data.yaml` and return its name."""
    name = f"items-{uuid.uuid4().hex}"
    create_table(client.sdk, name)
    return name


@pytest.fixture(scope="package")
def token_of(key: SigningKey) -> TokenOf:
    """`token_of("alice")`: an access token with both scopes, or with those given."""

    def token_of(name: str, *scopes: str) -> str:
        return key.token(subject_of(name), scopes or SCOPES)

    return token_of


@pytest.fixture(scope="session")
def dynamodb_local_url() -> Iterator[str]:
    """The endpoint of DynamoDB Local, which is started when first asked for."""
    with dynamodb_local() as url:
        # The first table takes Java long; this client, unlike the tests' own, is patient.
        patient: Any = get_session().create_client("dynamodb", region_name=REGION, endpoint_url=url)
        create_table(patient, "first")
        patient.close()
        yield url


@pytest.fixture(scope="session")
def clients(dynamodb_local_url: str) -> Iterator[dict[str, Any]]:
    """Both clients of DynamoDB Local, shared because creating one takes longer than most tests."""
    with closing(at(dynamodb_local_url)) as sdk, closing(OwnClient(dynamodb_local_url)) as own:
        yield {"sdk": sdk, "own": own}


@pytest.fixture(scope="session", params=CLIENTS)
def local_client(request: pytest.FixtureRequest, clients: dict[str, Any]) -> Any:
    """Each client of DynamoDB Local in turn."""
    return clients[request.param]


@pytest.fixture(scope="session")
def moto_client() -> Iterator[Any]:
    """A client for moto, shared likewise. It reaches moto only while `mock_aws` is active."""
    with closing(sdk_client(region_name=REGION)) as client:
        yield client


@pytest.fixture(params=[pytest.param("moto", marks=pytest.mark.long), *CLIENTS])
def client(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Each engine and client in turn. `real_engine` leaves moto out.

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
    """The name of a new, empty table."""
    return new_table(client)


@pytest.fixture
def records(client: Any, table_name: str) -> RecordTable:
    """A new, empty table."""
    return RecordTable(client, table_name)


@pytest.fixture(scope="module")
def local_table(local_client: Any) -> RecordTable:
    """A table in DynamoDB Local for all examples and tests of a module."""
    return RecordTable(local_client, new_table(local_client))


@pytest.fixture(scope="module")
def lossy_network(local_client: Any, dynamodb_local_url: str) -> Iterator[Network]:
    make = OwnClient if isinstance(local_client, OwnClient) else at
    with closing(make(dynamodb_local_url)) as client:
        yield Network(client)


@pytest.fixture(scope="module")
def scene_of(local_client: Any, lossy_network: Network) -> Callable[[], Scene]:
    """Makes new scenes, with items of their own in one table, and without faults at first."""
    name = new_table(local_client)
    theirs = RecordTable(local_client, name)

    def scene_of() -> Scene:
        lossy_network.faults.clear()
        lossy_network.sent.clear()
        return Scene(lossy_network, name, theirs)

    return scene_of


@pytest.fixture
def scene(scene_of: Callable[[], Scene]) -> Iterator[Scene]:
    """A new scene, without an item. All that it was told to happen must have happened."""
    scene = scene_of()
    yield scene
    assert scene.network.faults == []
    assert scene.meanwhile == []
