"""A deployment uses only a new, complete package."""

import json
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from infra.errors import DeploymentFailed, Misconfigured
from infra.function.package import package, package_code
from infra.function.policy import point_at_data
from infra.function.template import set_code
from infra.stage import Stage
from tests.infra.conftest import configured, expanded, prepared, transformed
from tests.infra.test_stage import OUTPUTS


def test_without_a_user_pool_nothing_is_packaged(stage: Stage, tmp_path: Path) -> None:
    (stage.project / ".chalice" / "policy-prod.json").write_text("{}")
    with pytest.raises(Misconfigured, match="stage prod has no user pool yet"):
        package(stage, tmp_path / "out")


def test_broken_application_leaves_no_old_package(stage: Stage, tmp_path: Path) -> None:
    point_at_data(stage, OUTPUTS)
    for name in ("sam.json", "deployment.zip"):
        (tmp_path / name).write_text("old")
    with (stage.project / "app.py").open("a") as app:
        app.write("def broken(:\n")
    with pytest.raises(DeploymentFailed) as failure:
        package(stage, tmp_path)
    # The file and the line, and not forty lines of Chalice's insides.
    assert 'File "app.py", line' in str(failure.value)
    assert len(str(failure.value).splitlines()) < 12
    assert not [path for path in tmp_path.iterdir() if path.is_file()]


def test_zip_alone_equals_the_package(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """app.py's variable for Chalice commands must not reach the process that packages the copy."""
    before = stage.config_file.read_text()
    alone = package_code(stage, tmp_path / "alone")
    assert list(alone.parent.iterdir()) == [alone]
    assert stage.config_file.read_text() == before
    point_at_data(stage, OUTPUTS)
    monkeypatch.setenv("AWS_CHALICE_CLI_MODE", "true")
    template, whole = package(stage, tmp_path / "whole")
    assert whole.read_bytes() == alone.read_bytes()
    # Another process packages the same template.
    assert json.loads(template.read_text()) == prepared(stage)


def test_unknown_architecture_is_rejected(stage: Stage, tmp_path: Path) -> None:
    stage = configured(stage, {"lambda_architecture": "aarch64"}, everywhere=True)
    with pytest.raises(Misconfigured, match="lambda_architecture must be one of x86_64, arm64"):
        package_code(stage, tmp_path / "out")


def test_the_template_makes_one_stage(stage: Stage) -> None:
    resources = transformed(stage)
    stages = [
        properties["StageName"]
        for resource in resources.values()
        if "StageName" in (properties := resource["Properties"])
    ]
    assert stages == ["api"]


def test_no_route_bypasses_the_alias(stage: Stage) -> None:
    with (stage.project / "app.py").open("a") as app:
        app.write(
            "\n@app.route('/added/{name}', methods=['POST', 'GET'], authorizer=auth.readers)\n"
            "def added(name):\n    return {}\n"
        )
    resources = transformed(stage)
    methods = {
        f"{verb.upper()} {path}": method["x-amazon-apigateway-integration"]
        for path, verbs in resources["RestAPI"]["Properties"]["Body"]["paths"].items()
        for verb, method in verbs.items()
    }
    invoking = {name: each for name, each in methods.items() if each["type"] == "aws_proxy"}
    assert {"GET /items", "PUT /items", "POST /added/{name}", "GET /added/{name}"} <= set(invoking)
    assert {name for name in methods if name not in invoking} == {
        name for name in methods if name.startswith("OPTIONS ")
    }
    for name, integration in invoking.items():
        invoked = integration["uri"]["Fn::Sub"].partition("/functions/")[2]
        assert invoked == "${APIHandlerAliaslive}/invocations", name
    assert resources["APIHandlerAliaslive"]["Properties"]["Name"] == "live"
    permissions = [each for each in resources.values() if each["Type"] == "AWS::Lambda::Permission"]
    allowed = [permission["Properties"]["FunctionName"] for permission in permissions]
    assert allowed == [{"Ref": "APIHandlerAliaslive"}]


def version(template: dict[str, Any]) -> str:
    copy = deepcopy(template)
    set_code(copy, "bucket", "key")
    (name,) = (
        name
        for name, resource in expanded(copy).items()
        if resource["Type"] == "AWS::Lambda::Version"
    )
    return name


def test_version_settings_publish_a_version(stage: Stage) -> None:
    settings = {
        "lambda_memory_size": 512,
        "lambda_timeout": 9,
        "environment_variables": {"LOG_LEVEL": "DEBUG"},
        "lambda_architecture": "x86_64",
    }
    template = prepared(stage)
    before = version(template)
    changed = prepared(configured(stage, settings))["Resources"]["APIHandler"]["Properties"]
    assert changed["Environment"]["Variables"]["LOG_LEVEL"] == "DEBUG"
    values = {"MemorySize": 512, "Timeout": 9, "Architectures": ["x86_64"]}
    assert values.items() <= changed.items()
    # Everything is compiled for this Python.
    assert changed["Runtime"] == f"python{sys.version_info.major}.{sys.version_info.minor}"
    after = set()
    for name in (*values, "Environment"):
        other = deepcopy(template)
        other["Resources"]["APIHandler"]["Properties"][name] = changed[name]
        after.add(version(other))
    assert len(after - {before}) == len(settings)
