"""The messages for problems of the computer, the account or the command line."""

import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.dynamodb_local import free_port
from tests.integration.commands.aws import DEPLOYED, Failure, serve
from tests.integration.commands.conftest import (
    SIGNED_IN,
    Run,
    arguments,
    assert_one_sentence,
    environment,
)
from tests.serving import serving
from tools.project import PROJECT

#: One command of each program that calls AWS.
COMMANDS = [
    "infra account",
    "infra destroy --stage dev",
    "ops rightsize --stage dev",
    "ops switch --stage dev --table x",
    "deploy_site.py --stage dev --no-build",
]
KEYS = {name: value for name, value in SIGNED_IN.items() if name != "AWS_DEFAULT_REGION"}
REGION = {"AWS_DEFAULT_REGION": "us-east-1"}
SSO = """
[profile work]
region = us-east-1
sso_session = work
sso_account_id = 123456789012
sso_role_name = Admin
[sso-session work]
sso_region = us-east-1
sso_start_url = https://work.awsapps.com/start
"""


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, ["no AWS region", "AWS_DEFAULT_REGION", "`aws configure`"]),
        (REGION, ["no AWS credentials", "`aws configure`", "`aws sso login`"]),
    ],
    ids=["no region", "no credentials"],
)
def test_missing_sign_in_is_2(
    command: str, variables: dict[str, str], words: list[str], run: Run
) -> None:
    error = assert_one_sentence(run(command, **variables), 2)
    for word in words:
        assert word in error


@pytest.mark.parametrize(
    ("variables", "error"),
    [
        (
            {**REGION, "AWS_ACCESS_KEY_ID": "test"},
            "incomplete AWS credentials (Partial credentials found in env, "
            "missing: AWS_SECRET_ACCESS_KEY)",
        ),
        ({"AWS_PROFILE": "nowhere"}, "no AWS profile nowhere: set AWS_PROFILE"),
        ({"AWS_PROFILE": "work"}, "run `aws sso login --profile work`"),
        ({**KEYS, "AWS_DEFAULT_REGION": "us east"}, "'us east' is not an AWS region"),
    ],
    ids=["partial", "profile", "sso", "region"],
)
def test_wrong_sign_in_is_2(
    variables: dict[str, str], error: str, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text(SSO)
    variables = {**variables, "AWS_CONFIG_FILE": str(tmp_path / "config")}
    assert error in assert_one_sentence(run("infra destroy --stage dev", **variables), 2)


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        ("AccessDenied", 1, "AWS denies DescribeStacks (no right to do this): use credentials"),
        ("InvalidClientTokenId", 2, "AWS rejects the credentials (no right to do this): run"),
        ("RequestExpired", 2, "AWS rejects this computer's time"),
        ("Throttling", 1, "Throttling"),
    ],
)
def test_error_response_is_explained(code: str, status: int, words: str, run: Run) -> None:
    with serve({"*": Failure(code, "no right to do this")}) as server:
        result = run("infra destroy --stage dev", **SIGNED_IN, AWS_ENDPOINT_URL=server.url)
    assert words in assert_one_sentence(result, status)


def test_unreachable_aws_is_1(run: Run) -> None:
    variables = {**SIGNED_IN, "AWS_ENDPOINT_URL": "https://aws.invalid"}
    error = assert_one_sentence(run("infra destroy --stage dev", **variables), 1)
    assert error.startswith("no connection to AWS (")
    assert error.endswith("check the network, and the region in AWS_DEFAULT_REGION")


@pytest.fixture
def stopped(tmp_path: Path) -> Path:
    """A home whose local cloud was deployed into and has ended."""
    file = tmp_path / "stack.json"
    file.write_text(f'{{"endpoint_url": "http://127.0.0.1:{free_port()}", "region": "us-east-1"}}')
    return file


@pytest.mark.parametrize(
    "command", ["deploy_site.py --stage local --no-build", "local token alice@example.com"]
)
def test_stopped_local_cloud_is_2(command: str, run: Run, stopped: Path) -> None:
    error = assert_one_sentence(run(command), 2)
    assert error.startswith("the local cloud does not respond at http://127.0.0.1:")
    assert error.endswith(": run `make run`")


def test_local_cloud_that_ends_meanwhile_is_2(run: Run) -> None:
    variables = {**SIGNED_IN, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_port()}"}
    error = assert_one_sentence(run("infra destroy --stage dev", **variables), 2)
    assert error.endswith("the local cloud is not running: run `make run`")


def make(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run make in the work tree, without installing anything."""
    return subprocess.run(
        ["make", "--no-print-directory", "--assume-old=.venv/ready", *words],
        cwd=PROJECT,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_smoke_on_stopped_cloud_names_make_run(tmp_path: Path, stopped: Path) -> None:
    result = make("smoke", "STAGE=local", LOCAL_HOME=str(tmp_path))
    assert result.returncode == 2
    [line] = [line for line in result.stderr.splitlines() if line.startswith("ERROR: ")]
    assert line.endswith(": run `make run`")
    assert "Traceback" not in result.stdout + result.stderr


@pytest.fixture
def old_python(tmp_path: Path) -> str:
    """A program that fails every question about its version."""
    program = tmp_path / "python3"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    return str(program)


def test_make_with_absent_python_names_it() -> None:
    result = make("run", "PYTHON=/nonexistent")
    assert result.returncode == 2
    assert result.stderr.startswith("error: /nonexistent is not a program: pass PYTHON=")


def test_make_with_old_python_names_the_version(old_python: str) -> None:
    result = make("run", f"PYTHON={old_python}")
    assert result.returncode == 2
    assert result.stderr.startswith(f"error: {old_python} is older than Python 3.11: pass PYTHON=")


@pytest.mark.parametrize("target", ["release", "smoke", "rollback", "destroy", "package"])
def test_make_without_stage_asks_for_it(target: str) -> None:
    result = make(target)
    assert result.returncode == 2
    assert result.stderr.startswith(
        "error: STAGE is not set: pass it, as in: make release STAGE=dev"
    )


def test_make_help_prints_whole_lines() -> None:
    result = make("help")
    assert result.returncode == 0
    lines = (PROJECT / "Makefile").read_text().splitlines()
    documented = [line.partition(" ## ") for line in lines if " ## " in line and line[0].isalpha()]
    expected = [f"make {rule.partition(':')[0]:<11} {text}" for rule, _, text in documented]
    assert len(expected) > 15
    assert result.stdout.splitlines() == expected


@pytest.fixture
def busy_port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    with serving(server):
        yield server.server_port


def test_busy_port_is_named_with_another(busy_port: int, run: Run, tmp_path: Path) -> None:
    result = run(f"local run --port {busy_port}")
    error = assert_one_sentence(result, 1)
    assert error.startswith(f"port {busy_port} is in use by another program")
    assert "make run PORT=" in error
    assert not (tmp_path / "stack.json").exists()


# --- a directory that cannot be written ---


def unprivileged() -> list[str]:
    """Return the prefix of a command that makes a directory's mode count, also for root."""
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if not os.geteuid() else []


@pytest.mark.parametrize(
    "command",
    ["infra template --stage dev --out {}/out", "tools.install run --into {}/venv"],
)
def test_unwritable_directory_is_named(command: str, project: Path, tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    result = subprocess.run(
        [*unprivileged(), *arguments(command.format(locked))],
        cwd=project,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
    )
    error = assert_one_sentence(result, 2)
    assert error.startswith(str(locked))
    assert error.endswith("Permission denied: change its owner or mode (`ls -ld` shows them)")


# --- help, which needs no account and no particular system ---

ENTRIES = [
    *("infra", "ops", "local", "tools.install", "tools.node", "deploy_site.py"),
    "tools.compatibility",
    *("bench.function", "bench.function.stub", "bench.load", "bench.lighthouse"),
    *("bench.deploy_site", "bench.page", "bench.scaling"),
]


def test_every_entry_is_listed() -> None:
    rooms = ("infra", "ops", "local", "tools", "bench")
    files = [file for room in rooms for file in (PROJECT / room).rglob("*.py")]
    found = {
        ".".join(file.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__main__")
        for file in files
        if 'if __name__ == "__main__"' in file.read_text()
    }
    # The first stands in for Lambda's, the others are started by `make run` and `make dev` only.
    found -= {"bench.function.runtime", "local.child", "local.ministack_main"}
    assert found | {"deploy_site.py"} == set(ENTRIES)


@pytest.mark.parametrize("entry", ENTRIES)
def test_help_does_nothing_else(entry: str, run: Run, tmp_path: Path) -> None:
    result = run(f"{entry} -h")
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("usage: ")
    assert result.stderr == ""
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def windows(tmp_path: Path) -> dict[str, str]:
    """Variables for a Python without `fcntl`, as on native Windows."""
    directory = tmp_path / "windows"
    directory.mkdir()
    (directory / "fcntl.py").write_text("raise ModuleNotFoundError('No module named fcntl')\n")
    return {"PYTHONPATH": str(directory)}


@pytest.mark.parametrize(
    "command",
    [
        "infra template --stage dev --out out",
        "local token alice@example.com",
        # They fail as `infra` does, in tools.command.
        pytest.param("ops switch --stage dev --table x", marks=pytest.mark.long),
        pytest.param("deploy_site.py --stage dev --no-build", marks=pytest.mark.long),
        "tools.install run",
        "tools.node run build",
    ],
)
def test_native_windows_has_help_only(command: str, spawn: Run, windows: dict[str, str]) -> None:
    entry = command.split()[0]
    assert spawn(f"{entry} --help", **windows).returncode == 0
    error = assert_one_sentence(spawn(command, **windows), 2)
    assert error == "this needs Linux or macOS: on Windows, run it inside WSL (wsl --install)"


def test_one_program_has_no_fcntl(windows: dict[str, str], tmp_path: Path) -> None:
    """Otherwise the test above would pass on any system."""
    command = [sys.executable, "-c", "import fcntl"]
    assert subprocess.run(command, env=environment(tmp_path, **windows)).returncode == 1


def test_other_world_is_not_denied(run: Run) -> None:
    """Otherwise the errors above could come from the server and not from the sign-in."""
    with serve(DEPLOYED) as server:
        variables = {**SIGNED_IN, "AWS_ENDPOINT_URL": server.url}
        assert run("infra destroy --stage dev --dry-run", **variables).returncode == 0
