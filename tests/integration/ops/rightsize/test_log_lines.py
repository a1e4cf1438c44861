"""`ops rightsize --reports`: REPORT lines from elsewhere, without AWS."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.ops.conftest import record_chalice_deployment
from tests.integration.ops.rightsize.conftest import Desk
from tools.project import PROJECT


def lines(*measured: tuple[int, float], number: int = 40) -> str:
    return "".join(
        f"REPORT RequestId: 1-{index}\tDuration: {took} ms\tBilled Duration: {took} ms\t"
        f"Memory Size: {memory} MB\tMax Memory Used: 90 MB\t\n"
        for memory, took in measured
        for index in range(number)
    )


def test_reports_need_no_aws(project: Path) -> None:
    """The command runs in a subprocess, on the project's own stage."""
    result = subprocess.run(
        [sys.executable, "-m", "ops", "rightsize", "--stage", "prod", "--reports", "-"],
        cwd=PROJECT,
        input=lines((512, 20.0), (1024, 10.0), (2048, 9.9)),
        env={"PATH": os.environ["PATH"], "AWS_EC2_METADATA_DISABLED": "true"},
        capture_output=True,
        text=True,
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert "recommended: 1024 MB, 10.0 ms" in result.stdout


def test_reports_are_read_from_a_file(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "log.txt"
    file.write_text(lines((512, 20.0), (1024, 10.0)))
    assert desk.run("--reports", str(file)) == 0
    assert desk.about("recommended: 1024 MB")
    assert desk.function.calls == []


def test_too_few_reports_fail(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "log.txt"
    file.write_text(lines((512, 20.0), number=19))
    assert desk.run("--reports", str(file)) == 1
    assert desk.about("warning: 512 MB: 19 warm invocations are too few to judge")
    assert "no size can be recommended" in capsys.readouterr().err


def test_chalice_stage_is_deployed_with_chalice(desk: Desk, tmp_path: Path) -> None:
    record_chalice_deployment(desk.project)
    file = tmp_path / "log.txt"
    file.write_text(lines((512, 20.0)))
    assert desk.run("--reports", str(file)) == 0
    assert desk.lines[-1].endswith("then: .venv/bin/chalice deploy --stage dev")


@pytest.mark.parametrize("text", ["", "START RequestId: 1\nEND RequestId: 1\n"])
def test_file_without_reports_is_an_error(
    desk: Desk, tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "log.txt"
    file.write_text(text)
    assert desk.run("--reports", str(file)) == 2
    assert "has no REPORT line of Lambda" in capsys.readouterr().err
    assert desk.run("--reports", str(tmp_path / "absent.txt")) == 2
