"""The deployed API keeps the table's promises, with faults between the function and DynamoDB."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import jwt
import pytest

from chalicelib.table import RecordTable
from infra.function.alias import Live
from local.cloud import Cloud
from tests.clients import as_client
from tests.e2e.conftest import ClientOf, Newcomer, TokenOf
from tests.e2e.problem import assert_problem
from tests.faults.doors import HttpDoor, TableDoor
from tests.faults.fault import ALL, THROTTLED
from tests.faults.history import Outcome
from tests.faults.plan import Plan, Rule
from tests.faults.proxy import Proxy
from tests.faults.workload import Run

FUNCTION = "items-local"
CLIENTS = 4

PROMPT = tuple(fault for fault in ALL if not fault.late)


@pytest.fixture(scope="module")
def proxy_of_function(cloud: Cloud, stack: dict[str, Any]) -> Iterator[Proxy]:
    """Between the function and the table: the live version is one that is told to use it."""
    client = cloud.client("lambda")
    live = Live(client, FUNCTION)
    before = live.version()
    variables = client.get_function_configuration(FunctionName=FUNCTION)["Environment"]["Variables"]

    def set_variables(variables: dict[str, str]) -> None:
        client.update_function_configuration(
            FunctionName=FUNCTION, Environment={"Variables": variables}
        )

    with Proxy(cloud.endpoint) as proxy:
        set_variables({**variables, "AWS_ENDPOINT_URL_DYNAMODB": proxy.url})
        version = client.publish_version(FunctionName=FUNCTION)["Version"]
        try:
            live.point_at(version)
            yield proxy
        finally:
            live.point_at(before)
            set_variables(variables)
            client.delete_function(FunctionName=FUNCTION, Qualifier=version)


@pytest.fixture
def proxy(proxy_of_function: Proxy) -> Iterator[Proxy]:
    """The proxy, without faults before and after each test, even one that fails."""
    yield proxy_of_function
    proxy_of_function.plan = Plan()


@pytest.fixture(scope="module")
def new_run(
    cloud: Cloud,
    stack: dict[str, Any],
    newcomer: Newcomer,
    token_of: TokenOf,
    client_of: ClientOf,
) -> Callable[[], Run]:
    """Return runs of clients of one user. The last read bypasses function and proxy."""
    name = newcomer("persistent")
    owner = jwt.decode(token_of(name), options={"verify_signature": False})["sub"]
    last = TableDoor(RecordTable(as_client(cloud.client("dynamodb")), stack["table_name"]), owner)

    def new_run() -> Run:
        return Run([HttpDoor(client_of(name, stack["api_url"])) for _ in range(CLIENTS)], last)

    return new_run


@pytest.mark.parametrize("rounds", [7, pytest.param(25, marks=pytest.mark.long)])
def test_all_faults(
    rounds: int,
    proxy: Proxy,
    new_run: Callable[[], Run],
    record_property: Callable[[str, Any], None],
) -> None:
    run = new_run()
    proxy.plan = plan = Plan(Rule(PROMPT, 0.25))
    run.go(rounds)
    proxy.plan = Plan()
    found = run.violations()
    counts = {"operations": len(run.history), "violations": len(found), **plan.injected}
    record_property("faults", counts)
    assert not found, "\n\n".join(found)
    assert plan.injected.total() > rounds
    assert run.outcomes()[Outcome.DONE] > rounds


def test_proxy_without_faults_passes_requests(
    proxy: Proxy, newcomer: Newcomer, client_of: ClientOf, stack: dict[str, Any]
) -> None:
    api: httpx.Client = client_of(newcomer("lucky"), stack["api_url"])
    before = proxy.forwarded.copy()
    assert api.put("/items", json={"id": "1", "name": "first"}).status_code == 201
    assert api.get("/items/1").status_code == 200
    assert api.get("/items").status_code == 200
    assert api.delete("/items/1").status_code == 204
    did = proxy.forwarded - before
    assert did >= Counter(["UpdateItem", "GetItem", "Query", "DeleteItem"])


OUTAGE = 10  # seconds


@pytest.mark.long
def test_an_outage(
    proxy: Proxy,
    newcomer: Newcomer,
    client_of: ClientOf,
    stack: dict[str, Any],
    record_property: Callable[[str, Any], None],
) -> None:
    """As in tests/integration/test_outage.py, which is in each run, but with a real clock."""
    api: httpx.Client = client_of(newcomer("patient"), stack["api_url"])
    assert api.put("/items", json={"id": "1", "name": "first"}).status_code == 201
    proxy.plan = plan = Plan(Rule((THROTTLED,), seconds=OUTAGE))
    began, refused = time.monotonic(), []
    while (answer := api.get("/items/1")).status_code != 200:
        refused.append(answer)
        time.sleep(0.05)
    recovered = time.monotonic() - began
    proxy.plan = Plan()
    for each in refused:
        assert_problem(each, 503)
        assert each.headers["Retry-After"] in ("1", "2")
        assert each.elapsed.total_seconds() < 9.5  # the function's time-out, less the reserve
    # Each would have been asked four times.
    assert 5 <= plan.injected.total() < 0.05 * 4 * len(refused)
    assert recovered >= OUTAGE
    counts = {"requests": len(refused), "of them sent on": plan.injected.total()}
    record_property("outage", {**counts, "ms until it worked": int(1000 * (recovered - OUTAGE))})
