"""The API's contract, with the application in this process and a stand-in for the gateway."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Rounded
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from boto3.dynamodb.types import DYNAMODB_CONTEXT
from botocore.session import get_session
from chalice.config import Config
from chalice.local import LambdaContext, LocalGateway, LocalGatewayAuthorizer, LocalGatewayException

import app
from chalicelib import observability
from infra.function.gateway_responses import RESPONSES
from tests import contract
from tests.aws import mock_aws
from tests.clients import as_client
from tests.serving import serving
from tools.templates import create_table

TOKENS = {"alice": "token-of-alice", "bob": "token-of-bob"}


class _Authorizer(LocalGatewayAuthorizer):
    """Vouches for two tokens and no other, as the deployed gateway's authorizer would.

    But it lets the others pass, without claims: refusing them is then up to the application.
    """

    def authorize(
        self, raw_path: str, lambda_event: dict[str, Any], lambda_context: LambdaContext
    ) -> tuple[dict[str, Any], LambdaContext]:
        credentials = lambda_event["headers"].get("authorization")
        for name, token in TOKENS.items():
            if credentials == f"Bearer {token}":
                claims = {"sub": name, "token_use": "access"}
                lambda_event["requestContext"]["authorizer"] = {"claims": claims}
        return lambda_event, lambda_context


class _Handler(BaseHTTPRequestHandler):
    """Speaks HTTP for the application, under the path of the stage `api`."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer in two small packets would wait for the client's acknowledgement
    gateway: LocalGateway
    lock: threading.Lock  # the application serves one request at a time, as on Lambda
    served: Counter[int]

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0))) or None
        path = self.path.removeprefix("/api")
        with self.lock:
            try:
                answer = self.gateway.handle_request(self.command, path, dict(self.headers), body)
            except LocalGatewayException:
                # The only one left is "no such route", which the deployed gateway words so.
                response = RESPONSES["MISSING_AUTHENTICATION_TOKEN"]
                answer = {
                    "statusCode": response.status,
                    "headers": response.all_headers(),
                    "multiValueHeaders": {},
                    "body": response.body("no-request"),
                }
            self.served[answer["statusCode"]] += 1
        content = (answer["body"] or "").encode()
        self.send_response(answer["statusCode"])
        for name, value in {**answer["headers"], **answer["multiValueHeaders"]}.items():
            self.send_header(name, value)
        if answer["statusCode"] not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):  # for any method
            return self._serve
        raise AttributeError(name)

    def log_message(self, format: str, *args: Any) -> None:
        """Suppress the log."""


@pytest.fixture
def served() -> Counter[int]:
    """How often each status was answered."""
    return Counter()


@pytest.fixture
def api_url(served: Counter[int], monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of the application, which runs in this process with an empty table."""
    monkeypatch.setenv("TABLE_NAME", "contract")
    # moto reads numbers as boto3 does, which takes zeros after the 38th digit for a loss of digits.
    # DynamoDB and the application, which has no boto3, do not.
    monkeypatch.setitem(DYNAMODB_CONTEXT.traps, Rounded, False)
    # Thousands of lines otherwise.
    monkeypatch.setattr(observability, "_write_request", lambda *_: None)
    with mock_aws():
        create_table(as_client(get_session().create_client("dynamodb")), "contract")
        gateway = LocalGateway(app.app, Config(config_from_disk={"lambda_timeout": 30}))
        gateway._authorizer = _Authorizer(app.app)
        members = {"gateway": gateway, "lock": threading.Lock(), "served": served}
        handler = type("Handler", (_Handler,), members)
        with serving(ThreadingHTTPServer(("127.0.0.1", 0), handler)) as url:
            yield f"{url}/api"


@pytest.mark.parametrize(
    "size",
    [
        contract.Size(12, 4, 60),
        pytest.param(contract.Size(460, 80, 2000), marks=pytest.mark.long),
    ],
    ids=str,
)
def test_responses_are_as_documented(
    size: contract.Size,
    api_url: str,
    served: Counter[int],
    tmp_path: Path,
) -> None:
    api = contract.Api(api_url, TOKENS, unknown_method=405)

    report = contract.run(api, tmp_path, size)

    report.assert_good(at_least=size.at_least)
    assert served.total() >= report.requests
