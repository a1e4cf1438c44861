"""Traffic of our own while a new version gets its first: at one user an hour, a canary sees none.

The alias is invoked past the gateway with what the gateway would send, as a user whom nobody can
be (an id that no user pool gives). So no account, password or token is needed for a release.
"""

import json
import secrets
import threading
from collections import Counter
from types import TracebackType
from typing import Any

from infra.function.alias import ALIAS

OWNER = "release-check"
_PER_SECOND = 4


def event(method: str, path: str, item_id: str | None = None, body: str | None = None) -> Any:
    """A request as API Gateway gives it to the function, from `OWNER`."""
    resource = path if item_id is None else f"{path}/{{id}}"
    return {
        "resource": resource,
        "path": path if item_id is None else f"{path}/{item_id}",
        "httpMethod": method,
        "headers": {"content-type": "application/json"},
        "multiValueHeaders": {"content-type": ["application/json"]},
        "multiValueQueryStringParameters": None,
        "pathParameters": None if item_id is None else {"id": item_id},
        "stageVariables": None,
        "requestContext": {
            "resourcePath": resource,
            "httpMethod": method,
            "path": f"/api{path}",
            "requestId": f"release-check-{secrets.token_hex(8)}",
            "authorizer": {"claims": {"sub": OWNER, "token_use": "access"}},
        },
        "body": body,
        "isBase64Encoded": False,
    }


class Traffic:
    """Sends requests to the alias for as long as it is open. `client` is Lambda's.

    `answers` counts them by the version that ran and its status; "error" where there was none.
    """

    def __init__(self, client: Any, function_name: str) -> None:
        self._client = client
        self._function_name = function_name
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.answers: Counter[tuple[str, str]] = Counter()

    def __enter__(self) -> "Traffic":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()

    def once(self) -> None:
        """One item's life: made, read, listed, deleted."""
        item = f"check-{secrets.token_hex(4)}"
        body = json.dumps({"id": item, "name": "Sent by a release to see that it works"})
        self._send(event("PUT", "/items", body=body))
        self._send(event("GET", "/items", item))
        self._send(event("GET", "/items"))
        self._send(event("DELETE", "/items", item))

    def _run(self) -> None:
        while not self._done.wait(4 / _PER_SECOND):
            self.once()

    def _send(self, request: Any) -> None:
        try:
            answer = self._client.invoke(
                FunctionName=self._function_name, Qualifier=ALIAS, Payload=json.dumps(request)
            )
        except self._client.exceptions.ResourceNotFoundException:
            return  # the first release: there is no alias yet
        version, payload = answer.get("ExecutedVersion", ""), json.loads(answer["Payload"].read())
        self.answers[version, str(payload.get("statusCode", "error"))] += 1
