"""The stub, asked by the application's own client, which looks at checksums and certificates."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore
import pytest

from bench.function import certificate, stub
from bench.function.event import OWNER
from chalicelib.dynamodb.choice import sdk_client
from chalicelib.dynamodb.failures import ResponseLost
from chalicelib.items import ITEMS, ItemInput
from chalicelib.listing import ListQuery
from chalicelib.preconditions import Preconditions
from chalicelib.retry import Deadline
from chalicelib.table import RecordTable
from tests.serving import serving

AUTHORITIES = Path(botocore.__file__).with_name("cacert.pem")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> certificate.Certificates:
    return certificate.make(tmp_path_factory.mktemp("certificates"), AUTHORITIES)


@pytest.fixture(scope="module")
def url(made: certificate.Certificates) -> Iterator[str]:
    with serving(stub.Server(made.certificate, made.key)) as url:
        yield url.replace("http", "https")


def client(url: str, trusted: Path) -> Any:
    return sdk_client(region_name="us-east-1", endpoint_url=url, verify=str(trusted))


def test_it_answers_all_that_is_measured(url: str, made: certificate.Certificates) -> None:
    asked = client(url, made.bundle)
    table = RecordTable(asked, "items")
    soon = Deadline.after(5)
    item = table.get(ITEMS, OWNER, stub.ITEM_ID, soon).view
    assert (item.id, item.name) == (stub.ITEM_ID, "The item of number 0")
    page = table.list(ITEMS, OWNER, ListQuery(), soon)
    assert len(page.items) == 25
    assert page.cursor is not None
    # The application knows its own write by the request token that it sent.
    table.put(ITEMS, OWNER, ItemInput(stub.ITEM_ID, "An item"), Preconditions(), soon)
    table.delete(ITEMS, OWNER, stub.ITEM_ID, Preconditions(), soon)
    asked.close()


def test_unknown_authority_is_rejected(url: str) -> None:
    stranger = client(url, AUTHORITIES)
    with pytest.raises(ResponseLost, match="SSL"):
        stranger.get_item(TableName="items", Key={"id": {"S": "x"}})
    stranger.close()


def test_its_key_is_its_own(made: certificate.Certificates) -> None:
    assert made.key.stat().st_mode & 0o077 == 0


def test_it_knows_no_other_operation() -> None:
    with pytest.raises(KeyError):
        stub.answer("Scan", {})
