"""Credentials from the two places where Lambda provides them.

These are the environment, or, under SnapStart, an endpoint on this machine: the environment of a
snapshot would hold the credentials of the time when it was taken.
"""

import os
import time
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from chalicelib.dynamodb.connection import Connection
from chalicelib.dynamodb.failures import DynamoDBError, NotSent

URI, TOKEN = "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN"

#: Seconds before their end at which credentials of the endpoint are renewed.
EARLY = 15 * 60


class Credentials(NamedTuple):
    """`token` is empty for a user's own keys. `expires` is in seconds since 1970."""

    access_key: str
    secret_key: str
    token: str = ""
    expires: float = float("inf")


def available() -> bool:
    """Return whether the environment has credentials of a kind that this module reads."""
    if os.environ.get("AWS_ACCESS_KEY_ID"):
        return True
    return urlsplit(os.environ.get(URI, "")).hostname in ("127.0.0.1", "::1", "localhost")


def provider() -> Callable[[], Credentials]:
    """Return a function that returns the current credentials, or raises `NotSent`."""
    if os.environ.get("AWS_ACCESS_KEY_ID"):
        credentials = _from_environment()
        return lambda: credentials
    return _Endpoint(os.environ.get(URI, ""))


def _from_environment() -> Credentials:
    return _check(
        Credentials(
            os.environ["AWS_ACCESS_KEY_ID"],
            os.environ["AWS_SECRET_ACCESS_KEY"],
            os.environ.get("AWS_SESSION_TOKEN", ""),
        )
    )


def _check(credentials: Credentials) -> Credentials:
    """Return the credentials. Raises `DynamoDBError` if a header could not carry them."""
    if any(not text.isascii() or not text.isprintable() for text in credentials[:3]):
        raise DynamoDBError("the credentials contain characters that a header cannot have")
    return credentials


class _Endpoint:
    """Reads credentials from the container endpoint, and keeps them until shortly before the end.

    While the endpoint fails, the credentials of before serve until they expire.
    """

    def __init__(self, uri: str) -> None:
        self._parts = urlsplit(uri)
        self._credentials: Credentials | None = None

    def __call__(self) -> Credentials:
        current = self._credentials
        if current is None or current.expires - time.time() < EARLY:
            try:
                current = self._credentials = self._fetch()
            except DynamoDBError:
                if current is None or current.expires <= time.time():
                    raise
        return current

    def _fetch(self) -> Credentials:
        parts = self._parts
        token = os.environ.get(TOKEN, "")
        if not token.isprintable():
            raise DynamoDBError(f"{TOKEN} contains characters that a header cannot have")
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        authorization = f"Authorization: {token}\r\n" if token else ""
        request = (
            f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: application/json\r\n"
            f"{authorization}Connection: close\r\n\r\n"
        )
        connection = Connection(parts.hostname or "", parts.port or 80, [], 1.0, 2.0)
        try:
            response = connection.exchange(request.encode())
            if response.status != 200:
                raise NotSent(f"no credentials: the endpoint returned status {response.status}")
            document = msgspec.json.decode(response.body)
            expires = datetime.fromisoformat(document["Expiration"]).timestamp()
            return _check(
                Credentials(
                    document["AccessKeyId"], document["SecretAccessKey"], document["Token"], expires
                )
            )
        except (DynamoDBError, msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
            raise NotSent("no credentials") from error
        finally:
            connection.close()
