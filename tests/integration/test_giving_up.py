"""Timeouts, and errors that are not retryable."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from chalicelib.dynamodb.failures import Refused
from chalicelib.errors import OutcomeUnknown, Unavailable
from chalicelib.items import ITEMS
from chalicelib.listing import ListQuery
from chalicelib.retry import Deadline, Retry
from chalicelib.table import RecordTable
from chalicelib.table import records as table_of_the_stage
from tests.integration.examples import ANYWAY, OWNER, soon, when
from tests.integration.network import (
    LOST,
    READ_TIMEOUT,
    REFUSED,
    THROTTLED,
    UNDELIVERED,
    Fault,
    Network,
    refusal,
)
from tests.integration.scene import Scene, raises_exactly

Call = Callable[[Scene, Deadline], object]

ATTEMPTS = Retry().attempts
ATTEMPT_TIMEOUT = Retry().attempt_timeout

A_TAG = when(if_match='"tag"')
NONE = when(if_none_match="*")

WRITES: dict[str, Call] = {
    "put": lambda scene, deadline: scene.put(ANYWAY, deadline),
    "put if-match": lambda scene, deadline: scene.put(A_TAG, deadline),
    "put if-none-match": lambda scene, deadline: scene.put(NONE, deadline),
    "delete": lambda scene, deadline: scene.delete(ANYWAY, deadline),
    "delete if-match": lambda scene, deadline: scene.delete(A_TAG, deadline),
}
READS: dict[str, Call] = {
    "get": lambda scene, deadline: scene.ours.get(ITEMS, OWNER, scene.id, deadline),
    "list": lambda scene, deadline: scene.ours.list(ITEMS, OWNER, ListQuery(), deadline),
}
CALLS = WRITES | READS

each_write = pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
each_read = pytest.mark.parametrize("read", READS.values(), ids=READS)
each_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


@pytest.mark.pairs
@each_write
@pytest.mark.parametrize("fault", UNDELIVERED, ids=str)
def test_lost_response_is_outcome_unknown(scene: Scene, write: Call, fault: Fault) -> None:
    scene.network.faults[:] = [fault] * ATTEMPTS
    raises_exactly(OutcomeUnknown, lambda: write(scene, soon()))
    assert len(scene.network.sent) == ATTEMPTS
    assert len(scene.pauses) == ATTEMPTS - 1


@pytest.mark.pairs
@each_call
@pytest.mark.parametrize("fault", REFUSED, ids=str)
def test_unsent_write_is_not_outcome_unknown(scene: Scene, call: Call, fault: Fault) -> None:
    scene.network.faults[:] = [fault] * ATTEMPTS
    raises_exactly(Unavailable, lambda: call(scene, soon()))
    assert len(scene.network.sent) == ATTEMPTS


@each_read
@pytest.mark.parametrize("fault", LOST + UNDELIVERED, ids=str)
def test_a_read_is_never_in_doubt(scene: Scene, read: Call, fault: Fault) -> None:
    scene.network.faults[:] = [fault] * ATTEMPTS
    raises_exactly(Unavailable, lambda: read(scene, soon()))
    assert len(scene.network.sent) == ATTEMPTS


@pytest.mark.parametrize("fault", LOST + UNDELIVERED + REFUSED, ids=str)
def test_a_read_succeeds_at_the_last_attempt(scene: Scene, fault: Fault) -> None:
    scene.begin()
    scene.network.faults[:] = [fault] * (ATTEMPTS - 1)
    assert scene.ours.get(ITEMS, OWNER, scene.id, soon()) == scene.stored()
    assert scene.network.sent == ["GetItem"] * ATTEMPTS
    scene.network.faults[:] = [fault] * (ATTEMPTS - 1)
    query = ListQuery(limit=1)
    assert scene.ours.list(ITEMS, OWNER, query, soon()) == scene.theirs.list(
        ITEMS, OWNER, query, soon()
    )


@pytest.mark.pairs
@each_write
@pytest.mark.parametrize("turn", range(ATTEMPTS))
def test_one_doubtful_attempt_puts_all_in_doubt(scene: Scene, write: Call, turn: int) -> None:
    faults = [THROTTLED] * ATTEMPTS
    faults[turn] = UNDELIVERED[0]
    scene.network.faults[:] = faults
    raises_exactly(OutcomeUnknown, lambda: write(scene, soon()))


@each_call
def test_attempt_that_may_end_late_is_not_sent(scene: Scene, call: Call) -> None:
    too_near = Deadline(ATTEMPT_TIMEOUT - 0.001, clock=lambda: 0.0)
    raises_exactly(Unavailable, lambda: call(scene, too_near))
    assert scene.network.sent == []
    assert scene.left() == "nothing"


@each_write
@pytest.mark.parametrize(
    ("fault", "expected"), [(THROTTLED, Unavailable), (READ_TIMEOUT, OutcomeUnknown)], ids=str
)
def test_late_second_attempt_is_not_sent(
    scene: Scene, write: Call, fault: Fault, expected: type[Exception]
) -> None:
    scene.network.faults[:] = [fault]
    one_attempt = Deadline(ATTEMPT_TIMEOUT, clock=lambda: 0.0)
    raises_exactly(expected, lambda: write(scene, one_attempt))
    assert len(scene.network.sent) == 1
    assert scene.pauses == []


REFUSALS = [
    "AccessDeniedException",
    "IncompleteSignatureException",
    "MissingAuthenticationTokenException",
    "ResourceNotFoundException",
    "ValidationException",
]


@pytest.mark.pairs
@each_call
@pytest.mark.parametrize("code", REFUSALS)
def test_non_retryable_request_is_sent_once(scene: Scene, call: Call, code: str) -> None:
    scene.network.faults[:] = [refusal(code)]
    with pytest.raises(Refused) as caught:
        call(scene, soon())
    assert caught.value.code == code
    assert len(scene.network.sent) == 1


@each_call
def test_a_table_that_is_not_there_is_asked_once(scene: Scene, call: Call) -> None:
    scene.ours = RecordTable(scene.network.client, "no-such-table")
    with pytest.raises(Refused) as caught:
        call(scene, soon())
    assert caught.value.code == "ResourceNotFoundException"
    assert len(scene.network.sent) == 1


@pytest.fixture(scope="module")
def network_of_the_stage(dynamodb_local_url: str) -> Iterator[Network]:
    """The network of the client that the application makes for itself."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamodb_local_url)
        environment.setenv("TABLE_NAME", f"items-{uuid.uuid4().hex}")
        client: Any = table_of_the_stage()._client
    with closing(client):
        yield Network(client)


@each_call
@pytest.mark.parametrize("fault", [READ_TIMEOUT, UNDELIVERED[2], *REFUSED[2:4]], ids=str)
def test_the_sdk_repeats_nothing_by_itself(
    scene: Scene, network_of_the_stage: Network, call: Call, fault: Fault
) -> None:
    network = network_of_the_stage
    scene.ours = RecordTable(network.client, "any-table")
    network.sent.clear()
    network.faults[:] = [fault]
    with pytest.raises(Unavailable):
        call(scene, Deadline(ATTEMPT_TIMEOUT, clock=lambda: 0.0))
    assert len(network.sent) == 1
    assert network.faults == []
