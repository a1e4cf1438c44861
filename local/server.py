"""The backend of `chalice local`: the stack of `make run`, or the embedded default.

It is never a deployed stage. This process cannot reach a deployed table, or any credentials.
"""

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import httpx
from chalice import Chalice
from chalice.config import Config

from infra.errors import UnknownStage
from infra.gateway.chalice_gateway import Gateway
from infra.gateway.rules import DeployedRules
from infra.gateway.tokens import TokenVerifier
from infra.stage import LOCAL_STAGE, Stage
from local import embedded
from local.chalice_internals import replace_server
from local.home import LocalError, current_home
from tools.project import PROJECT

_CLI_MODE = "AWS_CHALICE_CLI_MODE"
_FIRST_USER = "alice@example.com"
_REGION = "us-east-1"


def prepare(fail: Callable[[str, int], NoReturn]) -> None:
    """Prepare the process for the application's import, and its server for verified requests.

    `fail` is called with a message and an exit status when the server cannot be created.
    """
    _forget_aws()
    # Before the server is created, because the application may create clients at import.
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
        except (UnknownStage, LocalError) as error:
            fail(str(error), error.exit_status)

    replace_server(make_gateway, lambda message: fail(message, 1))


def _forget_aws() -> None:
    """Remove every setting of AWS from this process: credentials, profiles, endpoints.

    The SDK finds fixed credentials instead, so that it does not search for credentials.
    """
    for name in [name for name in os.environ if name.startswith("AWS_") and name != _CLI_MODE]:
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
    # Chalice prints every library's log lines, about found credentials and each of our requests.
    for name in ("botocore.credentials", "httpx"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _running_stack() -> dict[str, Any] | None:
    """Return the description of the stack of `make run`, `None` if it does not respond."""
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
    verifier = TokenVerifier.of_pool(stack["region"], stack["user_pool_id"], stack["endpoint_url"])
    return Gateway(app, config, DeployedRules(verifier, _report_no_keys))


def _report_no_keys(_: Exception) -> None:
    print("error: the local cloud does not respond: run `make run`", flush=True)


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
    return EmbeddedGateway(app, config, DeployedRules(verifier))


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
