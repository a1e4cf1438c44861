"""The default of `chalice local`: the table in this process, and tokens of this machine's key.

Key and items are files in `.local/chalice-local/`, so that both survive a restart of the server.
"""

import base64
import json
import os
import threading
from decimal import Rounded
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.home import Home, LocalError
from local.tokens import SigningKey
from tools.lock import Held, Lock
from tools.templates import create_table

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

TABLE_NAME = "items-embedded"


def directory_of(home: Home) -> Path:
    return home.directory / "chalice-local"


def signing_key(home: Home) -> SigningKey:
    """Return this machine's key, created when first needed. Raises `LocalError`."""
    return SigningKey.load_or_create(directory_of(home) / "key.pem")


def intercept_aws() -> None:
    """Make moto respond to every AWS client that this process creates from now on."""
    # Imported only here, because it takes a second, and other commands do not need it.
    from boto3.dynamodb.types import DYNAMODB_CONTEXT
    from moto import mock_aws

    # DynamoDB, unlike moto, accepts a number with zeros after the 38th digit.
    DYNAMODB_CONTEXT.traps[Rounded] = False
    mock_aws(config={"core": {"mock_credentials": False}}).start()


class EmbeddedTable:
    """The API's table in moto, in this process only. Needs `intercept_aws`.

    Raises `LocalError` if another process serves the same items, or they cannot be read.
    """

    def __init__(self, home: Home) -> None:
        import boto3

        self._file = directory_of(home) / "items.json"
        #: Held by each request: moto's conditional writes are not atomic between threads.
        self.lock = threading.Lock()
        try:
            self._owner = Lock(directory_of(home) / "lock")
        except Held:
            raise LocalError(
                "another `chalice local` serves the embedded items: stop that process first"
            ) from None
        self._client: DynamoDBClient = boto3.client("dynamodb")
        create_table(self._client, TABLE_NAME)
        for item in self._load_items():
            self._client.put_item(TableName=TABLE_NAME, Item=item)

    def save(self) -> None:
        """Replace the file with the table's items. Call it with the lock held."""
        pages = self._client.get_paginator("scan").paginate(TableName=TABLE_NAME)
        items = [item for page in pages for item in page["Items"]]
        draft = self._file.with_suffix(".draft")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as output:
            json.dump({"items": items}, output, default=_encode)
        draft.replace(self._file)

    def _load_items(self) -> list[dict[str, Any]]:
        if not self._file.exists():
            return []
        try:
            items: list[dict[str, Any]] = json.loads(
                self._file.read_text(), object_hook=_decode_binary
            )["items"]
        except (ValueError, KeyError, TypeError) as error:
            raise LocalError(
                f"{self._file} is damaged: delete it to start without items"
            ) from error
        if any("summary" not in item for item in items):
            raise LocalError(
                f"{self._file} has items in the layout of an earlier version: "
                "delete it to start without them"
            )
        return items


def _encode(binary: bytes) -> str:
    return base64.b64encode(binary).decode()


def _decode_binary(member: dict[str, Any]) -> dict[str, Any]:
    """Decode an attribute value of DynamoDB's types B and BS."""
    match member:
        case {"B": str(value), **rest} if not rest:
            return {"B": base64.b64decode(value)}
        case {"BS": [*values], **rest} if not rest:
            return {"BS": [base64.b64decode(value) for value in values]}
    return member
