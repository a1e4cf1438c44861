"""The undocumented parts of Chalice that development uses.

`infra.gateway.chalice_gateway` has the remaining parts. Each part, with the place that uses it:

- `chalice.local.create_local_server`, which `chalice local` looks up in its module and calls once,
  and the `server` of its result, a `socketserver.BaseServer` (`replace_server`)
- `chalice.local.ChaliceRequestHandler`: `local_gateway`, and `do_GET`, which handles a request of
  any method (`replace_server`)
- `chalice.test.TestHTTPClient`: `_local_gateway` (`HTTPClient`)
- `chalice.cli.factory.CLIFactory.create_config_obj` (`http_client`)
- `chalice.cli.filewatch`: `RESTART_REQUEST_RC`, the variable `CHALICE_WORKER`, and the methods
  `StatFileWatcher._single_pass_poll` and `_is_changed_file`, `WatchdogRestarter.on_any_event`
  (`is_reload_worker`, `silence_watcher`)
- the names of the commands of `chalice.cli`, and their parameter `stage` (`command`)

It imports only Chalice and click: see `local.chalice_cli.install`.
"""

import functools
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import chalice.local
import click
from chalice import Chalice
from chalice.cli.factory import CLIFactory
from chalice.cli.filewatch import RESTART_REQUEST_RC as RESTART_REQUEST_RC
from chalice.cli.filewatch.stat import StatFileWatcher
from chalice.config import Config
from chalice.local import ChaliceRequestHandler, LocalDevServer, LocalGateway
from chalice.test import HTTPResponse, TestHTTPClient

#: From the application, the stage's configuration and the server's URL.
MakeGateway = Callable[[Chalice, Config, str], LocalGateway]


class HTTPClient(TestHTTPClient):
    """The `http` of Chalice's test client, behind another gateway.

    `headers` are sent with each request that has no Authorization header of its own.
    """

    def __init__(
        self, app: Chalice, config: Config, gateway: LocalGateway, headers: Mapping[str, str]
    ) -> None:
        super().__init__(app, config)
        self._local_gateway = gateway
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
    make_gateway: Callable[[Chalice, Config], LocalGateway],
    headers: Mapping[str, str],
) -> HTTPClient:
    """Return a client of the application with the variables of a stage."""
    config = CLIFactory(str(project_dir)).create_config_obj(chalice_stage_name=stage_name)
    return HTTPClient(app, config, make_gateway(app, config), headers)


def replace_server(make_gateway: MakeGateway, fail: Callable[[str], NoReturn]) -> None:
    """Make `chalice local` send its requests to the gateway that `make_gateway` returns.

    `make_gateway` is called once, after the server has its port and before it serves. Its arguments
    are the application, the stage's configuration and the server's URL. `fail` is called if the
    server gets no port.
    """
    create = chalice.local.create_local_server

    def create_local_server(
        app_obj: Chalice, config: Config, host: str, port: int
    ) -> LocalDevServer:
        try:
            created = create(app_obj, config, host, port)
        except OSError as error:
            fail(f"{host}:{port}: {error.strerror}: pass another port, as in --port {port + 1}")
        bound_to = created.server.server_address[1]
        gateway = make_gateway(app_obj, config, f"http://{_reachable(host)}:{bound_to}")

        class Handler(ChaliceRequestHandler):
            def setup(self) -> None:
                super().setup()
                self.local_gateway = gateway

            def __getattr__(self, name: str) -> Any:
                # Methods for which Chalice has no handler, such as TRACE, have no route.
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
    """Make Chalice's own file watcher report no further change.

    It watches the whole project, installed packages and the local cloud's data included. If it is
    in the middle of its first pass, these patches end that pass without a difference.
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
