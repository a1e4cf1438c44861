"""The timeouts of all layers are nested: a caller gets a response before the next layer stops.

The attempts of a request, each as slow as possible, end before Lambda's timeout minus the time of
the response. Lambda's timeout is below the gateway's.
"""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.breaker import CircuitBreaker
from chalicelib.dynamodb.failures import ResponseLost
from chalicelib.errors import OutcomeUnknown
from chalicelib.retry import Deadline
from chalicelib.table import records
from tools.project import PROJECT

CONFIG = json.loads((PROJECT / ".chalice" / "config.json").read_text())

#: After which API Gateway answers 504 by itself, in seconds.
GATEWAY_TIMEOUT = 29

#: The time limit of parsing, response and log beside the calls. They take milliseconds.
ANSWERING = 0.25


@pytest.fixture(params=sorted(CONFIG["stages"]))
def lambda_timeout(request: pytest.FixtureRequest) -> float:
    """Each stage's, in seconds."""
    return float({**CONFIG, **CONFIG["stages"][request.param]}["lambda_timeout"])


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The table as the application makes it."""
    monkeypatch.setenv("TABLE_NAME", "deadlines")
    return records()


class Slowest:
    """A clock, and a DynamoDB each of whose answers is lost at the last moment."""

    def __init__(self, attempt: float) -> None:
        self.now, self.attempt, self.attempts = 0.0, attempt, 0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def send(self, outcome_unknown: bool) -> None:
        self.attempts += 1
        self.now += self.attempt
        raise ResponseLost("timed out")


def test_the_worst_case_fits(table: Any, lambda_timeout: float) -> None:
    sdk = table._client.sdk.meta.config
    slowest = Slowest(sdk.connect_timeout + sdk.read_timeout)
    retry = replace(table._retry, sleep=slowest.sleep, uniform=lambda _, longest: longest)

    class Invocation:
        def get_remaining_time_in_millis(self) -> float:
            return lambda_timeout * 1000

    allowed = Deadline.of(Invocation()).remaining()
    with pytest.raises(OutcomeUnknown):
        retry.call(slowest.send, Deadline.after(allowed, slowest.clock), CircuitBreaker("calls"))
    assert slowest.attempts >= 2  # else there would be no retry after a time-out
    assert slowest.now + ANSWERING <= lambda_timeout < GATEWAY_TIMEOUT


def test_attempt_timeout_equals_the_sdk_timeouts(table: Any) -> None:
    sdk = table._client.sdk.meta.config
    assert table._retry.attempt_timeout == sdk.connect_timeout + sdk.read_timeout
    assert sdk.retries["total_max_attempts"] == 1


def test_probe_is_lost_only_after_its_timeout(table: Any) -> None:
    assert table._reads._probe_for > table._retry.attempt_timeout
