"""Check that no response or log line discloses private data, for any request."""

import json
from collections.abc import Iterable

#: Words that only somebody who looks inside would know.
INTERNAL = (
    "Traceback",
    'File "',
    "chalice",
    "boto",
    "msgspec",
    "dynamodb",
    "arn:aws",
    "lambda_",
    "ConditionExpression",
    "attribute_not_exists",
    "by_owner",
)
#: The victim's item.
TREASURE = {
    "id": "treasure",
    "name": "the-victims-name",
    "price": 735773577357,
    "description": "the-victims-words",
}
SECRETS = tuple(str(value) for name, value in TREASURE.items() if name != "id")


def assert_discreet(response: str, request: str, secrets: Iterable[str]) -> None:
    """Fail if a response discloses a word that its request did not contain."""
    for word in INTERNAL:
        assert word.lower() not in response.lower() or word.lower() in request.lower(), word
    for secret in (*SECRETS, *secrets):
        assert secret not in response or secret in request, f"discloses {secret!r}"


def assert_log_is_discreet(text: str, secrets: Iterable[str]) -> None:
    """Fail unless each line is one JSON object without personal data."""
    lines = text.splitlines()
    assert lines, "the log is empty"
    for line in lines:
        assert isinstance(json.loads(line), dict)
    for secret in (*SECRETS, *secrets, TREASURE["id"], "Traceback"):
        assert str(secret) not in text, f"{secret!r} is in the log"
