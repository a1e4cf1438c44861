"""A DynamoDB client for the four operations that the table calls.

The SDK can call all of AWS, and takes four fifths of a cold start and three quarters of the CPU
time of a request. This client speaks the same protocol to the same endpoints.
"""

import sys
import time
from typing import Any
from urllib.parse import urlsplit
from zlib import crc32

import msgspec

from chalicelib.dynamodb import credentials, trust
from chalicelib.dynamodb.connection import Connection
from chalicelib.dynamodb.failures import RENEWABLE_CODES, NotUnderstood, Refused
from chalicelib.dynamodb.response import Response
from chalicelib.dynamodb.signature import CONTENT_TYPE, Signer

_TARGET = "DynamoDB_20120810."
_USER_AGENT = f"chalicelib lang/python#{sys.version_info.major}.{sys.version_info.minor}"

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Client:
    """Takes and returns dictionaries as boto3's low-level client does.

    Each method sends one request, and raises the errors of `chalicelib.dynamodb.failures`. Times
    are in seconds.
    """

    def __init__(
        self, endpoint: str, region: str, connect_timeout: float, read_timeout: float
    ) -> None:
        parts = urlsplit(endpoint)
        secure = parts.scheme == "https"
        self._connection = Connection(
            parts.hostname or "",
            parts.port or (443 if secure else 80),
            trust.contexts() if secure else [],
            connect_timeout,
            read_timeout,
        )
        self._credentials = credentials.provider()
        self._signer = Signer(region, parts.netloc)
        self._head = (
            f"POST / HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: {CONTENT_TYPE}\r\n"
            f"User-Agent: {_USER_AGENT}\r\nAccept-Encoding: identity\r\nX-Amz-Target: {_TARGET}"
        )

    def get_item(self, **parameters: Any) -> dict[str, Any]:
        return self._call("GetItem", parameters)

    def update_item(self, **parameters: Any) -> dict[str, Any]:
        return self._call("UpdateItem", parameters)

    def delete_item(self, **parameters: Any) -> dict[str, Any]:
        return self._call("DeleteItem", parameters)

    def query(self, **parameters: Any) -> dict[str, Any]:
        return self._call("Query", parameters)

    def close(self) -> None:
        """Close the connection and forget credentials and clock. The next request renews them."""
        self._connection.close()
        self._credentials = credentials.provider()
        self._signer.offset = 0.0

    def _call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        body = _encode(parameters)
        signed = self._signer.headers(self._credentials(), _TARGET + operation, body)
        head = f"{self._head}{operation}\r\n{signed}Content-Length: {len(body)}\r\n\r\n"
        response = self._connection.exchange(head.encode() + body)
        try:
            return parse(response)
        except Refused as error:
            if error.code in RENEWABLE_CODES:
                self._credentials = credentials.provider()
                self._signer.offset = _offset_of(response)
            raise


def parse(response: Response) -> dict[str, Any]:
    """Return DynamoDB's output. Raises `Refused`, or `NotUnderstood`."""
    checksum = response.headers.get(b"x-amz-crc32")
    if checksum is not None and checksum != b"%d" % crc32(response.body):
        raise NotUnderstood("the checksum is wrong")
    try:
        content = _decode(response.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if response.status < 300:
            raise NotUnderstood("the body is not a JSON object") from error
        content = {}
    if response.status < 300:
        return content
    code = str(content.get("__type", "")).partition(":")[0].rpartition("#")[2]
    message = str(content.get("message") or content.get("Message") or "")
    item = content.get("Item")
    raise Refused(code, message, response.status, item if isinstance(item, dict) else {})


def _offset_of(response: Response) -> float:
    """Return how far the server's clock is ahead of this machine's (seconds), 0 if unknown."""
    from email.utils import parsedate_to_datetime  # a cold start does not need it

    try:
        date = parsedate_to_datetime(response.headers.get(b"date", b"").decode("ascii"))
    except ValueError:
        return 0.0
    return date.timestamp() - time.time()
