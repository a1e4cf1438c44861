"""The table on two engines: moto, in process, and AWS's own DynamoDB Local."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.session import get_session
from moto import mock_aws

from chalicelib.client import make_client
from chalicelib.table import ItemsTable
from tests.dynamodb_local import dynamodb_local
from tests.integration.network import Network
from tests.integration.scene import Scene
from tools.templates import create_table

REGION = "us-east-1"


def at(url: str) -> Any:
    """The application's client, for an engine on this machine."""
    return make_client(region_name=REGION, endpoint_url=url)


def new_table(client: Any) -> str:
    """Create a table as in `infra/templates/data.yaml` and return its name."""
    name = f"items-{uuid.uuid4().hex}"
    create_table(client, name)
    return name


@pytest.fixture(scope="session")
def dynamodb_local_url() -> Iterator[str]:
    """The endpoint of DynamoDB Local, which is started when first asked for."""
    with dynamodb_local() as url:
        # The first table takes Java long; this client, unlike the tests' own, is patient.
        patient = get_session().create_client("dynamodb", region_name=REGION, endpoint_url=url)
        new_table(patient)
        patient.close()
        yield url


@pytest.fixture(scope="module", params=["moto", "dynamodb-local"])
def client(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A client of each engine in turn. A module for one engine alone says so with `real_engine`."""
    if request.param == "moto":
        with mock_aws():
            client = make_client(region_name=REGION)
            yield client
            client.close()
    else:
        client = at(request.getfixturevalue("dynamodb_local_url"))
        yield client
        client.close()


@pytest.fixture
def table_name(client: Any) -> str:
    """The name of a new, empty table."""
    return new_table(client)


@pytest.fixture
def items_table(client: Any, table_name: str) -> ItemsTable:
    """A new, empty table."""
    return ItemsTable(client, table_name)


@pytest.fixture(scope="module")
def shared_table(client: Any) -> ItemsTable:
    """A table for all tests of a module, for those that name owners or items of their own."""
    return ItemsTable(client, new_table(client))


@pytest.fixture(scope="module")
def lossy_network(dynamodb_local_url: str) -> Iterator[Network]:
    client = at(dynamodb_local_url)
    yield Network(client)
    client.close()


@pytest.fixture(scope="module")
def scene_of(client: Any, lossy_network: Network) -> Callable[[], Scene]:
    """Makes new scenes, with items of their own in one table."""
    name = new_table(client)
    theirs = ItemsTable(client, name)
    return lambda: Scene(lossy_network, name, theirs)


@pytest.fixture
def scene(scene_of: Callable[[], Scene]) -> Iterator[Scene]:
    """A new scene, without an item. All that it was told to happen must have happened."""
    scene = scene_of()
    scene.network.faults.clear()
    scene.network.sent.clear()
    yield scene
    assert scene.network.faults == []
    assert scene.meanwhile == []
