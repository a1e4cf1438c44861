"""The operations of DynamoDB that the table calls."""

from collections.abc import Callable
from typing import Any, Protocol

Operation = Callable[..., dict[str, Any]]


class DynamoDBClient(Protocol):
    """The methods that `RecordTable` calls, with parameters and output as boto3 has them.

    They raise the errors of `chalicelib.dynamodb.failures`.
    """

    def get_item(self, **parameters: Any) -> dict[str, Any]: ...
    def update_item(self, **parameters: Any) -> dict[str, Any]: ...
    def delete_item(self, **parameters: Any) -> dict[str, Any]: ...
    def query(self, **parameters: Any) -> dict[str, Any]: ...
    def close(self) -> None: ...
