"""`python -m local new`: an application of one's own, with the history and one commit on it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from chalicelib.config import app_name
from local.new import GitFailed, new
from tests.integration.new.conftest import ITEM, NAME, git, variables
from tools.errors import CommandError, Misconfigured, Refused

#: The files with the name or with the words of the scopes. A release that changes one of these
#: lines conflicts with a copy.
CHANGED = {
    ".chalice/config.json",
    "README.md",
    "docs/commands.md",
    "docs/openapi.json",
    "infra/templates/data.yaml",
}


def test_new_adds_one_commit_to_the_history(application: Path, template: Path) -> None:
    assert git(application, "rev-parse", "HEAD^") == git(template, "rev-parse", "HEAD")
    assert set(git(application, "diff", "--name-only", "HEAD^").splitlines()) == CHANGED
    assert git(application, "status", "--porcelain") == ""
    assert git(application, "branch", "--show-current") == "main"


def test_new_leaves_tags_and_origin_to_the_copy(application: Path, template: Path) -> None:
    assert git(application, "tag") == "template/v1.0.0"
    assert git(application, "remote") == "template"
    assert git(application, "remote", "get-url", "template") == str(template)


def test_new_renames_settings_and_documents(application: Path) -> None:
    config = json.loads((application / ".chalice" / "config.json").read_text())
    assert config["app_name"] == NAME
    assert (application / "README.md").read_text().startswith(f"# {NAME.capitalize()}\n")
    document = json.loads((application / "docs" / "openapi.json").read_text())
    operations = [each for path in document["paths"].values() for each in path.values()]
    scopes = {scope for each in operations for scope in each["security"][0]["cognito"]}
    assert scopes == {f"{NAME}/read", f"{NAME}/write"}
    commands = (application / "docs" / "commands.md").read_text()
    assert f"{NAME}/read and {NAME}/write" in commands
    assert f"{app_name()}/read" not in commands


def test_new_describes_the_scopes_with_the_noun(application: Path) -> None:
    template = (application / "infra" / "templates" / "data.yaml").read_text()
    assert re.findall(r"ScopeDescription: ([\w ]+\w)", template) == [
        f"See your {ITEM}s",
        f"Change your {ITEM}s",
    ]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("My_App", "lower-case"),
        ("my-aws-app", "'aws'"),
        ("a" * 29, "29 characters"),
        (app_name(), "this project's own name"),
    ],
)
def test_name_that_aws_refuses_is_refused(
    name: str, problem: str, template: Path, tmp_path: Path
) -> None:
    with pytest.raises(Misconfigured, match=f"{problem}.*pass another --name"):
        new(tmp_path / "app", name, source=template)
    assert list(tmp_path.iterdir()) == []


def test_target_with_files_is_refused(template: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refused, match="is not an empty directory: pass another directory"):
        new(tmp_path, NAME, source=template)
    with pytest.raises(Refused, match="pass a directory outside"):
        new(template / "app", NAME, source=template)


@pytest.fixture
def clone(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for key, value in variables().items():
        monkeypatch.setenv(key, value)
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{template}", "clone")
    return tmp_path / "clone"


def test_uncommitted_changes_are_refused(clone: Path, tmp_path: Path) -> None:
    (clone / "note.txt").touch()
    with pytest.raises(Refused, match=r"uncommitted changes \(note\.txt\).*commit them"):
        new(tmp_path / "app", NAME, source=clone)


def test_history_that_is_cut_is_refused(clone: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="git fetch --unshallow"):
        new(tmp_path / "app", NAME, source=clone)


def test_absent_committer_is_refused(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_COMMITTER_NAME", " ")
    with pytest.raises(GitFailed, match="git var failed"):
        new(tmp_path / "app", NAME, source=clone)


def test_failure_leaves_no_target(template: Path, tmp_path: Path) -> None:
    """Here the copy's documents cannot be written, after the clone."""
    git(tmp_path, "clone", "--quiet", str(template), "broken")
    (tmp_path / "broken" / "infra" / "__main__.py").write_text("raise SystemExit('broken')\n")
    git(tmp_path / "broken", "commit", "--quiet", "--all", "--message", "Break")
    with pytest.raises(CommandError, match="infra documents failed in the copy: broken"):
        new(tmp_path / "apps" / "app", NAME, source=tmp_path / "broken")
    assert list((tmp_path / "apps").iterdir()) == []


@pytest.mark.long
@pytest.mark.timeout(900)
def test_fast_tests_of_the_copy_pass(application: Path) -> None:
    """Use this interpreter's packages, to avoid an installation."""
    tests = [
        *map(str, (application / "tests" / "unit").glob("*.py")),
        "tests/infra/test_project.py",
    ]
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests],
        cwd=application,
        env={key: value for key, value in os.environ.items() if key != "APP_NAME"},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout[-5000:] + result.stderr
