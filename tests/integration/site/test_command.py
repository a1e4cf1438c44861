"""`deploy_site.py` as a command: arguments, output, exit statuses."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from deploy_site import Options, main
from tests.clients import client_error
from tests.integration.site.aws import ACCOUNT, OUTPUTS, Aws
from tests.integration.site.sites import V1, V2, WriteSite
from tools.project import PROJECT

Run = Callable[..., int]


class CloudFormation:
    """CloudFormation with the site stack of stage `dev` alone."""

    def __init__(self, outputs: dict[str, str]) -> None:
        self._outputs = outputs

    def describe_stacks(self, StackName: str) -> Any:  # noqa: N803 - boto3's name
        if StackName != "items-dev-site":
            message = f"{StackName} does not exist"
            raise client_error("ValidationError", message)
        pairs = [{"OutputKey": k, "OutputValue": v} for k, v in self._outputs.items()]
        arn = f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/items-dev-site/uuid"
        return {"Stacks": [{"StackId": arn, "StackStatus": "UPDATE_COMPLETE", "Outputs": pairs}]}


@pytest.fixture
def run(aws: Aws) -> Run:
    """Return `run("--delete")`, which deploys stage `dev` in moto if `--stage` is absent."""
    outputs = {**OUTPUTS, "BucketName": aws.bucket, "DistributionId": aws.distribution}
    fakes = {"cloudformation": CloudFormation(outputs), "s3": aws.s3, "cloudfront": aws.cloudfront}

    def run(*arguments: str) -> int:
        stage = [] if "--stage" in arguments else ["--stage", "dev"]
        return main([*stage, *arguments], lambda _stage: fakes.__getitem__)

    return run


def test_second_deployment_has_no_changes(
    run: Run, write_site: WriteSite, capsys: pytest.CaptureFixture[str]
) -> None:
    source = str(write_site("v1", V1))
    assert run("--source", source) == 0
    *lines, summary = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["uploading 2 assets", "uploading 2 other files", "uploading 3 pages"]
    assert "7 uploaded" in summary
    assert OUTPUTS["SiteUrl"] in summary
    assert run("--source", source) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("no changes: 7 files unchanged")


def test_dry_run_prints_the_plan(
    aws: Aws, run: Run, write_site: WriteSite, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--source", str(write_site("v1", V1)), "--dry-run") == 0
    assert aws.writes() == []
    lines = capsys.readouterr().out.splitlines()
    assert "upload      index.html  (new)" in lines
    assert lines[-1] == "dry run: 7 to upload, 0 unchanged, 0 to delete"


def test_json_is_all_of_standard_output(
    run: Run, write_site: WriteSite, capsys: pytest.CaptureFixture[str]
) -> None:
    source = str(write_site("v1", {**V1, "data.xyz": "?"}))
    assert run("--source", source, "--dry-run", "--json") == 0
    plan, warnings = (stream for stream in capsys.readouterr())
    assert {upload["reason"] for upload in json.loads(plan)["upload"]} == {"new"}
    assert "data.xyz: unknown type" in warnings
    assert run("--source", source, "--json") == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["uploaded"] == 8
    assert summary["release"]
    assert "/index.html" in summary["invalidated"]


def test_rollback_restores_the_first_release(aws: Aws, run: Run, write_site: WriteSite) -> None:
    assert run("--rollback") == 3
    for name, files in {"v1": V1, "v2": V2}.items():
        assert run("--source", str(write_site(name, files))) == 0
    assert run("--rollback") == 0
    assert aws.read("index.html") == V1["index.html"]


def test_delete_obeys_all_its_options(aws: Aws, run: Run, write_site: WriteSite) -> None:
    assert run("--source", str(write_site("v1", V1))) == 0
    v2 = ("--source", str(write_site("v2", V2)), "--delete", "--grace-days", "0")
    assert run(*v2, "--allow-delete", "1") == 3
    assert run(*v2, "--allow-delete", "2") == 0
    assert aws.published() == {*V2, "config.json"}


def test_foreign_bucket_needs_adopt(aws: Aws, run: Run, write_site: WriteSite) -> None:
    aws.put("theirs.txt", "precious")
    source = str(write_site("v1", V1))
    assert run("--source", source) == 3
    assert run("--source", source, "--adopt") == 0


def test_wait_ends_after_the_invalidation(aws: Aws, run: Run, write_site: WriteSite) -> None:
    def completed(parsed: dict[str, Any], **_: Any) -> None:
        parsed["Invalidation"]["Status"] = "Completed"  # moto has it in upper case

    aws.cloudfront.meta.events.register("after-call.cloudfront.GetInvalidation", completed)
    arguments = ("--source", str(write_site("v1", V1)), "--wait")
    assert run(*arguments) == 0
    assert aws.operations()[-1] == "GetInvalidation"
    aws.calls.clear()
    assert run(*arguments) == 0, "a run without changes waits too"
    assert aws.operations()[-1] == "GetInvalidation"


@pytest.mark.parametrize("bad", [".env", "server.key", "link"])
def test_site_with_secrets_is_refused(
    bad: str,
    aws: Aws,
    run: Run,
    write_site: WriteSite,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    source = write_site("v1", V1)
    if bad == "link":
        (tmp_path / "private.txt").write_text("private")
        (source / bad).symlink_to(tmp_path / "private.txt")
    else:
        (source / bad).write_text("x")
    assert run("--source", str(source)) == 3
    assert aws.writes() == []
    assert f"\n  {bad}: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--stage", "nowhere"], "has no stage nowhere"),
        (["--stage", "prod"], "run `.venv/bin/python -m infra site --stage prod`"),
        (["--source", "/does/not/exist"], "no directory /does/not/exist"),
    ],
)
def test_configuration_error_names_the_remedy(
    arguments: list[str], message: str, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--no-build" if "--stage" in arguments else "--json", *arguments) == 2
    assert message in capsys.readouterr().err


def test_local_stage_needs_the_local_cloud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOCAL_HOME", str(tmp_path))
    assert main(["--stage", "local", "--source", str(tmp_path)]) == 2
    assert "make run" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--stage"],
        ["--stage", "dev", "extra"],
        ["--stage", "dev", "--allow-delete", "5"],
        ["--stage", "dev", "--delete", "--allow-delete", "-1"],
        ["--stage", "dev", "--delete", "--allow-delete", "1.5"],
        ["--stage", "dev", "--delete", "--grace-days", "-1"],
        ["--stage", "dev", "--delete", "--grace-days", "nan"],
        ["--stage", "dev", "--delete", "--grace-days", "soon"],
        ["--stage", "dev", "--rollback", "--delete"],
        ["--stage", "dev", "--rollback", "--source", "x"],
        ["--stage", "dev", "--rollback", "--no-build"],
        ["--stage", "dev", "--source", "x", "--no-build"],
    ],
)
def test_wrong_usage_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: .venv/bin/python deploy_site.py")


@pytest.mark.parametrize(
    ("operation", "error", "status"),
    [
        ("s3.ListObjectsV2", ClientError({"Error": {"Code": "SlowDown"}}, "ListObjectsV2"), 1),
        ("s3.ListObjectsV2", NoCredentialsError(), 2),
        ("s3.PutObject", ClientError({"Error": {"Code": "AccessDenied"}}, "PutObject"), 1),
        ("s3.PutObject", KeyboardInterrupt(), 130),
        (
            "cloudfront.CreateInvalidation",
            ClientError({"Error": {"Code": "Throttling"}}, "CreateInvalidation"),
            4,
        ),
    ],
)
def test_failure_has_a_status_and_can_be_rerun(
    operation: str, error: BaseException, status: int, aws: Aws, run: Run, write_site: WriteSite
) -> None:
    source = str(write_site("v1", V1))
    service, _, name = operation.partition(".")
    events = {"s3": aws.s3, "cloudfront": aws.cloudfront}[service].meta.events

    def fail(**_: Any) -> None:
        raise error

    events.register(f"before-parameter-build.{service}.{name}", fail)
    assert run("--source", source) == status
    events.unregister(f"before-parameter-build.{service}.{name}", fail)
    assert run("--source", source) == 0
    assert aws.read("index.html") == V1["index.html"]
    assert len(aws.invalidated()) == 1


def test_help_lists_every_option_and_status() -> None:
    command = [sys.executable, "deploy_site.py", "--help"]
    result = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert result.returncode == 0
    for option in vars(Options()):
        if option != "workers":
            assert f"--{option.replace('_', '-')}" in result.stdout
    for status in (0, 1, 2, 3, 4, 130):
        assert re.search(rf"^  {status} +\w", result.stdout, re.MULTILINE)
