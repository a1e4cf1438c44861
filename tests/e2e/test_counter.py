"""Optimistic locking under contention: no increment of a shared counter is ever lost."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import Newcomer, TokenOf

WORKERS, ROUNDS_EACH = 8, 25


@pytest.mark.timeout(120)
def test_the_count_is_the_number_of_successes(
    stack: dict[str, Any], newcomer: Newcomer, token_of: TokenOf
) -> None:
    headers = {"Authorization": f"Bearer {token_of(newcomer('counter'))}"}
    everyone_has_read = threading.Barrier(WORKERS, timeout=60)

    def count(_worker: int) -> list[int]:
        """The status of each round's PUT. A refused one is a lost round."""
        statuses = []
        with httpx.Client(base_url=stack["api_url"], headers=headers, timeout=60) as api:
            for number in range(ROUNDS_EACH):
                read = api.get("/items/counter").raise_for_status()
                if number == 0:  # so that this once all but one must be refused
                    everyone_has_read.wait()
                item = {"id": "counter", "name": "counter", "price": read.json()["price"] + 1}
                precondition = {"If-Match": read.headers["etag"]}
                written = api.put("/items", json=item, headers=precondition)
                statuses.append(written.status_code)
                if written.status_code == 200:
                    assert written.json()["price"] == item["price"]
        return statuses

    with httpx.Client(base_url=stack["api_url"], headers=headers, timeout=60) as api:
        first = {"id": "counter", "name": "counter", "price": 0}
        api.put("/items", json=first, headers={"If-None-Match": "*"}).raise_for_status()
        with ThreadPoolExecutor(WORKERS) as workers:
            rounds = list(workers.map(count, range(WORKERS)))
        counter = api.get("/items/counter").raise_for_status().json()

    statuses = [status for worker in rounds for status in worker]
    assert len(statuses) == WORKERS * ROUNDS_EACH
    assert set(statuses) == {200, 412}
    # Of those who had all read the first version, one and only one could replace it.
    assert [worker[0] for worker in rounds].count(200) == 1
    assert counter["price"] == statuses.count(200)
    assert counter["version"] == 1 + statuses.count(200)
