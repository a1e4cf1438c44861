"""gunicorn and the adapter: their own rejections, and one request at a time."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from serverful.wsgi import HEALTH, LARGEST_BODY
from tests.e2e.attack.doors import HttpDoor
from tests.e2e.problem import assert_problem
from tests.integration.conftest import TokenOf
from tests.integration.serverful.conftest import StoredItems
from tests.integration.serverful.image import Server

JSON = ("Content-Type", "application/json")
LARGE = b"x" * (LARGEST_BODY + 1)


@pytest.fixture
def door(server: Server, token_of: TokenOf) -> HttpDoor:
    return HttpDoor("gunicorn", server.url, lambda: token_of("alice"))


@pytest.fixture
def headers(server: Server, token_of: TokenOf) -> list[tuple[str, str]]:
    return [("Host", "127.0.0.1"), ("Authorization", f"Bearer {token_of('alice')}"), JSON]


def length(value: str) -> tuple[str, str]:
    return "Content-Length", value


CHUNKED = ("Transfer-Encoding", "chunked")
CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n"

REFUSED = {
    "a large body": ("PUT", "/items", [length(str(len(LARGE)))], LARGE, 413),
    "a large body in chunks": ("PUT", "/items", [CHUNKED], CHUNKS % (len(LARGE), LARGE), 413),
    "a large body that is not sent": ("PUT", "/items", [length("9" * 30)], b"", 413),
    "a length that is a word": ("PUT", "/items", [length("ten")], b"", 400),
    "a negative length": ("PUT", "/items", [length("-1")], b"", 400),
    "two lengths": ("PUT", "/items", [length("1"), length("2")], b"{}", 400),
    "an unknown coding": ("PUT", "/items", [("Transfer-Encoding", "x")], b"", 501),
    "a chunk without a size": ("PUT", "/items", [CHUNKED], b"x\r\n", 400),
    "a long header": ("GET", "/items", [("X-Long", "x" * 20_000)], b"", 431),
    "a long path": ("GET", "/items/" + "x" * 9_000, [], b"", 414),
    "an unknown method": ("TRACE", "/items", [], b"", 404),
    "an unknown path": ("GET", "/unknown", [], b"", 404),
    "a path that is not the API's": ("GET", "-other/items", [], b"", 404),
    "the health check's path": ("GET", HEALTH, [], b"", 404),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusal_is_a_problem(
    name: str, door: HttpDoor, headers: list[tuple[str, str]], stored_items: StoredItems
) -> None:
    method, path, more, body, status = REFUSED[name]
    before = stored_items()

    response = door.exchange(method, path, [*headers, *more], body)

    assert response is not None
    assert_problem(response, status)
    assert stored_items() == before


def test_head_has_no_body(server: Server, door: HttpDoor, headers: list[tuple[str, str]]) -> None:
    """Bytes behind the headers would be read as the next response."""
    response = door.exchange("HEAD", "/items", headers)
    assert response is not None
    assert (response.status_code, response.content) == (404, b"")


def test_incomplete_body_is_not_stored(
    server: Server, headers: list[tuple[str, str]], stored_items: StoredItems
) -> None:
    body, before = json.dumps({"id": "cut", "name": "Cut"}).encode(), stored_items()
    lines = [f"{name}: {value}" for name, value in [*headers, length(str(len(body) + 1))]]
    head = "\r\n".join(["PUT /api/items HTTP/1.1", *lines, "", ""]).encode()
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(head + body)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100).partition(b"\r\n")[0] in (b"", b"HTTP/1.1 400 Bad Request")
    assert stored_items() == before


def test_health_needs_no_token(server: Server) -> None:
    response = httpx.get(server.root + HEALTH)
    assert (response.status_code, response.content) == (200, b"")


def test_chunks_are_read(door: HttpDoor, headers: list[tuple[str, str]]) -> None:
    item = b'{"id":"chunks","name":"In chunks"}'
    response = door.exchange("PUT", "/items", [*headers, CHUNKED], CHUNKS % (len(item), item))
    assert response is not None
    assert response.status_code == 201


def test_location_has_the_whole_path(server: Server, token_of: TokenOf) -> None:
    """As at the deployed gateway, which has the API below its stage."""
    headers = {"Authorization": f"Bearer {token_of('locator')}"}
    item = {"id": "here", "name": "Here"}
    response = httpx.put(f"{server.url}/items", headers=headers, json=item)
    assert response.headers["location"] == "/api/items/here"
    assert httpx.get(server.root + response.headers["location"], headers=headers).json() == {
        **response.json()
    }


def test_encoded_slash_stays_in_the_id(server: Server, token_of: TokenOf) -> None:
    headers = {"Authorization": f"Bearer {token_of('alice')}"}
    assert_problem(httpx.get(f"{server.url}/items/a%2Fb", headers=headers), 400)


@pytest.mark.long
def test_concurrent_requests_keep_their_callers(server: Server, token_of: TokenOf) -> None:
    """The application has one current request, and several threads serve it."""
    names = [f"caller-{n}" for n in range(8)]

    def read_own(name: str) -> list[str]:
        headers = {"Authorization": f"Bearer {token_of(name)}"}
        with httpx.Client(base_url=server.url, headers=headers, timeout=30) as client:
            client.put("/items", json={"id": "own", "name": name}).raise_for_status()
            return [client.get("/items/own").json()["name"] for _ in range(20)]

    with ThreadPoolExecutor(len(names)) as pool:
        assert list(pool.map(read_own, names)) == [[name] * 20 for name in names]
