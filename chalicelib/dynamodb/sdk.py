"""The SDK's client behind the same methods and errors.

For everywhere but a plain Lambda function: tests, `chalice local`, unusual endpoints, and as the
fallback there.
"""

import functools
from collections.abc import Callable
from typing import Any, cast
from zlib import crc32

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ChecksumError,
    ClientError,
    HTTPClientError,
    IncompleteReadError,
    SSLError,
)
from botocore.exceptions import ConnectionError as NotConnectedError
from botocore.parsers import ResponseParserError
from botocore.session import get_session

from chalicelib.dynamodb.failures import DynamoDBError, NotSent, Refused, ResponseLost

# SSLError is here because botocore also raises it for a connection that breaks after the request
# was sent.
_CUT_OFF = (HTTPClientError, SSLError, IncompleteReadError, ResponseParserError, ChecksumError)

Operation = Callable[..., dict[str, Any]]


class Client:
    """The same methods as `chalicelib.dynamodb.client.Client`. `parameters` are boto3's own."""

    def __init__(self, connect_timeout: float, read_timeout: float, **parameters: Any) -> None:
        config = Config(
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            # chalicelib/retry.py retries. Two layers would multiply the attempts.
            retries={"total_max_attempts": 1},
            tcp_keepalive=True,
            # We build the request and DynamoDB validates it.
            parameter_validation=False,
        )
        #: botocore's client. It makes its methods when it is created, so types do not know them.
        self.sdk = cast("Any", get_session().create_client("dynamodb", config=config, **parameters))
        self.sdk.meta.events.register("before-parse.dynamodb", _check_sum)
        self.close = self.sdk.close
        self.get_item = _translate_errors(self.sdk.get_item)
        self.update_item = _translate_errors(self.sdk.update_item)
        self.delete_item = _translate_errors(self.sdk.delete_item)
        self.query = _translate_errors(self.sdk.query)


def _translate_errors(operation: Operation) -> Operation:
    """Return the operation, raising the errors of `failures` for botocore's."""

    @functools.wraps(operation)
    def translated(**parameters: Any) -> dict[str, Any]:
        try:
            return operation(**parameters)
        except ClientError as error:
            raise _refusal({**error.response}) from error
        except _CUT_OFF as error:
            raise ResponseLost(str(error)) from error
        except NotConnectedError as error:
            raise NotSent(str(error)) from error
        except BotoCoreError as error:
            raise DynamoDBError(str(error)) from error

    return translated


def _refusal(response: dict[str, Any]) -> Refused:
    error = response["Error"]
    code = error.get("Code", "")
    return Refused(
        # botocore puts the status in the place of a code that is missing.
        "" if code.isdigit() else code,
        error.get("Message", ""),
        response["ResponseMetadata"]["HTTPStatusCode"],
        response.get("Item", {}),
    )


def _check_sum(response_dict: dict[str, Any], **_: Any) -> None:
    """Raise `ChecksumError` if the body is not the one that DynamoDB sent.

    The SDK checks it only where it retries, which is off.
    """
    expected = response_dict["headers"].get("x-amz-crc32")
    actual = str(crc32(response_dict["body"]))
    if expected is not None and expected != actual:
        raise ChecksumError(
            checksum_type="crc32", expected_checksum=expected, actual_checksum=actual
        )
