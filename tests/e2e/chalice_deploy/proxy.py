"""Stands between Chalice and the emulator, and does the calls that the emulator cannot."""

import http.client
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from botocore.exceptions import WaiterError

from local.cloud import Cloud
from tests.e2e.chalice_deploy.rest_api import RestApis
from tests.serving import serving

_SECONDS = 60
# About one connection, not about the message.
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding"}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keeps connections open, as the SDK expects
    timeout = _SECONDS
    emulator: int  # its port
    apis: RestApis
    functions: Any  # boto3's client "lambda"

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        api = re.fullmatch("/restapis/([^/]+)", url.path)
        if self.command == "POST" and url.path == "/restapis" and query.get("mode") == "import":
            # The emulator does not know the mode: it would make an API without any route.
            endpoint_type = query["endpointConfigurationTypes"]
            self._translate(201, lambda: self.apis.create(json.loads(body), endpoint_type))
        elif self.command == "PUT" and api and query.get("mode") == "overwrite":
            self._translate(200, lambda: self.apis.overwrite(api[1], json.loads(body)))
        elif self.command == "PATCH" and api:
            operations = json.loads(body)["patchOperations"]
            self._translate(200, lambda: self.apis.update(api[1], operations))
        else:
            function = re.fullmatch("/2015-03-31/functions/([^/]+)/configuration", url.path)
            if self.command == "GET" and function:
                self._await_function(function[1])
            self._pass_through(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _handle  # noqa: N815 - its names

    def _translate(self, status: int, call: Callable[[], str]) -> None:
        """Respond with the API whose id `call` returns. The caller is not verified."""
        try:
            answer = self.apis.gateway.get_rest_api(restApiId=call())
            del answer["ResponseMetadata"]
        except Exception as error:
            # Not a 5xx, which the SDK would take for a passing weakness and try again.
            status = 400
            answer = {"__type": "BadRequestException", "message": f"not translated: {error!r}"}
        content = json.dumps(answer, default=datetime.timestamp).encode()
        self._answer(status, [("Content-Type", "application/json")], content)

    def _await_function(self, name: str) -> None:
        """Wait until the function, if it exists, has applied its last change.

        The emulator takes half a second, but the SDK would poll again after five.
        """
        with suppress(WaiterError):
            self.functions.get_waiter("function_updated").wait(
                FunctionName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 600}
            )

    def _pass_through(self, body: bytes) -> None:
        """Forward the request unchanged, because the emulator verifies the signed Host."""
        connection = http.client.HTTPConnection("127.0.0.1", self.emulator, timeout=_SECONDS)
        try:
            connection.putrequest(
                self.command, self.path, skip_host=True, skip_accept_encoding=True
            )
            for name, value in self.headers.items():
                if name.lower() not in {*_HOP_BY_HOP, "expect"}:  # this server responds to "expect"
                    connection.putheader(name, value)
            connection.endheaders(body or None)
            response = connection.getresponse()
            self._answer(response.status, response.getheaders(), response.read())
        finally:
            connection.close()

    def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.send_response_only(status)
        # A response to HEAD has no content, but may have a length.
        own_length = self.command != "HEAD" and status not in (204, 304)
        for name, value in headers:
            if name.lower() not in _HOP_BY_HOP | ({"content-length"} if own_length else set()):
                self.send_header(name, value)
        if own_length:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Suppress the log, because errors are in the response, which Chalice prints."""


@contextmanager
def import_proxy(cloud: Cloud) -> Iterator[str]:
    """Yield the URL of the emulator with ImportRestApi and PutRestApi."""

    class Handler(_Handler):
        emulator = cloud.port
        apis = RestApis(cloud.client("apigateway"))
        functions = cloud.client("lambda")

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as url:
        yield url
