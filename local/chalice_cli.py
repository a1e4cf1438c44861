"""The hook of `app.py` into Chalice's commands: `chalice local`, `package`, `deploy` and others.

Chalice sets `AWS_CHALICE_CLI_MODE` for all of its commands, and imports the application after it
has set the stage's variables. The commands that never import it (`logs`, `delete`, `invoke`, `url`)
are as Chalice makes them.
"""

import logging
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import httpx
from botocore.exceptions import BotoCoreError, ClientError
from chalice import Chalice
from chalice.config import Config

from infra.aws import client_of
from infra.errors import Misconfigured, UnknownStage
from infra.release.preflight import check_runtime
from infra.stage import LOCAL_STAGE, Stage
from local import chalice_internals, embedded, reload
from local.chalice_internals import Gateway
from local.home import LocalError, current_home
from local.tokens import TokenVerifier
from tools.project import PROJECT, PYTHON

CLI_MODE = "AWS_CHALICE_CLI_MODE"

_CHANGE_RUNTIME = "CHANGE_RUNTIME"
_NEED_DATA = ("deploy", "package", "plan")
_FIRST_USER = "alice@example.com"
_REGION = "us-east-1"


def install() -> None:
    """Prepare this process for the Chalice command that it runs.

    Exits with a sentence if the command cannot do its work.
    """
    command, stage = chalice_internals.command()
    if command != "local":
        if stage is not None:
            _require(command, stage)
        return
    if chalice_internals.is_reload_worker():
        reload.restart_on_change(PROJECT, chalice_internals.RESTART_REQUEST_RC)
        chalice_internals.silence_watcher()
    _forget_aws()
    # Now and not when the server is created: the application may make clients when it is imported.
    stack = _running_stack()
    if stack:
        _point_at(stack)
    else:
        embedded.intercept_aws()
        os.environ["TABLE_NAME"] = embedded.TABLE_NAME

    def make_gateway(app: Chalice, config: Config, url: str) -> Gateway:
        try:
            Stage.load(PROJECT, config.chalice_stage)
            if stack or config.chalice_stage == LOCAL_STAGE:
                return _gateway_of_stack(app, config, url)
            return _embedded_gateway(app, config, url)
        except UnknownStage as error:
            _exit(str(error), 2)
        except LocalError as error:
            _exit(str(error), 1)

    chalice_internals.replace_server(make_gateway, lambda message: _exit(message, 1))


def _require(command: str, name: str) -> None:
    """Exit unless the stage exists and has what the command deploys it with."""
    try:
        stage = Stage.load(PROJECT, name)
    except UnknownStage as error:
        _exit(str(error), 2)
    if command not in _NEED_DATA:
        return
    if name == LOCAL_STAGE:
        _exit(f"stage {name} is the local cloud's: run `make run`, which deploys it", 2)
    variables = stage.setting("environment_variables", {})
    if not variables.get("TABLE_NAME") or not stage.policy_file.is_file():
        _exit(
            f"stage {name} has no data stack yet: run `{PYTHON} -m infra data --stage {name}`",
            2,
        )
    if command == "deploy":
        _require_runtime(stage)


def _require_runtime(stage: Stage) -> None:
    """Exit if Chalice would change the function's Python in passing."""
    # Chalice itself reports what is wrong with the credentials or the network.
    with suppress(BotoCoreError, ClientError):
        try:
            check_runtime(stage, client_of("lambda"), print, change=_CHANGE_RUNTIME in os.environ)
        except Misconfigured as error:
            _exit(str(error).replace("pass --change-runtime", f"set {_CHANGE_RUNTIME}=1"), 2)


def _exit(message: str, status: int) -> NoReturn:
    print(f"error: {message}", file=sys.stderr, flush=True)
    sys.stdout.flush()
    # With reload, Chalice imports the application in a thread: `sys.exit` would end only that.
    os._exit(status)


def _forget_aws() -> None:
    """Remove every setting of AWS from this process: credentials, profiles, endpoints.

    The SDK finds fixed credentials instead, so that it looks for no others.
    """
    for name in [name for name in os.environ if name.startswith("AWS_") and name != CLI_MODE]:
        del os.environ[name]
    os.environ.update(
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",  # noqa: S106 - the emulator's own, fixed
        AWS_DEFAULT_REGION=_REGION,
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        NO_PROXY="127.0.0.1,localhost",
        no_proxy="127.0.0.1,localhost",
    )
    # Chalice prints what any library logs: that credentials were found, and each request of ours.
    for name in ("botocore.credentials", "httpx"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _running_stack() -> dict[str, Any] | None:
    """Return the description of what `make run` serves, or None if it does not answer."""
    try:
        stack = current_home().stack()
        httpx.get(f"{stack['endpoint_url']}/_ministack/health", timeout=2).raise_for_status()
    except (LocalError, httpx.HTTPError):
        return None
    return stack


def _point_at(stack: dict[str, Any]) -> None:
    os.environ.update(
        TABLE_NAME=stack["table_name"],
        USER_POOL_ARN=stack["user_pool_arn"],
        AWS_ENDPOINT_URL=stack["endpoint_url"],
        AWS_DEFAULT_REGION=stack["region"],
    )


def _gateway_of_stack(app: Chalice, config: Config, url: str) -> Gateway:
    stack = current_home().stack()
    _point_at(stack)
    _welcome(f"the local cloud of `make run`, at {stack['endpoint_url']}", config, url, "")
    verifier = TokenVerifier.of_pool(stack["endpoint_url"], stack["region"], stack["user_pool_id"])
    return Gateway(app, config, verifier)


def _embedded_gateway(app: Chalice, config: Config, url: str) -> Gateway:
    home = current_home()
    table = embedded.EmbeddedTable(home)
    verifier = embedded.signing_key(home).verifier()

    class EmbeddedGateway(Gateway):
        def handle_request(self, method: str, *rest: Any, **named: Any) -> dict[str, Any]:
            with table.lock:
                response = super().handle_request(method, *rest, **named)
                if method in ("PUT", "POST", "PATCH", "DELETE"):
                    table.save()
                return response

    kept_in = _short(embedded.directory_of(home))
    _welcome(f"an embedded table, kept in {kept_in}/", config, url, " --embedded")
    return EmbeddedGateway(app, config, verifier)


def _welcome(served: str, config: Config, url: str, option: str) -> None:
    table = config.environment_variables.get("TABLE_NAME")
    instead = f", not stage {config.chalice_stage}'s table {table}" if table else ""
    home = os.environ.get("LOCAL_HOME")
    prefix = f"LOCAL_HOME={home} " if home else ""
    token = f"{prefix}{_short(Path(sys.executable))} -m local token {_FIRST_USER}{option}"
    print(f"Serving {served}{instead}.\n")
    print(f'  curl -H "Authorization: Bearer $({token})" {url}/items\n', flush=True)


def _short(path: Path) -> Path:
    """Return the path relative to the current directory if it lies within."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
