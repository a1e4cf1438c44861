"""HTTP/1.1 responses (RFC 9112), read strictly."""

from collections.abc import Callable
from typing import NamedTuple

from chalicelib.dynamodb.failures import NotUnderstood

#: Bytes. A response of DynamoDB's has at most 1 MB of items.
MAX_HEAD, MAX_BODY = 64 * 1024, 16 * 1024 * 1024

Read = Callable[[], bytes]


class Response(NamedTuple):
    """`headers` have names in lower case."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes


def read(more: Read) -> Response:
    """Read one response. `more()` returns at least one byte, or raises.

    Raises `NotUnderstood` if the bytes are no response, or more than one.
    """
    received = b""
    while (end := received.find(b"\r\n\r\n")) < 0:
        if len(received) > MAX_HEAD:
            raise NotUnderstood("the head of the response is too long")
        received += more()
    status, headers = _parse_head(received[:end])
    rest = received[end + 4 :]
    if headers.get(b"transfer-encoding", b"").lower() == b"chunked":
        return Response(status, headers, _read_chunks(more, rest))
    length = headers.get(b"content-length", b"")
    digits = length.isdigit() and len(length) <= 8
    if not digits or b"transfer-encoding" in headers or int(length) > MAX_BODY:
        raise NotUnderstood("the response has no valid length")
    parts, missing = [rest], int(length) - len(rest)
    while missing > 0:
        parts.append(more())
        missing -= len(parts[-1])
    if missing < 0:
        raise NotUnderstood("the connection has more than one response")
    return Response(status, headers, b"".join(parts))


def _parse_head(head: bytes) -> tuple[int, dict[bytes, bytes]]:
    first, *lines = head.split(b"\r\n")
    version, _, rest = first.partition(b" ")
    code = rest[:3]
    if version != b"HTTP/1.1" or not code.isdigit() or rest[3:4] not in (b" ", b""):
        raise NotUnderstood("the response is not HTTP/1.1")
    status = int(code)
    if status < 200:
        raise NotUnderstood(f"unexpected interim response {status}")
    headers = {}
    for line in lines:
        name, _, value = line.partition(b":")
        headers[name.lower()] = value.strip()
    return status, headers


def _read_chunks(more: Read, received: bytes) -> bytes:
    """Read a chunked body (section 7.1) without trailers."""
    parts: list[bytes] = []
    total = 0
    while True:
        while (end := received.find(b"\r\n")) < 0:
            if len(received) > MAX_HEAD:
                raise NotUnderstood("a chunk has no valid length")
            received += more()
        digits = received[:end].partition(b";")[0].strip()
        if not digits or len(digits) > 8 or digits.strip(b"0123456789abcdefABCDEF"):
            raise NotUnderstood("a chunk has no valid length")
        size = int(digits, 16)
        total += size
        if total > MAX_BODY:
            raise NotUnderstood("the response is too long")
        received = received[end + 2 :]
        while len(received) < size + 2:
            received += more()
        if received[size : size + 2] != b"\r\n" or (not size and received != b"\r\n"):
            raise NotUnderstood("a chunk has no end")
        if not size:
            return b"".join(parts)
        parts.append(received[:size])
        received = received[size + 2 :]
