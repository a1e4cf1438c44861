"""`chalice deploy` keeps the function's Python, unless the developer asks for another."""

import json
import platform
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
from botocore.exceptions import NoCredentialsError

from infra.stage import Stage
from local import preflight
from tests.clients import clients_of

OURS = f"python{'.'.join(platform.python_version_tuple()[:2])}"
OTHER = "python3.9"


class Failed(Exception):
    """The check called `fail`."""


class NotDeployed(Exception):
    """Lambda has no such function."""


def fail(message: str, status: int) -> NoReturn:
    raise Failed(status, message)


@pytest.fixture
def require(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Any], None]:
    """`require(command, get_function_configuration)`: check a stage that has a data stack."""
    variables = {"APP_NAME": "items", "TABLE_NAME": "items"}
    config = {"version": "2.0", "app_name": "items", "stages": {"dev": {}}}
    config["environment_variables"] = variables
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps(config))
    stage = Stage.load(tmp_path, "dev")
    stage.policy_file.write_text("{}")
    monkeypatch.setattr(preflight, "PROJECT", tmp_path)

    def require(command: str, get: Callable[..., dict[str, str]]) -> None:
        exceptions = SimpleNamespace(ResourceNotFoundException=NotDeployed)
        fake = SimpleNamespace(get_function_configuration=get, exceptions=exceptions)
        monkeypatch.setattr(preflight, "client_of", clients_of({"lambda": fake}))
        preflight.require(command, "dev", fail)

    return require


def deployed_on(runtime: str) -> Callable[..., dict[str, str]]:
    return lambda **_: {"Runtime": runtime}


def raising(error: Exception) -> Callable[..., dict[str, str]]:
    def get(**_: Any) -> dict[str, str]:
        raise error

    return get


def test_deploy_on_another_python_is_refused(require: Callable[[str, Any], None]) -> None:
    with pytest.raises(Failed) as failed:
        require("deploy", deployed_on(OTHER))
    status, message = failed.value.args
    assert status == 2
    assert f"runs on {OTHER}, but this release is packaged for {OURS}" in message
    assert f"PYTHON={OTHER}" in message
    assert message.endswith("or set CHANGE_RUNTIME=1")


def test_deploy_on_another_python_as_asked(
    require: Callable[[str, Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHANGE_RUNTIME", "1")
    require("deploy", deployed_on(OTHER))


@pytest.mark.parametrize(
    ("command", "get"),
    [
        ("deploy", deployed_on(OURS)),
        ("deploy", raising(NotDeployed())),
        # Chalice itself reports these.
        ("deploy", raising(NoCredentialsError())),
        # This does not change the function.
        ("package", deployed_on(OTHER)),
    ],
)
def test_command_passes(
    require: Callable[[str, Any], None], command: str, get: Callable[..., dict[str, str]]
) -> None:
    require(command, get)


def test_stage_of_another_application_is_refused(
    require: Callable[[str, Any], None], tmp_path: Path
) -> None:
    """Its table and its users are those of the application before it was renamed."""
    file = tmp_path / ".chalice" / "config.json"
    file.write_text(file.read_text().replace('"app_name": "items"', '"app_name": "bookings"'))
    with pytest.raises(
        Failed, match="deployed for the application items, but its name is now book"
    ):
        require("package", deployed_on(OURS))
