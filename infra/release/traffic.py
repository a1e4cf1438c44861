"""Send test traffic during a canary, which at one user an hour would see no request.

The release invokes the alias directly, with the event that the gateway would send. The user has an
id that no user pool assigns. Therefore a release needs no account, password or token.
"""

import json
import secrets
import threading
from collections import Counter
from types import TracebackType
from typing import TYPE_CHECKING, Any

from infra.function.alias import ALIAS
from infra.stage import Stage

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

OWNER = "release-check"
#: The pause between two rounds of four requests each.
_PAUSE_SECONDS = 1.0


def event(
    method: str,
    path: str,
    item_id: str | None = None,
    body: str | None = None,
    api_path: str = "/api",
) -> Any:
    """Return a request of `OWNER` as API Gateway passes it to the function."""
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
            "path": f"{api_path}{path}",
            "requestId": f"release-check-{secrets.token_hex(8)}",
            "authorizer": {"claims": {"sub": OWNER, "token_use": "access"}},
        },
        "body": body,
        "isBase64Encoded": False,
    }


class Traffic:
    """Sends requests to the alias while it is open.

    `answers` counts responses by the version that ran and by status ("error" without a status).
    `failures` counts calls without a response by their reason.
    """

    def __init__(self, client: "LambdaClient", stage: Stage) -> None:
        self._client = client
        self._function_name = stage.function_name
        self._api_path = stage.api_path
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.answers: Counter[tuple[str, str]] = Counter()
        self.failures: Counter[str] = Counter()

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

    def send_once(self) -> None:
        """Create, read, list and delete one item."""
        item = f"check-{secrets.token_hex(4)}"
        body = json.dumps({"id": item, "name": "Sent by a release to check that it works"})
        self._send("PUT", "/items", body=body)
        self._send("GET", "/items", item)
        self._send("GET", "/items")
        self._send("DELETE", "/items", item)

    def has_reached(self, version: str) -> bool:
        """Return true if `version` has responded to a request."""
        return any(answered == version for answered, _ in self.answers)

    def report(self) -> list[str]:
        """Return a line for each version and status, and for each kind of failure to call."""
        lines = [
            f"version {version} returned {status} to {count} of the release's own requests"
            for (version, status), count in sorted(self.answers.items())
        ]
        failed = sorted(self.failures.items())
        return lines + [
            f"{count} of the release's own requests failed: {reason}" for reason, count in failed
        ]

    def _run(self) -> None:
        while not self._done.wait(_PAUSE_SECONDS):
            self.send_once()

    def _send(
        self, method: str, path: str, item_id: str | None = None, body: str | None = None
    ) -> None:
        request = event(method, path, item_id, body, api_path=self._api_path)
        try:
            answer = self._client.invoke(
                FunctionName=self._function_name, Qualifier=ALIAS, Payload=json.dumps(request)
            )
            payload = json.loads(answer["Payload"].read())
        except self._client.exceptions.ResourceNotFoundException:
            return  # the first release: there is no alias yet
        except Exception as error:
            # Count throttling or a lost connection, and still send the next request.
            self.failures[f"{type(error).__name__}: {error}"] += 1
            return
        status = payload.get("statusCode", "error") if isinstance(payload, dict) else "error"
        self.answers[answer.get("ExecutedVersion", ""), str(status)] += 1
