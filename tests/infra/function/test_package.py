"""A deployment uses only a new, complete package."""

import sys
from pathlib import Path
from typing import Any

import pytest

from infra.errors import DeploymentFailed, Misconfigured
from infra.function.package import package, package_code
from infra.function.policy import point_at_data
from infra.stage import Stage
from tests.infra.conftest import configured, packaged, transformed
from tests.infra.test_stage import OUTPUTS


def test_without_a_user_pool_nothing_is_packaged(stage: Stage, tmp_path: Path) -> None:
    (stage.project / ".chalice" / "policy-prod.json").write_text("{}")
    with pytest.raises(Misconfigured, match="stage prod has no user pool yet"):
        package(stage, tmp_path / "out")


def test_broken_application_leaves_no_old_package(stage: Stage, tmp_path: Path) -> None:
    point_at_data(stage, OUTPUTS)
    template, archive = package(stage, tmp_path / "out")
    assert template.exists()
    assert archive.exists()

    with (stage.project / "app.py").open("a") as app:
        app.write("def broken(:\n")
    with pytest.raises(DeploymentFailed) as failure:
        package(stage, tmp_path / "out")
    # Which file and line, and not forty lines of Chalice's insides.
    assert 'File "app.py", line' in str(failure.value)
    assert len(str(failure.value).splitlines()) < 12
    assert not template.exists()
    assert not archive.exists()


def test_zip_alone_equals_the_package(stage: Stage, tmp_path: Path) -> None:
    before = stage.config_file.read_text()
    alone = package_code(stage, tmp_path / "alone")
    assert list(alone.parent.iterdir()) == [alone]
    assert stage.config_file.read_text() == before
    point_at_data(stage, OUTPUTS)
    _, whole = package(stage, tmp_path / "whole")
    assert whole.read_bytes() == alone.read_bytes()


def test_package_inside_chalice_is_equal(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """app.py's variable for Chalice commands must not reach the process that packages the copy."""
    usual = package_code(stage, tmp_path / "usual").read_bytes()
    monkeypatch.setenv("AWS_CHALICE_CLI_MODE", "true")
    assert package_code(stage, tmp_path / "within").read_bytes() == usual


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_function_has_the_configured_architecture(
    stage: Stage, tmp_path: Path, architecture: str
) -> None:
    assert stage.settings["lambda_architecture"] == "arm64"
    stage = configured(stage, {"lambda_architecture": architecture})
    function = packaged(stage, tmp_path)["Resources"]["APIHandler"]["Properties"]
    assert function["Architectures"] == [architecture]
    # For which everything is compiled.
    assert function["Runtime"] == f"python{sys.version_info.major}.{sys.version_info.minor}"


def test_unknown_architecture_is_rejected(stage: Stage, tmp_path: Path) -> None:
    stage = configured(stage, {"lambda_architecture": "aarch64"}, everywhere=True)
    with pytest.raises(Misconfigured, match="lambda_architecture must be one of x86_64, arm64"):
        package_code(stage, tmp_path / "out")


def test_the_template_makes_one_stage(stage: Stage, tmp_path: Path) -> None:
    resources = transformed(stage, tmp_path / "out")
    stages = [
        properties["StageName"]
        for resource in resources.values()
        if "StageName" in (properties := resource["Properties"])
    ]
    assert stages == ["api"]


def test_no_route_bypasses_the_alias(stage: Stage, tmp_path: Path) -> None:
    with (stage.project / "app.py").open("a") as app:
        app.write(
            "\n@app.route('/added/{name}', methods=['POST', 'GET'], authorizer=auth.readers)\n"
            "def added(name):\n    return {}\n"
        )
    resources = transformed(stage, tmp_path / "out")
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


def version(stage: Stage, out: Path) -> str:
    (name,) = (
        name
        for name, resource in transformed(stage, out).items()
        if resource["Type"] == "AWS::Lambda::Version"
    )
    return name


def test_version_settings_publish_a_version(stage: Stage, tmp_path: Path) -> None:
    changes: list[dict[str, Any]] = [
        {"lambda_memory_size": 512},
        {"lambda_timeout": 9},
        {"environment_variables": {"LOG_LEVEL": "DEBUG"}},
        {"lambda_architecture": "x86_64"},
    ]
    before = version(stage, tmp_path / "before")
    assert version(stage, tmp_path / "again") == before
    after = {version(configured(stage, each), tmp_path / next(iter(each))) for each in changes}
    assert len(after - {before}) == len(changes)
