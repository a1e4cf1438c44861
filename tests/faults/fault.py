"""The faults that the proxy can inject between a client and DynamoDB.

A fault gets the exchange: one request, not yet forwarded, and its connection. `DELIVERED` faults
affect the response to an applied request. `UNDELIVERED` faults affect a request that was not
applied, and with `REFUSED` faults the client can know this.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol
from zlib import crc32


@dataclass(frozen=True)
class Reply:
    """An HTTP response. `length` is the Content-Length, where it is not the body's."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None

    @classmethod
    def of(cls, status: int, body: bytes, **headers: str) -> "Reply":
        """Return a response like DynamoDB's, with a checksum of the body."""
        kind = {"Content-Type": "application/x-amz-json-1.0", "x-amz-crc32": str(crc32(body))}
        return cls(status, body, kind | headers)


class Exchange(Protocol):
    """The actions of a fault on a request."""

    def forward(self) -> Reply:
        """Forward the request to DynamoDB."""

    def reply(self, reply: Reply) -> None: ...

    def trickle(self, reply: Reply, pieces: int, pause: float) -> None:
        """Send the reply in pieces, with a pause (seconds) before each."""

    def reset(self) -> None:
        """End the connection so that the client's next read fails (RST)."""

    def close(self) -> None:
        """End the connection in good order (FIN), at any point of the response."""

    def await_client_gone(self) -> None:
        """Wait without a response until the client has closed the connection."""

    def pause(self, seconds: float) -> None: ...

    def refuse(self, seconds: float) -> None:
        """Close the listener for a while, and this connection after its reply."""


@dataclass(frozen=True)
class Fault:
    """`late`: the request may be carried out after its client has given up on it."""

    name: str
    befall: Callable[[Exchange], None]
    late: bool = False

    def __str__(self) -> str:
        return self.name


def _error(status: int, code: str) -> Reply:
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "says the test"}
    return Reply.of(status, json.dumps(body).encode())


def _answering(reply: Reply) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.reply(reply)


def _changing(change: Callable[[Reply], Reply]) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.reply(change(exchange.forward()))


def _delivered(then: Callable[[Exchange], None]) -> Callable[[Exchange], None]:
    def befall(exchange: Exchange) -> None:
        exchange.forward()
        then(exchange)

    return befall


def _cut_off(exchange: Exchange) -> None:
    """Send less than the headers announce, then close."""
    reply = exchange.forward()
    half = reply.body[: len(reply.body) // 2]
    exchange.reply(replace(reply, body=half, length=len(reply.body)))
    exchange.close()


def _deliver_late(exchange: Exchange) -> None:
    exchange.await_client_gone()
    exchange.pause(0.2)  # in which it may have sent the request again
    exchange.forward()


def closing_the_listener(seconds: float) -> Callable[[Exchange], None]:
    def befall(exchange: Exchange) -> None:
        exchange.refuse(seconds)
        exchange.reply(exchange.forward())

    return befall


def _altered(reply: Reply) -> Reply:
    """Change a character in the first string, or a digit: still JSON, with the old checksum."""
    pattern = rb'("(?:name|CapacityUnits|TableName|message)":(?:\{"S":)?"?)(.)'
    body = re.sub(pattern, lambda match: match[1] + bytes([match[2][0] ^ 1]), reply.body, count=1)
    return replace(reply, body=body)


def _wrong_checksum(reply: Reply) -> Reply:
    return replace(reply, headers={**reply.headers, "x-amz-crc32": str(crc32(b"another"))})


_NOT_JSON = Reply(200, b"<html>Welcome</html>", {"Content-Type": "text/html"})
_INTERNAL, _BUSY = _error(500, "InternalServerError"), _error(503, "ServiceUnavailable")

THROTTLED = Fault("throttled", _answering(_error(400, "ThrottlingException")))
#: A proxy cannot refuse a connection that it has accepted. It responds to this request, and refuses
#: connections for a moment afterwards.
LISTENER_CLOSED = Fault("listener closed", closing_the_listener(0.05))
REFUSED = (
    THROTTLED,
    Fault("over capacity", _answering(_error(400, "ProvisionedThroughputExceededException"))),
    Fault("over quota", _answering(_error(400, "RequestLimitExceeded"))),
    LISTENER_CLOSED,
)

HANG_BEFORE = Fault("hang before", lambda exchange: exchange.await_client_gone())
UNDELIVERED = (
    HANG_BEFORE,
    Fault("error 500 before", _answering(_INTERNAL)),
    Fault("error 503 before", _answering(_BUSY)),
    Fault("reset before", lambda exchange: exchange.reset()),
    Fault("not JSON before", _answering(_NOT_JSON)),
)

RESET_AFTER = Fault("reset after", _delivered(lambda exchange: exchange.reset()))
HANG_AFTER = Fault("hang after", _delivered(lambda exchange: exchange.await_client_gone()))
ALTERED = Fault("altered", _changing(_altered))
WRONG_CHECKSUM = Fault("wrong checksum", _changing(_wrong_checksum))
DELIVERED = (
    RESET_AFTER,
    HANG_AFTER,
    ALTERED,
    WRONG_CHECKSUM,
    Fault("error 500 after", _delivered(_answering(_INTERNAL))),
    Fault("error 503 after", _delivered(_answering(_BUSY))),
    Fault("closed after", _delivered(lambda exchange: exchange.close())),
    Fault("not JSON after", _delivered(_answering(_NOT_JSON))),
    Fault("cut off", _cut_off),
    Fault("cut short", _changing(lambda reply: Reply.of(200, reply.body[: len(reply.body) // 2]))),
    Fault("without a body", _changing(lambda reply: Reply.of(reply.status, b""))),
)

#: A correct response that takes half a second.
TRICKLE = Fault("trickle", lambda exchange: exchange.trickle(exchange.forward(), 10, 0.05))
LATE = Fault("late", _deliver_late, late=True)

ALL = (*REFUSED, *UNDELIVERED, *DELIVERED, TRICKLE, LATE)
