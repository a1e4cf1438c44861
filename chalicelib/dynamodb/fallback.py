"""Our own client until it proves unfit, then the SDK's for as long as the environment lives.

A client that has never met this account's DynamoDB must not be able to stop the service. So until
the first success, the client is blamed for a refused signature, a response that cannot be
understood, or an unknown certificate. After the first success, later requests have no extra cost.
"""

from collections.abc import Callable
from typing import Any

from chalicelib.dynamodb.failures import (
    RENEWABLE_CODES,
    DynamoDBError,
    NotTrusted,
    NotUnderstood,
    Refused,
)

#: Refusals that say that the request is malformed or wrongly signed.
SIGNATURE_CODES = frozenset(
    {
        "IncompleteSignatureException",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "SerializationException",
        "UnknownOperationException",
    }
)


class Fallback:
    """`own` until it proves unfit, then the client that `make_sdk` makes.

    The finding of one instance holds for all clients that the execution environment creates later.
    """

    has_taken_over = False

    def __init__(self, own: Any, make_sdk: Callable[[], Any]) -> None:
        self._client, self._make_sdk = own, make_sdk
        self._is_renewed = False

    def get_item(self, **parameters: Any) -> dict[str, Any]:
        return self._try("get_item", parameters)

    def update_item(self, **parameters: Any) -> dict[str, Any]:
        return self._try("update_item", parameters)

    def delete_item(self, **parameters: Any) -> dict[str, Any]:
        return self._try("delete_item", parameters)

    def query(self, **parameters: Any) -> dict[str, Any]:
        return self._try("query", parameters)

    def close(self) -> None:
        self._client.close()

    def _try(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        try:
            result: dict[str, Any] = getattr(self._client, operation)(**parameters)
        except (NotTrusted, NotUnderstood, Refused) as error:
            if isinstance(error, Refused) and not self._is_unfit(error.code):
                raise
            self._use_sdk(error)
            if isinstance(error, NotUnderstood):
                raise  # DynamoDB may have applied it: the caller decides whether to repeat it
            result = getattr(self._client, operation)(**parameters)
        self._settle()
        return result

    def _is_unfit(self, code: str) -> bool:
        """Return whether the client itself is the reason of this refusal."""
        if code not in SIGNATURE_CODES:
            return False
        # The client has renewed its credentials and its clock, so it may be fit the next time.
        is_renewed, self._is_renewed = self._is_renewed, True
        return is_renewed or code not in RENEWABLE_CODES

    def _use_sdk(self, error: DynamoDBError) -> None:
        if not Fallback.has_taken_over:
            Fallback.has_taken_over = True
            # Imported late, because it imports Chalice, and this module is imported before Chalice.
            from chalicelib import observability

            observability.log_sdk_takeover(error)
        self._client = self._make_sdk()
        self._settle()

    def _settle(self) -> None:
        """Call the client directly from now on."""
        for name in ("get_item", "update_item", "delete_item", "query"):
            setattr(self, name, getattr(self._client, name))
