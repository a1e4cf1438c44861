"""The tests that docs/testing.md offers for copying, exactly as they stand there."""

from pathlib import Path

from local.testing import Client
from tests.documentation import documented_code, run_documented

UNIT = "tests/unit/test_my_routes.py"
INTEGRATION = "tests/integration/test_my_items.py"
END_TO_END = "tests/e2e/test_my_api.py"  # run by tests/e2e/test_documentation.py


def test_every_block_is_run() -> None:
    assert {*documented_code()} == {"fragment0.py", UNIT, INTEGRATION, END_TO_END}


def test_documented_clients_differ_as_it_says() -> None:
    clients: dict[str, object] = {}
    exec(documented_code()["fragment0.py"], clients)  # noqa: S102 - our own documentation
    statuses = {}
    for name in ("alice", "reader", "anonymous"):
        client = clients[name]
        assert isinstance(client, Client)
        writing = client.http.put("/items", headers={"Content-Type": "text/plain"}, body=b"{}")
        reading = client.http.get("/items?limit=0")
        statuses[name] = (reading.status_code, writing.status_code)
    # Refused for its content where it is allowed, so that no table is needed.
    assert statuses == {"alice": (400, 415), "reader": (400, 401), "anonymous": (401, 401)}


def test_documented_tests_pass(tmp_path: Path) -> None:
    output = run_documented(tmp_path, UNIT, INTEGRATION)
    assert "5 passed" in output
