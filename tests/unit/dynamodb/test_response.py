"""For any received bytes, the client returns a response or reports it as lost."""

import random
from collections.abc import Callable
from zlib import crc32

import pytest

from chalicelib.dynamodb.client import parse
from chalicelib.dynamodb.failures import NotUnderstood, Refused, ResponseLost
from chalicelib.dynamodb.response import Response, read

BODY = b'{"ConsumedCapacity":{"CapacityUnits":0.5},"Item":{"id":{"S":"1"}}}'
ERROR = b'{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"slow down"}'


def _whole(body: bytes, status: bytes = b"200 OK", more: bytes = b"") -> bytes:
    return (
        b"HTTP/1.1 %s\r\nContent-Type: application/x-amz-json-1.0\r\nx-amz-crc32: %d\r\n"
        b"Content-Length: %d\r\n%s\r\n%s" % (status, crc32(body), len(body), more, body)
    )


def _chunked(body: bytes) -> bytes:
    half = len(body) // 2
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = [b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:], b"")]
    return head + b"".join(chunks)


def _in_pieces(data: bytes, size: int) -> Callable[[], bytes]:
    pieces = [data[start : start + size] for start in range(0, len(data), size)]

    def more() -> bytes:
        if not pieces:
            raise ConnectionResetError("closed")
        return pieces.pop(0)

    return more


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize("data", [_whole(BODY), _chunked(BODY)], ids=["whole", "chunked"])
def test_response_in_pieces(data: bytes, size: int) -> None:
    assert parse(read(_in_pieces(data, size)))["Item"] == {"id": {"S": "1"}}


def test_refusal() -> None:
    with pytest.raises(Refused, match="slow down") as raised:
        parse(read(_in_pieces(_whole(ERROR, b"400 Bad Request"), 9)))
    assert (raised.value.code, raised.value.status) == ("ThrottlingException", 400)


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}{",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: gzip\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}0\r\n\r\n",
        b"x" * 100_000,
        _whole(b"[]"),
        _whole(b"<html>"),
        _whole(b"\xff"),
        _whole(BODY).replace(b"0.5", b"1.5"),
    ],
)
def test_invalid_response_is_not_understood(data: bytes) -> None:
    with pytest.raises(NotUnderstood):
        parse(read(_in_pieces(data, 4096)))


def test_mutated_response_is_parsed_or_lost() -> None:
    chance = random.Random(7)  # noqa: S311 - no secret
    originals = [_whole(BODY), _chunked(BODY), _whole(ERROR, b"400 Bad Request"), _whole(b"{}")]
    seen = {"response": 0, "refused": 0, "lost": 0}
    for _ in range(30_000):
        data = bytearray(chance.choice(originals))
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(data) + 1)
            match chance.randrange(5):
                case 0:
                    data[at:at] = chance.randbytes(chance.randint(1, 4))
                case 1:
                    del data[at : at + chance.randint(1, 20)]
                case 2:
                    data[at : at + 1] = bytes([chance.randrange(256)])
                case 3:
                    data[at:at] = data[at : at + chance.randint(1, 40)]
                case _:
                    del data[at:]
            data = data or bytearray(b"\n")
        try:
            response = parse(read(_in_pieces(bytes(data), chance.choice((13, 97, 4096)))))
            seen["response"] += type(response) is dict
        except Refused as refused:
            seen["refused"] += type(refused.item) is dict
        except (ResponseLost, OSError):  # the connection makes ResponseLost of OSError
            seen["lost"] += 1
    assert sum(seen.values()) == 30_000
    assert all(seen.values()), seen


def test_error_without_json_has_no_code() -> None:
    with pytest.raises(Refused) as raised:
        parse(Response(503, {}, b"<html>"))
    assert (raised.value.code, raised.value.status) == ("", 503)
