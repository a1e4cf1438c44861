"""AWS Signature Version 4, for the only kind of request that this client sends: a POST to `/`.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
"""

import hashlib
import hmac
import time
from collections.abc import Callable

from chalicelib.dynamodb.credentials import Credentials

CONTENT_TYPE = "application/x-amz-json-1.0"


class Signer:
    """Signs requests to one service at one host. Keeps the signing key, which is valid for a day.

    `offset` is added to the clock (seconds). Set it when the server's clock differs.
    """

    def __init__(
        self,
        region: str,
        host: str,
        service: str = "dynamodb",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._region, self._host, self._service = region, host, service
        self._clock = clock
        self.offset = 0.0
        self._key_of: tuple[str, str] = ("", "")
        self._key = b""

    def headers(self, credentials: Credentials, target: str, body: bytes) -> str:
        """Return the header lines that sign a request with this `X-Amz-Target` and body."""
        now = time.gmtime(self._clock() + self.offset)
        moment = time.strftime("%Y%m%dT%H%M%SZ", now)
        date = moment[:8]
        scope = f"{date}/{self._region}/{self._service}/aws4_request"
        line = token = name = ""
        if credentials.token:
            name = "x-amz-security-token;"
            token = f"x-amz-security-token:{credentials.token}\n"
            line = f"X-Amz-Security-Token: {credentials.token}\r\n"
        names = f"content-type;host;x-amz-date;{name}x-amz-target"
        request = (
            f"POST\n/\n\ncontent-type:{CONTENT_TYPE}\nhost:{self._host}\nx-amz-date:{moment}\n"
            f"{token}x-amz-target:{target}\n\n{names}\n{hashlib.sha256(body).hexdigest()}"
        )
        digest = hashlib.sha256(request.encode()).hexdigest()
        text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{digest}"
        if self._key_of != (date, credentials.secret_key):
            self._key = self._derive_key(date, credentials.secret_key)
            self._key_of = (date, credentials.secret_key)
        return (
            f"X-Amz-Date: {moment}\r\n{line}Authorization: AWS4-HMAC-SHA256 "
            f"Credential={credentials.access_key}/{scope}, SignedHeaders={names}, "
            f"Signature={_hmac(self._key, text).hex()}\r\n"
        )

    def _derive_key(self, date: str, secret_key: str) -> bytes:
        key = f"AWS4{secret_key}".encode()
        for part in (date, self._region, self._service, "aws4_request"):
            key = _hmac(key, part)
        return key


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
