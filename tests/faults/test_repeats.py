"""An unconditional write may be applied twice, without harm to other writes."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from threading import Event

import pytest

from chalicelib.errors import OutcomeUnknown
from chalicelib.items import ITEMS
from chalicelib.record import Stored
from chalicelib.retry import Retry
from chalicelib.table import RecordTable
from tests.faults.conftest import NewClient
from tests.integration.conftest import at
from tests.integration.examples import ANYWAY, OWNER, item, soon, when
from tests.integration.network import READ_TIMEOUT, Network

SECONDS = 20  # in which another thread does its part

LosesAnswer = Callable[[Callable[[], object]], RecordTable]


@pytest.fixture
def loses_answer(
    new_client: NewClient, dynamodb_local_url: str, table_name: str, clients: ExitStack
) -> LosesAnswer:
    """Return a table that loses its first response. `meanwhile` runs before the next attempt."""

    def loses_answer(meanwhile: Callable[[], object]) -> RecordTable:
        client = clients.enter_context(closing(new_client(dynamodb_local_url)))
        Network(client).faults.append(READ_TIMEOUT)

        def sleep(_: float) -> None:
            meanwhile()

        return RecordTable(client, table_name, Retry(sleep=sleep, attempt_timeout=0))

    return loses_answer


@pytest.fixture
def direct(dynamodb_local_url: str, table_name: str, clients: ExitStack) -> RecordTable:
    client = clients.enter_context(closing(at(dynamodb_local_url)))
    return RecordTable(client, table_name)


def test_repeated_write_gets_another_tag(direct: RecordTable, loses_answer: LosesAnswer) -> None:
    id, seen = uuid.uuid4().hex, list[Stored]()

    def meanwhile() -> None:
        seen.append(direct.get(ITEMS, OWNER, id, soon()))
        seen.append(direct.put(ITEMS, OWNER, item(id, "bob"), ANYWAY, soon()))

    seen.append(loses_answer(meanwhile).put(ITEMS, OWNER, item(id, "ann"), ANYWAY, soon()))

    assert [(each.view.name, each.version) for each in seen] == [
        ("ann", 1),
        ("bob", 2),
        ("ann", 3),
    ]
    assert len({each.tag for each in seen}) == 3


def test_repeated_write_does_not_restore_a_tag(
    direct: RecordTable, loses_answer: LosesAnswer
) -> None:
    """Carol replaces Ann's item, and so does Ann, whose first response was lost.

    If Ann's second attempt had the first attempt's tag, Carol's condition would hold again, and her
    second attempt would be applied too.
    """
    id, ann_waits, carol_waits = uuid.uuid4().hex, Event(), Event()

    def until_carol_has_written() -> None:
        ann_waits.set()
        assert carol_waits.wait(SECONDS)

    def until_ann_is_done() -> None:
        carol_waits.set()
        written.result(SECONDS)

    with ThreadPoolExecutor() as threads:
        ann = loses_answer(until_carol_has_written)
        written = threads.submit(ann.put, ITEMS, OWNER, item(id, "ann"), ANYWAY, soon())
        assert ann_waits.wait(SECONDS)
        asked = when(if_match=f'"{direct.get(ITEMS, OWNER, id, soon()).tag}"')
        carol = loses_answer(until_ann_is_done)
        with pytest.raises(OutcomeUnknown):
            carol.put(ITEMS, OWNER, item(id, "carol"), asked, soon())

    left = direct.get(ITEMS, OWNER, id, soon())
    assert (left.view.name, left.version) == ("ann", 3)
