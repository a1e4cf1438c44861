"""A network below a client that loses requests and responses as planned.

It replaces the connections of the SDK's HTTP session or of our own client, so the tests cover how
the real session and parser report each kind of loss. No time passes: a timeout is the error that a
socket raises, without the wait.
"""

import io
import json
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import urllib3
from botocore.awsrequest import AWSHTTPConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from chalicelib.dynamodb import response as own
from chalicelib.dynamodb.client import Client
from chalicelib.dynamodb.failures import NotSent, ResponseLost

Response = Any  # urllib3's, which the SDK reads
_Answer = Callable[[Response], Response]


@dataclass(frozen=True)
class Fault:
    """The fate of one request.

    `connects`: the connection succeeds. `delivered`: DynamoDB receives and applies the request.
    `act`: makes the client's response from DynamoDB's, or raises the socket's error.
    """

    name: str
    act: Callable[..., Response]
    connects: bool = True
    delivered: bool = False

    def __str__(self) -> str:
        return self.name


def _raising(error: Exception) -> Callable[..., Response]:
    def act(*_: Any) -> Response:
        raise error

    return act


def _answer(status: int, body: bytes, headers: Any = ()) -> Response:
    # The SDK's session reads the available bytes, even if the headers announce more.
    return urllib3.HTTPResponse(
        io.BytesIO(body),
        headers,
        status,
        preload_content=False,
        enforce_content_length=False,
        request_method="POST",
    )


def _changed(change: Callable[[bytes], bytes]) -> _Answer:
    def act(response: Response) -> Response:
        return _answer(response.status, change(response.data), response.headers)

    return act


def _error(status: int, code: str) -> Callable[..., Response]:
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "says the test"}

    def act(*_: Any) -> Response:
        return _answer(status, json.dumps(body).encode())

    return act


def _not_json(*_: Any) -> Response:
    return _answer(502, b"<html>Bad Gateway</html>", {"Content-Type": "text/html"})


#: The ways to lose the response to an applied request.
LOST = [
    Fault("read timeout", _raising(TimeoutError("timed out")), delivered=True),
    Fault("reset", _raising(ConnectionResetError(104, "reset by peer")), delivered=True),
    Fault("closed", _raising(ConnectionError("closed without an answer")), delivered=True),
    Fault("truncated", _changed(lambda body: body[: len(body) // 2]), delivered=True),
    Fault("without a body", _changed(lambda _: b""), delivered=True),
    Fault("error 500", _error(500, "InternalServerError"), delivered=True),
]

#: The ways to lose a request that look like a lost response.
UNDELIVERED = [
    Fault("read timeout before", _raising(TimeoutError("timed out"))),
    Fault("reset before", _raising(ConnectionResetError(104, "reset by peer"))),
    Fault("error 500 before", _error(500, "InternalServerError")),
    Fault("error 502 before", _not_json),
    Fault("error 503 before", _error(503, "ServiceUnavailable")),
]


def _refused(connection: Any) -> None:
    raise NewConnectionError(connection, "Connection refused")


def _connect_timeout(connection: Any) -> None:
    raise ConnectTimeoutError(connection, "timed out while connecting")


def _no_such_host(connection: Any) -> None:
    raise NameResolutionError("dynamodb", connection, socket.gaierror(-2, "not known"))


#: How a request can fail so that it is known not to have been carried out.
REFUSED = [
    Fault("connection refused", _refused, connects=False),
    Fault("connect timeout", _connect_timeout, connects=False),
    Fault("no such host", _no_such_host, connects=False),
    Fault("over capacity", _error(400, "ProvisionedThroughputExceededException")),
    Fault("throttled", _error(400, "ThrottlingException")),
    Fault("over quota", _error(400, "RequestLimitExceeded")),
]

READ_TIMEOUT, TRUNCATED, EMPTY, THROTTLED = LOST[0], LOST[3], LOST[4], REFUSED[4]


def refusal(code: str) -> Fault:
    """Return a 4xx response that is not retryable."""
    return Fault(code, _error(400, code))


class Network:
    """The connections of one client. `faults` apply to its next requests. `sent` has all."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.faults: list[Fault] = []
        self.sent: list[str] = []
        if isinstance(client, Client):
            exchange = partial(self._exchange, client._connection.exchange)
            client._connection.exchange = exchange  # type: ignore[method-assign] # that is the test
            return
        # The very pool from which the SDK will take its connections to this endpoint.
        manager = client.sdk._endpoint.http_session._manager
        manager.clear()  # of connections that are open already
        pool = manager.connection_from_url(client.sdk.meta.endpoint_url)
        pool.ConnectionCls = partial(_Connection, self)

    def next_fault(self, operation: str) -> Fault | None:
        """Return the fault of the current request for this operation."""
        return self.faults.pop(0) if self.faults else None

    def _exchange(self, exchange: Callable[[bytes], own.Response], request: bytes) -> own.Response:
        """Send the request of our own client, unless it has a fault."""
        operation = request.partition(b"DynamoDB_20120810.")[2].partition(b"\r\n")[0].decode()
        self.sent.append(operation)
        fault = self.next_fault(operation)
        if fault is None:
            return exchange(request)
        if not fault.connects:
            raise NotSent(fault.name)
        response = None
        if fault.delivered:
            status, headers, body = exchange(request)
            names = {name.decode(): value.decode() for name, value in headers.items()}
            response = _answer(status, body, names)
        try:
            answer = fault.act(response)
        except OSError as error:
            raise ResponseLost(str(error)) from error
        headers = {k.lower().encode(): v.encode() for k, v in answer.headers.items()}
        return own.Response(answer.status, headers, answer.data)


class _Connection(AWSHTTPConnection):
    """A connection of the SDK's that meets its network's faults, one a request."""

    def __init__(self, network: Network, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._network = network
        self._fault: Fault | None = None

    def request(  # type: ignore[override] # the stubs have it return a connection
        self, method: str, url: str, *args: Any, **rest: Any
    ) -> None:
        headers = rest["headers"]
        target = headers["X-Amz-Target"]
        name = target.decode() if isinstance(target, bytes) else target
        operation = name.partition(".")[2]
        self._network.sent.append(operation)
        self._fault = self._network.next_fault(operation)
        if self._fault is None or self._fault.delivered:
            super().request(method, url, *args, **rest)
        elif not self._fault.connects:
            self._fault.act(self)

    def getresponse(self) -> Response:
        if self._fault is None:
            return super().getresponse()
        answer = None
        if self._fault.delivered:
            answer = super().getresponse()
            answer.read(cache_content=True)
        self.close()
        return self._fault.act(answer)
