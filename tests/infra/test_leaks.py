"""The scan for secrets, run as `make check` runs it, in a project with one of them in it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra import leaks
from tools.project import PROJECT

# In pieces, or the scan would find them here.
_KEY = "kX9vB2mQ7tR4wZ8yC1nF" + "6hJ3pL5sD0gA/EuIoTrW"
SECRETS = {
    "a key's id of AWS": 'id = "AKIA' + 'Q3EGRPZTW7XLM2VD"',
    "a key of AWS": f"AWS_SECRET_ACCESS_KEY={_KEY}",
    "a private key": "-----BEGIN RSA PRIVATE" + " KEY-----\nMIIEpAIBAAKCAQEA\n",
    "a token of GitHub": "token: ghp_" + "wWPw5k4aXcaT4fNP0Ucn" + "ZwJUVFk6LO0pINUx",
    "an access token": ".".join(
        ["eyJhbGciOi" + "JSUzI1NiJ9", "eyJzdWIiOi" + "IxMjM0NTYifQ", "dozjgNryP4" + "J3jVmNHl0w5N"]
    ),
    "a password in an address": "postgres://items:" + "x7Rk29vTqLm@db.example.com/items",
    "a password": 'password = "' + 'Zk4-correct-battery"',
    "a secret by no name": 'sent("x-origin", "' + "fJ8sKq2LpX0vZ4mW9t" + 'RbC7yNdG3hE1aU")',
}


def git(project: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=project, check=True, capture_output=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository without a secret."""
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "leaks.toml").touch()
    (tmp_path / ".gitignore").write_text("/.local/\n__pycache__/\n")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    return tmp_path


def scan(project: Path) -> subprocess.CompletedProcess[str]:
    """The command as it is run, on a copy of itself."""
    for file in (PROJECT / "infra").glob("*.py"):
        shutil.copy(file, project / "infra")
    shutil.copytree(PROJECT / "tools", project / "tools", dirs_exist_ok=True)
    return subprocess.run(
        [sys.executable, "-m", "infra.leaks"], cwd=project, capture_output=True, text=True
    )


def test_without_a_secret_there_is_nothing_to_say(project: Path) -> None:
    result = scan(project)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize("what", SECRETS)
def test_a_secret_is_found_before_it_is_tracked(project: Path, what: str) -> None:
    (project / "settings.txt").write_text(f"first\n{SECRETS[what]}\n")
    [complaint] = {said.partition(" (")[0] for said in leaks.complaints(project)}
    assert complaint == "settings.txt:2: looks like a secret"


def test_a_secret_after_prose_is_found(project: Path) -> None:
    # Where detect-secrets finds only what is in quotation marks.
    (project / "notes.md").write_text(f"Then say:\n\n    export {SECRETS['a key of AWS']}\n")
    assert leaks.complaints(project) == ["notes.md:3: looks like a secret (AWS Access Key)"]


def test_the_check_fails(project: Path) -> None:
    (project / "deploy.sh").write_text(f"export {SECRETS['a key of AWS']}\n")
    git(project, "add", "deploy.sh")
    result = scan(project)
    assert result.returncode == 1
    assert "deploy.sh:1: looks like a secret" in result.stdout
    assert "has to be revoked" in result.stdout
    assert SECRETS["a key of AWS"].partition("=")[2] not in result.stdout + result.stderr


def test_a_comment_without_a_reason_excuses_nothing(project: Path) -> None:
    line = f"{SECRETS['a password']}  # pragma: allowlist" + " secret\n"
    (project / "settings.py").write_text(line)
    assert len(leaks.complaints(project)) == 1


def test_what_is_allowed_is_let_pass_wherever_it_is(project: Path) -> None:
    value = SECRETS["a password"].split('"')[1]
    (project / "one.py").write_text(SECRETS["a password"])
    (project / "other.py").write_text(SECRETS["a password"])
    allowed = f'[[allowed]]\nvalue = "{value}"\nreason = "A test\'s."\n'
    (project / "infra" / "leaks.toml").write_text(allowed)
    assert leaks.complaints(project) == []


def test_what_is_allowed_in_vain_has_to_go(project: Path) -> None:
    (project / "infra" / "leaks.toml").write_text('[[allowed]]\nvalue = "old"\nreason = "Was."\n')
    assert leaks.complaints(project) == ["infra/leaks.toml: 'old' is found nowhere"]


def test_what_git_ignores_is_not_looked_at(project: Path) -> None:
    (project / ".local").mkdir()
    (project / ".local" / "key.pem").write_text(SECRETS["a private key"])
    assert leaks.complaints(project) == []


def test_where_there_is_no_git_it_does_not_pass(project: Path) -> None:
    shutil.rmtree(project / ".git")
    result = scan(project)
    assert result.returncode == 2
    assert "could not be read" in result.stderr


def test_everything_allowed_here_has_a_reason() -> None:
    for value, reason in leaks.allowed(PROJECT).items():
        assert value
        assert len(reason) > 5, value


def test_the_check_is_part_of_make_check() -> None:
    makefile = (PROJECT / "Makefile").read_text()
    [recipe] = makefile.split("\ncheck:")[1:]
    assert "-m infra.leaks\n" in recipe.partition("\n\n")[0]
