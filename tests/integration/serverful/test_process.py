"""How the container starts and stops."""

import re
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from local.tokens import SigningKey
from tests.dynamodb_local import free_port
from tests.e2e.problem import assert_problem
from tests.integration.conftest import TokenOf
from tests.integration.serverful.image import DOCKERFILE, Image, Server
from tests.integration.serverful.pool import Pool


def responds(server: Server) -> bool:
    """Return whether gunicorn refuses a malformed request, which does not reach the application."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=0.5) as connection:
        connection.sendall(b"x\r\n\r\n")
        try:
            return bool(connection.recv(1))
        except TimeoutError:
            return False


def test_current_request_is_served_after_sigterm(
    image: Image, key: SigningKey, settings: dict[str, str], token_of: TokenOf, tmp_path: Path
) -> None:
    pool = Pool(key)
    headers = {"Authorization": f"Bearer {token_of('alice')}"}
    with (
        pool.serve() as url,
        image.serve(tmp_path, {**settings, "AWS_ENDPOINT_URL": url}) as server,
        ThreadPoolExecutor(1) as client,
    ):
        pool.open.clear()
        response = client.submit(httpx.get, f"{server.url}/items", headers=headers, timeout=30)
        assert pool.requested.wait(30)
        server.process.send_signal(signal.SIGTERM)
        while responds(server):
            assert server.process.poll() is None
        pool.open.set()
        assert response.result().status_code == 200
        assert server.process.wait(30) == 0


def test_valid_token_without_pool_keys_is_not_401(
    image: Image, settings: dict[str, str], token_of: TokenOf, tmp_path: Path
) -> None:
    unreachable = f"http://127.0.0.1:{free_port()}"
    headers = {"Authorization": f"Bearer {token_of('alice')}"}
    with image.serve(tmp_path, {**settings, "AWS_ENDPOINT_URL": unreachable}) as server:
        assert_problem(httpx.get(f"{server.url}/items", headers=headers), 500)
        assert_problem(httpx.get(f"{server.url}/items"), 401)
        assert "PyJWKClientConnectionError" in server.log.read_text()
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(30) == 0


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"STAGE": ""}, "error: STAGE is not set"),
        ({"STAGE": "unknown"}, "error: no stage unknown: set STAGE to one of local, dev"),
        ({"TABLE_NAME": ""}, "error: TABLE_NAME is not set"),
        ({"USER_POOL_ARN": ""}, "error: USER_POOL_ARN is not set"),
        ({"USER_POOL_ARN": "eu-west-1_pool"}, "error: USER_POOL_ARN is not a user pool's ARN"),
    ],
    ids=str,
)
def test_wrong_setting_ends_the_start(
    image: Image, settings: dict[str, str], changed: dict[str, str], sentence: str
) -> None:
    result = image.run({**settings, "BIND": f"127.0.0.1:{free_port()}", **changed})
    assert result.returncode == 1
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


def test_only_container_listens_on_all_interfaces(image: Image, settings: dict[str, str]) -> None:
    shown = image.run(settings, "--print-config").stdout
    assert re.search(r"^bind\s+= \['127\.0\.0\.1:8080'\]$", shown, re.MULTILINE), shown
    assert re.findall(r"^ENV BIND=(.+)$", DOCKERFILE, re.MULTILINE) == ["0.0.0.0:8080"]
