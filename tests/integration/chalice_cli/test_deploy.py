"""Chalice's commands for a stage that cannot be deployed yet: one sentence, and no other effect."""

import itertools
import os
import subprocess
from pathlib import Path

import pytest

from tests.chalice_local import PROGRAM
from tests.project_copy import copy_project
from tools.project import PYTHON


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_project(tmp_path / "project")


def chalice(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command without credentials and region, also in its home."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        [PROGRAM, *arguments],
        cwd=project,
        env={**kept, "HOME": str(project.parent), "AWS_EC2_METADATA_DISABLED": "true"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


def state(directory: Path) -> dict[Path, bytes]:
    return {
        path: path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


COMMANDS = {
    "package": ["package", "--stage", "STAGE", "out"],
    "package a single file": ["package", "--stage", "STAGE", "--single-file", "out.zip"],
    "package for Terraform": ["package", "--stage", "STAGE", "--pkg-format", "terraform", "out"],
    "deploy": ["deploy", "--stage", "STAGE"],
    "plan": ["dev", "plan", "--stage", "STAGE"],
}
SENTENCES = {
    **{
        name: f"error: stage {name} has no data stack: "
        f"run `{PYTHON} -m infra data --stage {name}`\n"
        for name in ("dev", "prod")
    },
    "local": "error: stage local is the local cloud's: run `make run`, which deploys it\n",
    "nope": "error: .chalice/config.json has no stage nope: "
    "pass one of local, dev, staging, prod\n",
}


#: Each of Chalice's commands, and each sentence.
IN_EACH_RUN = {("package", "dev"), ("deploy", "nope"), ("plan", "local")}


@pytest.mark.parametrize(
    ("command", "stage"),
    [
        pytest.param(*row, marks=() if row in IN_EACH_RUN else pytest.mark.long)
        for row in itertools.product(COMMANDS, SENTENCES)
    ],
)
def test_stage_without_data_is_one_sentence(project: Path, command: str, stage: str) -> None:
    before = state(project)
    result = chalice(project, *[word.replace("STAGE", stage) for word in COMMANDS[command]])
    assert result.stderr.replace(f"{project}/", "") == SENTENCES[stage]
    assert result.stdout == ""
    assert result.returncode == 2
    assert state(project) == before
