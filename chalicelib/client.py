"""The SDK's client for DynamoDB, made to start fast and to fail in time.

Not boto3's: its client is botocore's, and boto3 itself is a tenth of what the two take to import.
Each technique here has its measured gain in docs/decisions.
"""

import os
import threading
from contextlib import suppress
from typing import Any
from zlib import crc32

from botocore import __version__ as sdk_version
from botocore.config import Config
from botocore.credentials import ContainerProvider, CredentialResolver, EnvProvider
from botocore.exceptions import ChecksumError
from botocore.handlers import BUILTIN_HANDLERS
from botocore.loaders import Loader
from botocore.session import Session

CONNECT_TIMEOUT, READ_TIMEOUT = 1.0, 2.0  # seconds

# What the SDK knows of all services is megabytes, read when a client is made. The package has the
# part of it that is DynamoDB's (`infra/function/sdk_data.py`); elsewhere the SDK's own is used.
_SDK_DATA = os.path.join(os.path.dirname(os.path.dirname(__file__)), "sdk_data")


def make_client(**parameters: Any) -> Any:
    """A client with short time-outs and one attempt; `parameters` are `create_client`'s own."""
    config = Config(
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
        # Retries are ours (chalicelib/retry.py); two layers would multiply.
        retries={"total_max_attempts": 1},
        tcp_keepalive=True,
        # A third of what a PUT costs in the SDK. What is sent is ours, and DynamoDB looks at it.
        parameter_validation=False,
        # Else the SDK describes the machine anew for each request.
        user_agent=f"Botocore/{sdk_version} items",
    )
    packaged = os.path.isdir(_SDK_DATA)
    try:
        client = _session(packaged).create_client("dynamodb", config=config, **parameters)
    except Exception as error:
        if not packaged:
            raise
        # Lambda's SDK becomes another one without being asked, and may want what the package does
        # not have. With what it has itself, a cold start takes a third more.
        from chalicelib.observability import logger

        logger.warning("the SDK cannot use the package's data and reads its own", exc_info=error)
        client = _session(False).create_client("dynamodb", config=config, **parameters)
    client.meta.events.register("before-parse.dynamodb", _check_sum)
    return client


_prepared: list[tuple[Any, threading.Thread]] = []


def prepare(table_name: str) -> None:
    """Make the client that `first_client` will return, and begin to connect it.

    To read the certificates and to shake hands takes hardly any Python, and so no time beside what
    is imported meanwhile. To make the client is Python, and the two would only wait for each other.
    """
    if not table_name:
        return  # nothing to ask; the first request says what is missing
    # Whoever then needs a client, or a connection, tries again, and can answer a failure.
    with suppress(Exception):
        made = make_client()
        connecting = threading.Thread(target=_connect, args=(made, table_name), daemon=True)
        connecting.start()
        _prepared.append((made, connecting))


def first_client() -> Any:
    """The client that was prepared, once; otherwise, a new one that is not connected yet."""
    if not _prepared:
        return make_client()
    made, connecting = _prepared.pop()
    connecting.join(1.0)
    return made


def _connect(made: Any, table_name: str) -> None:
    with suppress(Exception):
        made.get_item(TableName=table_name, Key={"id": {"S": "-"}})  # nobody's: it has no "#"


def _session(packaged: bool) -> Session:
    # The SDK's own handlers are for other services. To register them takes half of the time that
    # making a client does, and to ask each of them some of a request's.
    session = Session(include_builtin_handlers=False)
    for event, handler, *_ in BUILTIN_HANDLERS:
        if event == "before-send":  # none of the SDK's; moto's, which tests rely on
            session.register(event, handler)
    if packaged:
        loader = Loader([_SDK_DATA], include_default_search_paths=False)
        session.register_component("data_loader", loader)
        # Where Lambda has them; the SDK would get ready to look in a dozen other places.
        providers = [EnvProvider(), ContainerProvider()]
        session.register_component("credential_provider", CredentialResolver(providers))
    return session


def _check_sum(response_dict: dict[str, Any], **_: Any) -> None:
    """Raise `ChecksumError` if the answer is not what DynamoDB sent.

    The SDK would look only where it retries, which is off.
    """
    expected = response_dict["headers"].get("x-amz-crc32")
    actual = str(crc32(response_dict["body"]))
    if expected is not None and expected != actual:
        raise ChecksumError(
            checksum_type="crc32", expected_checksum=expected, actual_checksum=actual
        )
