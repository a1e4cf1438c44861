"""`chalice local` with no stage, no AWS and no `make run`, as a person uses it."""

import json
import os
import socket
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.chalice_local import PROGRAM, ChaliceLocal, chalice_local
from tests.e2e.problem import assert_refused
from tests.integration.conftest import TokenOf
from tests.project_copy import copy_project
from tools.project import PROJECT

ITEM = {"id": "kept", "name": "Kept", "price": 12.5, "description": "over a restart"}


def paste(server: ChaliceLocal, *options: str) -> httpx.Response:
    """Run the printed line in a new shell. `options` are curl's."""
    command = " ".join([server.curl, "--silent", "--include", "--noproxy", "'*'", *options])
    result = subprocess.run(
        ["bash", "-c", command], cwd=server.project, capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 0, result.stderr
    head, _, body = result.stdout.partition("\n\n")
    return httpx.Response(int(head.split()[1]), content=body)


def test_printed_curl_is_accepted(server: ChaliceLocal) -> None:
    response = paste(server)
    assert response.status_code == 200
    assert response.json() == {"items": [], "cursor": None}


def test_printed_curl_holds_no_token(server: ChaliceLocal) -> None:
    assert "eyJ" not in server.output
    assert f"{server.url}/items" in server.curl


def test_no_token_is_refused(server: ChaliceLocal) -> None:
    assert_refused(httpx.get(f"{server.url}/items"))


def test_made_up_token_is_refused(server: ChaliceLocal) -> None:
    headers = {"Authorization": "Bearer made.up.token"}
    assert_refused(httpx.get(f"{server.url}/items", headers=headers))


def test_one_line_names_what_is_served(server: ChaliceLocal) -> None:
    kept_in = server.home / "chalice-local"
    assert server.output.splitlines()[0] == f"Serving an embedded table, kept in {kept_in}/."


def test_two_users_have_their_own_items(server: ChaliceLocal, token_of: TokenOf) -> None:
    for name in ("first", "second"):
        headers = {"Authorization": f"Bearer {token_of(name)}"}
        with httpx.Client(base_url=server.url, headers=headers, timeout=60) as api:
            assert api.get("/items").json()["items"] == []
            assert api.put("/items", json=ITEM).status_code == 201


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_restart_keeps_items_and_tokens(tmp_path: Path) -> None:
    command = ["--no-autoreload"]
    with chalice_local(tmp_path, *command) as server:
        token = paste_token(server)
        headers = {"Authorization": f"Bearer {token}"}
        stored = httpx.put(f"{server.url}/items", headers=headers, json=ITEM, timeout=60)
        deleted = {**ITEM, "id": "deleted"}
        httpx.put(f"{server.url}/items", headers=headers, json=deleted, timeout=60)
        httpx.delete(f"{server.url}/items/deleted", headers=headers, timeout=60)
    with chalice_local(tmp_path, *command) as server:
        response = httpx.get(f"{server.url}/items/kept", headers=headers, timeout=60)
        assert response.json() == stored.json()
        assert response.headers["etag"] == stored.headers["etag"]
        listed = httpx.get(f"{server.url}/items", headers=headers, timeout=60).json()["items"]
        assert [item["id"] for item in listed] == ["kept"]
    for name in ("key.pem", "items.json"):
        assert mode(tmp_path / "chalice-local" / name) == 0o600


def paste_token(server: ChaliceLocal) -> str:
    command = server.curl.partition("$(")[2].partition(")")[0]
    result = subprocess.run(
        ["bash", "-c", command], cwd=server.project, capture_output=True, text=True, check=True
    )
    return result.stdout.strip()


def run(home: Path, *arguments: str, project: Path = PROJECT) -> subprocess.CompletedProcess[str]:
    """Run `chalice local` where it ends by itself."""
    return subprocess.run(
        [PROGRAM, "local", *arguments],
        cwd=project,
        env={**os.environ, "LOCAL_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
    )


def assert_one_sentence(result: subprocess.CompletedProcess[str], *words: str) -> None:
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    for word in words:
        assert word in line


def test_second_server_of_the_same_items_ends(server: ChaliceLocal) -> None:
    result = run(server.home, "--no-autoreload", "--port", "0")
    assert result.returncode == 1
    assert_one_sentence(result, "another `chalice local`", "stop")


def test_busy_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        result = run(tmp_path, "--no-autoreload", "--port", str(port))
        assert result.returncode == 1
        assert_one_sentence(result, f"127.0.0.1:{port}", f"--port {port + 1}")


@pytest.mark.parametrize("reload", [pytest.param((), marks=pytest.mark.long), ("--no-autoreload",)])
def test_unknown_stage_is_one_sentence(tmp_path: Path, reload: tuple[str, ...]) -> None:
    result = run(tmp_path, "--stage", "nope", *reload)
    assert_one_sentence(result, "no stage nope", "dev")
    if reload:  # otherwise Chalice's first process always exits with 0
        assert result.returncode == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("key.pem", "damaged"),
        pytest.param("items.json", "damaged", marks=pytest.mark.long),
        # The layout of an earlier version.
        ("items.json", '{"items": [{"id": {"S": "alice#1"}, "name": {"S": "old"}}]}'),
    ],
)
def test_file_that_cannot_be_used_is_one_sentence(tmp_path: Path, name: str, content: str) -> None:
    directory = tmp_path / "chalice-local"
    directory.mkdir()
    (directory / name).write_text(content)
    result = run(tmp_path, "--no-autoreload", "--port", "0")
    assert result.returncode == 1
    assert_one_sentence(result, str(directory / name), "delete it")


@pytest.fixture
def aws() -> Iterator[socket.socket]:
    """A listener in AWS's place. A connection to it would stay in its queue."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


def test_real_table_and_credentials_are_unused(tmp_path: Path, aws: socket.socket) -> None:
    """Stage dev is deployed, and somebody is signed in to AWS in all ways that the SDK knows."""
    project = copy_project(tmp_path)
    config_file = project / ".chalice" / "config.json"
    config: dict[str, Any] = json.loads(config_file.read_text())
    config["stages"]["dev"]["environment_variables"]["TABLE_NAME"] = "the-real-table"
    config_file.write_text(json.dumps(config))
    # As an application may, when it is imported.
    with (project / "app.py").open("a") as app:
        app.write(
            "\n\nimport boto3\n"
            "found = boto3.Session().get_credentials()\n"
            "print('CREDENTIALS', found.access_key, found.token, found.method)\n"
            "boto3.client('sts').get_caller_identity()\n"
        )
    url = f"http://127.0.0.1:{aws.getsockname()[1]}"
    settings = f"[default]\nendpoint_url = {url}\nregion = eu-central-1\n"
    file = "aws_access_key_id = AKIAREAL\naws_secret_access_key = real\n"
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(f"{settings}[profile work]\n{settings[10:]}")
    (tmp_path / ".aws" / "credentials").write_text(f"[default]\n{file}[work]\n{file}")
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "AWS_ACCESS_KEY_ID": "AKIAREAL",
        "AWS_SECRET_ACCESS_KEY": "real",
        "AWS_SESSION_TOKEN": "real",
        "AWS_PROFILE": "work",
        "AWS_DEFAULT_PROFILE": "work",
        "AWS_ENDPOINT_URL": url,
        "AWS_ENDPOINT_URL_DYNAMODB": url,
        "AWS_ENDPOINT_URL_STS": url,
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": url,
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": url,
        "AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token"),
        "AWS_ROLE_ARN": "arn:aws:iam::111122223333:role/real",
        "HTTPS_PROXY": url,
        "HTTP_PROXY": url,
    }
    home = tmp_path / "home"
    with chalice_local(home, "--no-autoreload", project=project, environment=environment) as server:
        assert paste(server).status_code == 200
        assert paste(server, "-X", "PUT", "--json", f"'{json.dumps(ITEM)}'").status_code == 201
        assert "not stage dev's table the-real-table." in server.output
        assert "CREDENTIALS test None env" in server.output
    with pytest.raises(BlockingIOError):
        aws.accept()
