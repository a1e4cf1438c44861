"""Check a stage before Chalice packages or deploys it."""

import os
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from botocore.exceptions import BotoCoreError, ClientError

from infra.aws import client_of
from infra.errors import Misconfigured, UnknownStage
from infra.release.preflight import check_runtime
from infra.stage import LOCAL_STAGE, Stage
from tools.project import PROJECT, PYTHON

_CHANGE_RUNTIME = "CHANGE_RUNTIME"
_NEED_DATA = ("deploy", "package", "plan")


def require(command: str, name: str, fail: Callable[[str, int], NoReturn]) -> None:
    """Call `fail` unless the stage exists and has the settings that the command needs."""
    try:
        stage = Stage.load(PROJECT, name)
    except UnknownStage as error:
        fail(str(error), 2)
    if command not in _NEED_DATA:
        return
    if name == LOCAL_STAGE:
        fail(f"stage {name} is the local cloud's: run `make run`, which deploys it", 2)
    variables = stage.setting("environment_variables", {})
    if not variables.get("TABLE_NAME") or not stage.policy_file.is_file():
        fail(
            f"stage {name} has no data stack: run `{PYTHON} -m infra data --stage {name}`",
            2,
        )
    if variables.get("APP_NAME") != stage.app_name:
        fail(
            f"stage {name} was deployed for the application {variables.get('APP_NAME')}, but its "
            f"name is now {stage.app_name}: run `{PYTHON} -m infra data --stage {name}`",
            2,
        )
    if command == "deploy":
        _require_runtime(stage, fail)


def _require_runtime(stage: Stage, fail: Callable[[str, int], NoReturn]) -> None:
    """Call `fail` if Chalice would change the function's Python version as a side effect."""
    # Chalice itself reports errors of the credentials or the network.
    with suppress(BotoCoreError, ClientError):
        try:
            check_runtime(stage, client_of("lambda"), print, change=_CHANGE_RUNTIME in os.environ)
        except Misconfigured as error:
            fail(str(error).replace("pass --change-runtime", f"set {_CHANGE_RUNTIME}=1"), 2)
