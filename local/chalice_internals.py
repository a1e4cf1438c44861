"""The only module that relies on parts of Chalice which its documentation does not promise.

Each of them, with the place that uses it:

- `chalice.local.LocalGateway`: `_authorizer`, and `handle_request`, which calls its `authorize`
  before the application and raises `LocalGatewayException` for a path without a route (`Gateway`);
- `chalice.local.create_local_server`, which `chalice local` looks up in its module and calls once,
  and the `server` of what it returns, a `socketserver.BaseServer` (`replace_server`);
- `chalice.local.ChaliceRequestHandler`: `local_gateway`, and that `do_GET` handles a request of
  any method (`replace_server`);
- `chalice.test.TestHTTPClient`: `_local_gateway` (`HTTPClient`);
- `chalice.cli.factory.CLIFactory.create_config_obj` (`http_client`);
- `chalice.cli.filewatch`: `RESTART_REQUEST_RC`, the variable `CHALICE_WORKER`, and the methods
  `StatFileWatcher._single_pass_poll` and `_is_changed_file`, `WatchdogRestarter.on_any_event`
  (`is_reload_worker`, `silence_watcher`);
- the names of the commands of `chalice.cli`, and their parameter `stage` (`command`).
"""

import functools
import os
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import chalice.local
import click
import jwt
from chalice import Chalice
from chalice.cli.factory import CLIFactory
from chalice.cli.filewatch import RESTART_REQUEST_RC as RESTART_REQUEST_RC
from chalice.cli.filewatch.stat import StatFileWatcher
from chalice.config import Config
from chalice.local import (
    ChaliceRequestHandler,
    LambdaContext,
    LocalDevServer,
    LocalGateway,
    LocalGatewayAuthorizer,
    LocalGatewayException,
)
from chalice.test import HTTPResponse, TestHTTPClient

from infra.function.gateway_responses import RESPONSES
from local.tokens import TokenVerifier

MakeGateway = Callable[[Chalice, Config, str], LocalGateway]


class GatewayError(LocalGatewayException):
    """One of the gateway's own errors, by its response type."""

    def __init__(self, kind: str, request_id: str) -> None:
        response = RESPONSES[kind]
        self.CODE = response.status
        super().__init__(response.all_headers(), response.body(request_id).encode())


class _Authorizer(LocalGatewayAuthorizer):
    def __init__(self, app: Chalice, verifier: TokenVerifier) -> None:
        super().__init__(app)
        self._app = app
        self._verifier = verifier

    def authorize(
        self, raw_path: str, lambda_event: dict[str, Any], lambda_context: LambdaContext
    ) -> tuple[dict[str, Any], LambdaContext]:
        context, request_id = lambda_event["requestContext"], lambda_context.aws_request_id
        route = self._app.routes[context["resourcePath"]].get(context["httpMethod"])
        if route is None or route.authorizer is None:
            raise GatewayError("MISSING_AUTHENTICATION_TOKEN", request_id)
        token = lambda_event["headers"].get("authorization", "")
        if token[:7].lower() == "bearer ":
            token = token[7:]
        try:
            claims = self._verifier.claims(token.strip(), route.authorizer.scopes)
        except jwt.PyJWKClientConnectionError as error:
            print("error: the local cloud does not answer; start it with `make run`", flush=True)
            raise GatewayError("AUTHORIZER_FAILURE", request_id) from error
        # The second: a token whose JSON is so deep that reading it exhausts the stack.
        except (jwt.PyJWTError, RecursionError) as error:
            raise GatewayError("UNAUTHORIZED", request_id) from error
        context["authorizer"] = {"claims": {key: str(value) for key, value in claims.items()}}
        return lambda_event, lambda_context


class Gateway(LocalGateway):
    """Chalice's local gateway with the deployed gateway's authorizer and its errors.

    Chalice's own verifies no token: it trusts the claims of an ID token, gives none to an access
    token, and fails on a token without dots.
    """

    def __init__(self, app: Chalice, config: Config, verifier: TokenVerifier) -> None:
        super().__init__(app, config)
        self._authorizer = _Authorizer(app, verifier)

    def handle_request(
        self, method: str, path: str, headers: dict[str, Any], body: bytes | None
    ) -> dict[str, Any]:
        # To Chalice they would end the path, and the rest would be ignored.
        path = path.replace("#", "%23").replace(";", "%3B")
        try:
            return super().handle_request(method, path, headers, body)
        except GatewayError:
            raise
        # The second: Chalice repeats the Authorization header, which it wants to be ASCII.
        except (LocalGatewayException, UnicodeEncodeError) as error:
            raise GatewayError("MISSING_AUTHENTICATION_TOKEN", str(uuid.uuid4())) from error


class HTTPClient(TestHTTPClient):
    """The `http` of Chalice's test client, behind `Gateway`.

    `headers` are sent with each request that has no Authorization header of its own.
    """

    def __init__(
        self, app: Chalice, config: Config, verifier: TokenVerifier, headers: Mapping[str, str]
    ) -> None:
        super().__init__(app, config)
        self._local_gateway = Gateway(app, config, verifier)
        self._headers = headers

    def request(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> HTTPResponse:
        sent = dict(headers or {})
        if not any(name.lower() == "authorization" for name in sent):
            sent.update(self._headers)
        return super().request(method, path, sent, body)


def http_client(
    app: Chalice,
    stage_name: str,
    project_dir: Path,
    verifier: TokenVerifier,
    headers: Mapping[str, str],
) -> HTTPClient:
    """Return a client of the application with the variables of a stage."""
    config = CLIFactory(str(project_dir)).create_config_obj(chalice_stage_name=stage_name)
    return HTTPClient(app, config, verifier, headers)


def replace_server(make_gateway: MakeGateway, fail: Callable[[str], NoReturn]) -> None:
    """Have `chalice local` send its requests to the gateway that `make_gateway` returns.

    It is called once, with the application, the stage's configuration and the server's URL, after
    the server has its port and before it serves. `fail` is called if the server gets no port.
    """
    create = chalice.local.create_local_server

    def create_local_server(
        app_obj: Chalice, config: Config, host: str, port: int
    ) -> LocalDevServer:
        try:
            created = create(app_obj, config, host, port)
        except OSError as error:
            fail(f"{host}:{port}: {error.strerror}; pass another one, as in --port {port + 1}")
        bound_to = created.server.server_address[1]
        gateway = make_gateway(app_obj, config, f"http://{_reachable(host)}:{bound_to}")

        class Handler(ChaliceRequestHandler):
            def setup(self) -> None:
                super().setup()
                self.local_gateway = gateway

            def __getattr__(self, name: str) -> Any:
                # The methods that Chalice has no handler for, such as TRACE, have no route either.
                if name.startswith("do_"):
                    return self.do_GET
                raise AttributeError(name)

        handler = functools.partial(Handler, app_object=app_obj, config=config)
        created.server.RequestHandlerClass = handler
        return created

    chalice.local.create_local_server = create_local_server


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in ("", "0.0.0.0") else host  # noqa: S104 - compared, not bound


def is_reload_worker() -> bool:
    """Return whether this is the process that `chalice local` starts again after a change."""
    return "CHALICE_WORKER" in os.environ


def silence_watcher() -> None:
    """Have Chalice's own file watcher report no change any more.

    It watches the whole project, installed packages and the local cloud's data included. It may be
    in the middle of its first pass, which these patches let end without a difference.
    """

    def is_changed_file(self: Any, path: str, new_mtimes: dict[str, float]) -> bool:
        with suppress(KeyError):
            new_mtimes[path] = self._mtime_cache[path]
        return False

    def do_nothing(self: Any, *_: Any) -> None: ...

    setattr(StatFileWatcher, "_is_changed_file", is_changed_file)  # noqa: B010 - mypy refuses the assignment
    setattr(StatFileWatcher, "_single_pass_poll", do_nothing)  # noqa: B010 - mypy refuses the assignment
    with suppress(ImportError):  # watchdog is optional
        from chalice.cli.filewatch.eventbased import WatchdogRestarter

        setattr(WatchdogRestarter, "on_any_event", do_nothing)  # noqa: B010 - mypy refuses the assignment


def command() -> tuple[str, str | None]:
    """Return the name of Chalice's running command, and the stage that it is for, if any.

    `chalice local` imports the application in a thread without a context of click.
    """
    context = click.get_current_context(silent=True)
    if context is None:
        return "local", None
    return str(context.info_name), context.params.get("stage")
