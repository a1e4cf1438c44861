"""gunicorn with the container's files, a user pool of this process, and DynamoDB Local."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.session import get_session

from local.tokens import SigningKey
from tests.integration.conftest import REGION, TokenOf, tokens_of
from tests.integration.serverful.image import Image, Server, build
from tests.integration.serverful.pool import POOL_ID, Pool
from tools.templates import create_table

TABLE = "serverful"

StoredItems = Callable[[], list[dict[str, Any]]]


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    return build(tmp_path_factory.mktemp("image"))


@pytest.fixture(scope="package")
def key() -> SigningKey:
    return SigningKey.generate()


@pytest.fixture(scope="package")
def dynamodb(dynamodb_local_url: str) -> Iterator[Any]:
    client: Any = get_session().create_client(
        "dynamodb", region_name=REGION, endpoint_url=dynamodb_local_url
    )
    create_table(client, TABLE)
    yield client
    client.close()


@pytest.fixture(scope="package")
def settings(dynamodb: Any, dynamodb_local_url: str) -> dict[str, str]:
    """Return the container's settings, except the user pool's endpoint."""
    return {
        "STAGE": "dev",
        "TABLE_NAME": TABLE,
        "USER_POOL_ARN": f"arn:aws:cognito-idp:{REGION}:123456789012:userpool/{POOL_ID}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL_DYNAMODB": dynamodb_local_url,
        "WEB_CONCURRENCY": "1",
    }


@pytest.fixture(scope="package")
def server(
    image: Image,
    key: SigningKey,
    settings: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("serverful")
    with (
        Pool(key).serve() as url,
        image.serve(directory, {**settings, "AWS_ENDPOINT_URL": url}) as server,
    ):
        yield server


@pytest.fixture(scope="package")
def token_of(key: SigningKey) -> TokenOf:
    return tokens_of(key)


@pytest.fixture(scope="package")
def stored_items(dynamodb: Any) -> StoredItems:
    """Return all items, read directly from the table."""

    def stored_items() -> list[dict[str, Any]]:
        pages = dynamodb.get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True)
        return sorted((i for page in pages for i in page["Items"]), key=lambda i: i["id"]["S"])

    return stored_items
