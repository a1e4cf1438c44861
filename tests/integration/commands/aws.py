"""A small AWS on 127.0.0.1. It denies operations without a response, except GetCallerIdentity."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event
from typing import Any
from urllib.parse import parse_qs

from infra.site.manifest import MANIFEST_KEY
from tests.serving import serving
from tools.templates import table_properties

#: As AWS reports a right that the caller lacks.
CALLER = "arn:aws:iam::123456789012:user/alice"
#: AWS allows this call to every valid caller, independently of policies.
IDENTITY = {"GetCallerIdentity": {"Account": "123456789012", "Arn": CALLER, "UserId": "AIDA"}}
_JSON = ("dynamodb", "codedeploy", "lambda")


@dataclass(frozen=True)
class Failure:
    """An error response."""

    code: str
    message: str = ""
    status: int = 400


#: A response by operation. "*" is for all others.
World = Mapping[str, Any]

NOWHERE: World = {"DescribeStacks": Failure("ValidationError", "Stack does not exist")}
EXPIRED: World = {"*": Failure("ExpiredToken", "The security token has expired", 403)}

OUTPUTS = {
    "TableName": "items-1",
    "OwnTableName": "items-1",
    "TableArn": "arn:aws:dynamodb:us-east-1:123456789012:table/items-1",
    "UserPoolId": "us-east-1_a1",
    "LoginUrl": "https://login.example",
    "BucketName": "bucket",
    "DistributionId": "D1",
    "SiteUrl": "https://site.example",
    "ClientId": "page",
}
STACK = {
    "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/items/1",
    "StackName": "items",
    "StackStatus": "CREATE_COMPLETE",
    "Outputs": [{"OutputKey": name, "OutputValue": value} for name, value in OUTPUTS.items()],
}
TABLE = {
    "Table": {
        "TableName": "items-1",
        "TableStatus": "ACTIVE",
        **table_properties(),
    }
}
#: A stage that is deployed, whose function has one version and whose bucket is empty.
DEPLOYED: World = {
    "DescribeStacks": {"Stacks": [STACK]},
    "DescribeStackResource": Failure("ValidationError", "Stack items-dev-api does not exist"),
    "GetTemplate": {"TemplateBody": '{"Resources": {}}'},
    "ListStackResources": {"StackResourceSummaries": []},
    "DescribeTable": TABLE,
    "DescribeContinuousBackups": {
        "ContinuousBackupsDescription": {"ContinuousBackupsStatus": "ENABLED"}
    },
    "GET /2015-03-31/functions/items-dev/aliases/live": {"FunctionVersion": "1"},
    "GET /2015-03-31/functions/items-dev/versions": {"Versions": [{"Version": "1"}]},
    "GET /2015-03-31/functions/items-dev/configuration": Failure(
        "ResourceNotFoundException", "Function not found", 404
    ),
    "GET /bucket": "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>",
    "GET /bucket/items-dev/releases.json": Failure("NoSuchKey", "", 404),
    f"GET /bucket/{MANIFEST_KEY}": Failure("NoSuchKey", "", 404),
}
#: The same, with a bucket that takes every file, and a distribution that refuses.
UPLOADED: World = {
    **DEPLOYED,
    "POST /2020-05-31/distribution/D1/invalidation": Failure("TooManyInvalidationsInProgress"),
    "*": "",
}


class Server(ThreadingHTTPServer):
    """`asked` is set by the first request. A request for `HANG` gets no response."""

    daemon_threads = True

    def __init__(self, world: World | None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.world = world
        self.asked = Event()
        self.closing = Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def serve(world: World | None) -> Iterator[Server]:
    """Run a server. Without a world, it never responds."""
    server = Server(world)
    with serving(server):
        try:
            yield server
        finally:
            server.closing.set()


class Handler(BaseHTTPRequestHandler):
    server: Server

    def handle_request(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.server.asked.set()
        if self.server.world is None:
            self.server.closing.wait()
            return
        scope = re.search(r"/(\w+)/aws4_request", self.headers.get("Authorization", ""))
        service = scope[1] if scope else ""
        operation = self._operation(body)
        denied = f"User: {CALLER} is not authorized to perform: {operation}"
        refused = IDENTITY.get(operation, Failure("AccessDenied", denied, 403))
        default = self.server.world.get("*", refused)
        answer = self.server.world.get(operation, default)
        self._respond(service, operation, answer)

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = handle_request  # noqa: N815 - http.server's

    def _operation(self, body: str) -> str:
        if target := self.headers.get("X-Amz-Target"):
            return str(target).rpartition(".")[2]
        if action := parse_qs(body).get("Action"):
            return action[0]
        return f"{self.command} {self.path.partition('?')[0].rstrip('/')}"

    def _respond(self, service: str, operation: str, answer: Any) -> None:
        status, code = 200, ""
        if isinstance(answer, Failure):
            status, code = answer.status, answer.code
        text = _text(service, operation, answer).encode()
        self.send_response(status)
        if code:
            self.send_header("x-amzn-errortype", code)
        self.send_header("Content-Length", str(len(text)))
        self.send_header("ETag", '"1"')
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: Any) -> None:
        """Suppress the log."""


def _text(service: str, operation: str, answer: Any) -> str:
    if isinstance(answer, str):
        return answer
    if service in _JSON:
        if isinstance(answer, Failure):
            return json.dumps({"__type": answer.code, "message": answer.message})
        return json.dumps(answer)
    if isinstance(answer, Failure):
        error = f"<Error><Code>{answer.code}</Code><Message>{answer.message}</Message></Error>"
        return error if service == "s3" else f"<ErrorResponse>{error}</ErrorResponse>"
    result = f"{operation}Result"
    return f"<{operation}Response><{result}>{_xml(answer)}</{result}></{operation}Response>"


def _xml(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(f"<{name}>{_xml(each)}</{name}>" for name, each in value.items())
    if isinstance(value, list):
        return "".join(f"<member>{_xml(each)}</member>" for each in value)
    return str(value).replace("&", "&amp;").replace("<", "&lt;")
