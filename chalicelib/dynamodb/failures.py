"""The errors of a DynamoDB client, the same for each client.

DynamoDBError           a retry cannot help: no credentials, or a bug
├── Refused             DynamoDB responded with an error
├── NotSent             the request did not reach DynamoDB
│   └── NotTrusted      the host's certificate could not be verified
└── ResponseLost        DynamoDB may have applied the request
    └── NotUnderstood   bytes arrived, but they are no response of DynamoDB's
"""

from typing import Any

#: Refusals of the signature that newer credentials, or the server's clock, may mend.
RENEWABLE_CODES = frozenset(
    {
        "ExpiredTokenException",
        "InvalidSignatureException",
        "RequestExpired",
        "UnrecognizedClientException",
    }
)


class DynamoDBError(Exception):
    """Base of all errors that a client raises."""


class Refused(DynamoDBError):
    """DynamoDB responded with an error.

    `code` is DynamoDB's name of the error, or empty if the response had none. `status` is the HTTP
    status. `item` is the record that failed a condition, empty unless the request asked for it.
    """

    def __init__(self, code: str, message: str, status: int, item: dict[str, Any]) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.code = code
        self.status = status
        self.item = item


class NotSent(DynamoDBError):
    """The request did not reach DynamoDB: no credentials yet, no address, or no connection."""


class NotTrusted(NotSent):
    """The host's certificate could not be verified."""


class ResponseLost(DynamoDBError):
    """The request was sent, and no complete response arrived in time.

    `stale`: the connection had been idle, and broke before the first byte of a response. Servers
    and networks close idle connections, so this is no sign of a failing service.
    """

    def __init__(self, message: str, stale: bool = False) -> None:
        super().__init__(message)
        self.stale = stale


class NotUnderstood(ResponseLost):
    """Bytes arrived that are no response of DynamoDB's."""
