"""`make secrets`, in a repository with secrets in it: the part of `make check` that finds them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.project import PROJECT

# In pieces, or the scan would find them here.
_KEY = "kX9vB2mQ7tR4wZ8yC1nF" + "6hJ3pL5sD0gA/EuIoTrW"
_PASSWORD = 'password = "' + 'Zk4-correct-battery"'
#: By file: secrets that detect-secrets finds.
SECRETS = {
    "aws-key-id.txt": 'id = "AKIA' + 'Q3EGRPZTW7XLM2VD"',
    "key.pem": "-----BEGIN RSA PRIVATE" + " KEY-----\nMIIEpAIBAAKCAQEA\n",
    "github.txt": "token: ghp_" + "wWPw5k4aXcaT4fNP0Ucn" + "ZwJUVFk6LO0pINUx",
    "access-token.txt": ".".join(
        ["eyJhbGciOi" + "JSUzI1NiJ9", "eyJzdWIiOi" + "IxMjM0NTYifQ", "dozjgNryP4" + "J3jVmNHl0w5N"]
    ),
    "url.txt": "postgres://items:" + "x7Rk29vTqLm@db.example.com/items",
    "settings.py": _PASSWORD,
    "unnamed.py": 'sent("x-origin", "' + "fJ8sKq2LpX0vZ4mW9t" + 'RbC7yNdG3hE1aU")',
    "excused.py": f"{_PASSWORD}  # pragma: allowlist" + " secret",
}
#: By file: the secret keys of AWS that it does not find.
AWS_KEYS = {
    "notes.md": f"Then say:\n\n    export AWS_SECRET_ACCESS_KEY={_KEY}\n",
    "settings.txt": f"aws_secret_access_key = {_KEY}",
    "deploy.sh": f'SecretAccessKey: "{_KEY}"',
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository without a secret."""
    (tmp_path / ".gitignore").write_text("/.local/\n")
    (tmp_path / "app.py").write_text('print("hello")\n')
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    return tmp_path


def scan(project: Path) -> subprocess.CompletedProcess[str]:
    """Run the target there, with the packages of here."""
    command = ["make", "--file", str(PROJECT / "Makefile"), "secrets", "INSTALL=true"]
    command.append(f"BIN={Path(sys.executable).parent}")
    environment = {key: os.environ[key] for key in ("PATH", "HOME")}
    return subprocess.run(
        command,
        cwd=project,
        env=environment | {"GIT_CEILING_DIRECTORIES": str(project.parent)},
        capture_output=True,
        text=True,
    )


def write(project: Path, contents: dict[str, str]) -> None:
    for name, content in contents.items():
        (project / name).write_text(content)


def test_repository_without_secrets_passes(project: Path) -> None:
    (project / ".local").mkdir()
    (project / ".local" / "ignored.pem").write_text(SECRETS["key.pem"])
    result = scan(project)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_secrets_in_untracked_files_are_found(project: Path) -> None:
    write(project, SECRETS)
    result = scan(project)
    assert result.returncode == 2
    assert {name for name in SECRETS if f"{name}:" in result.stdout} == set(SECRETS)
    assert "app.py" not in result.stdout
    assert "revoke" in result.stderr
    assert "correct-battery" not in result.stdout + result.stderr


def test_aws_secret_keys_are_found(project: Path) -> None:
    write(project, AWS_KEYS)
    subprocess.run(["git", "add", *AWS_KEYS], cwd=project, check=True)
    result = scan(project)
    assert result.returncode == 2
    assert sorted(result.stdout.splitlines()) == sorted(AWS_KEYS)
    assert "revoke" in result.stderr
    assert _KEY not in result.stderr


def test_only_a_whole_harmless_value_passes(project: Path) -> None:
    write(project, dict.fromkeys(["one.py", "other.py"], 'password = "Correct-Horse-1"\n'))
    assert scan(project).returncode == 0
    write(project, {"longer.py": 'password = "' + 'Correct-Horse-12"\n'})
    found = scan(project).stdout
    assert "longer.py:1" in found
    assert "one.py" not in found


def test_scan_without_git_fails(project: Path) -> None:
    shutil.rmtree(project / ".git")
    assert scan(project).returncode == 2


def test_make_check_scans() -> None:
    result = subprocess.run(
        ["make", "--dry-run", "check"], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert "/detect-secrets-hook " in result.stdout
