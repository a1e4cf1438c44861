"""Which settings of a developer's machine reach pip, uv and npm."""

import sys
from pathlib import Path

import pytest

from tools.environment import for_npm, for_python

BASE = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}


@pytest.mark.parametrize(
    "name", ["PIP_USER", "PIP_TARGET", "PIP_PREFIX", "UV_PYTHON", "PYTHONPATH"]
)
def test_python_setting_that_redirects_is_dropped(name: str) -> None:
    assert name not in for_python(sys.executable, {**BASE, name: "1"})


def test_network_settings_reach_both_installers(tmp_path: Path) -> None:
    file = tmp_path / "pip.conf"
    file.write_text(
        "[global]\nindex-url = https://mirror.example/simple\nuser = true\n"
        "[install]\ntarget = /nonexistent\ncert = /etc/mirror.pem\n"
    )
    found = for_python(sys.executable, {**BASE, "PIP_CONFIG_FILE": str(file)})
    assert found["PIP_INDEX_URL"] == found["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert found["PIP_CERT"] == found["SSL_CERT_FILE"] == "/etc/mirror.pem"
    assert "PIP_USER" not in found
    assert "PIP_TARGET" not in found
    assert found["PIP_CONFIG_FILE"] == "/dev/null"


def test_variable_overrides_pip_configuration(tmp_path: Path) -> None:
    file = tmp_path / "pip.conf"
    file.write_text("[global]\nindex-url = https://mirror.example/simple\n")
    environ = {**BASE, "PIP_CONFIG_FILE": str(file), "PIP_INDEX_URL": "https://other.example/"}
    assert for_python(sys.executable, environ)["UV_DEFAULT_INDEX"] == "https://other.example/"
    environ["UV_DEFAULT_INDEX"] = "https://uv.example/"
    assert for_python(sys.executable, environ)["UV_DEFAULT_INDEX"] == "https://uv.example/"


@pytest.mark.parametrize(
    "name", ["NODE_ENV", "npm_config_omit", "NPM_CONFIG_PRODUCTION", "npm_config_global"]
)
def test_npm_omit_setting_is_dropped(name: str) -> None:
    assert name not in for_npm("/bin", {**BASE, name: "production"})


@pytest.mark.parametrize("name", ["npm_config_registry", "npm_config_cafile", "npm_config_cache"])
def test_npm_setting_about_network_is_kept(name: str) -> None:
    assert for_npm("/bin", {**BASE, name: "value"})[name] == "value"


def test_npm_installs_development_packages() -> None:
    assert for_npm("/bin", BASE)["npm_config_include"] == "dev"
