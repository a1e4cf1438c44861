"""The table against a model: it returns the same as a plain dict."""

import uuid
from collections import defaultdict
from typing import Any

import msgspec
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from chalicelib.errors import PreconditionFailed, ResourceNotFound
from chalicelib.items import ITEMS, ItemInput
from chalicelib.listing import ListQuery, Order
from chalicelib.record import Stored, quoted
from chalicelib.table import RecordTable
from tests.integration.examples import soon, time_at, when

Key = tuple[str, str]
Header = str | list[tuple[str, int]] | None

keys = st.tuples(st.sampled_from(["alice", "bob"]), st.sampled_from(["a", "b", "c"]))
inputs = st.fixed_dictionaries(
    {"name": st.sampled_from(["n", "\N{SNOWMAN}"])},
    optional={
        "price": st.decimals(0, 10**6, places=2).map(lambda price: price.normalize()),
        "description": st.sampled_from(["", "long " * 800]),
    },
)
# A header is absent, "*", or a list of tags. A number is the tag of that many PUTs ago, in any life
# of the item, or a tag that no item ever had.
tags = st.tuples(st.sampled_from(["", "", "W/"]), st.sampled_from([0, 0, 0, 1, 2, 9]))
headers: st.SearchStrategy[Header] = st.one_of(
    st.none(), st.none(), st.just("*"), st.lists(tags, min_size=1, max_size=3)
)


class Requests(RuleBasedStateMachine):
    """Two owners' requests for a few items each. Every answer must be the model's."""

    def __init__(self, client: Any, table_name: str) -> None:
        super().__init__()
        self.milliseconds = 0
        self.table = RecordTable(client, table_name, now=lambda: time_at(self.milliseconds))
        self.run = uuid.uuid4().hex  # runs share the table, so each has owners of its own
        self.model: dict[Key, Stored] = {}
        self.tags: defaultdict[Key, list[str]] = defaultdict(list)  # of all lives, newest first

    # Back as well: a PUT can be applied late, and environments' clocks differ.
    @rule(milliseconds=st.integers(-2000, 5000))
    def wait(self, milliseconds: int) -> None:
        self.milliseconds = max(0, self.milliseconds + milliseconds)

    @rule(key=keys, fields=inputs, if_match=headers, if_none_match=headers)
    def put(
        self, key: Key, fields: dict[str, Any], if_match: Header, if_none_match: Header
    ) -> None:
        owner, given = self.owner(key), ItemInput(key[1], **fields)
        match, none_match = self.text(key, if_match), self.text(key, if_none_match)
        asked = when(if_match=match, if_none_match=none_match)
        current = self.model.get(key)
        if (match is not None and not _is_named(current, match, weakly=False)) or (
            none_match is not None and _is_named(current, none_match, weakly=True)
        ):
            with pytest.raises(PreconditionFailed):
                self.table.put(ITEMS, owner, given, asked, soon())
        else:
            stored = self.table.put(ITEMS, owner, given, asked, soon())
            assert stored.view == self.after_put(current, given)
            assert all(stored.tag not in known for known in self.tags.values())
            self.model[key] = stored
            self.tags[key].insert(0, stored.tag)
        self.get(key)

    @rule(key=keys, if_match=headers)
    def delete(self, key: Key, if_match: Header) -> None:
        owner, match = self.owner(key), self.text(key, if_match)
        current = self.model.get(key)
        if current and match is not None and not _is_named(current, match, weakly=False):
            with pytest.raises(PreconditionFailed):
                self.table.delete(ITEMS, owner, key[1], when(if_match=match), soon())
        else:
            self.table.delete(ITEMS, owner, key[1], when(if_match=match), soon())
            self.model.pop(key, None)
        self.get(key)

    @rule(key=keys)
    def get(self, key: Key) -> None:
        if key in self.model:
            assert self.table.get(ITEMS, self.owner(key), key[1], soon()) == self.model[key]
        else:
            with pytest.raises(ResourceNotFound):
                self.table.get(ITEMS, self.owner(key), key[1], soon())

    @rule(key=keys, limit=st.integers(1, 4), order=st.sampled_from(["asc", "desc"]))
    def list(self, key: Key, limit: int, order: Order) -> None:
        expected = {k[1]: _summary(s) for k, s in self.model.items() if k[0] == key[0]}
        found: list[Any] = []
        cursor: str | None = None
        for _ in range(len(expected) // limit + 1):
            page = self.table.list(ITEMS, self.owner(key), ListQuery(limit, order, cursor), soon())
            found += page.items
            cursor = page.cursor
            assert len(page.items) == limit or cursor is None
            if cursor is None:
                break
        assert cursor is None
        # Items made in the same moment may come in any order, but each once.
        assert {summary.id: summary for summary in found} == expected
        assert len(found) == len(expected)
        times = [summary.created_at for summary in found]
        assert times == sorted(times, reverse=order == "desc")

    def teardown(self) -> None:
        for key in self.model:
            self.table.delete(ITEMS, self.owner(key), key[1], when(), soon())

    def owner(self, key: Key) -> str:
        return f"{key[0]}-{self.run}"

    def text(self, key: Key, header: Header) -> str | None:
        """Return the header's value."""
        if header is None or isinstance(header, str):
            return header
        known = self.tags[key]
        return ", ".join(
            f'{weak}"{known[age] if age < len(known) else "unknown"}"' for weak, age in header
        )

    def after_put(self, current: Stored | None, given: ItemInput) -> Any:
        now = time_at(self.milliseconds)
        return ITEMS.whole(
            id=given.id,
            name=given.name,
            price=given.price,
            description=given.description,
            version=current.version + 1 if current else 1,
            created_at=current.view.created_at if current else now,
            updated_at=max(now, current.view.updated_at) if current else now,
        )


def _is_named(current: Stored | None, header: str, *, weakly: bool) -> bool:
    """Whether the item is there and "*" or one of the tags names it (RFC 9110, 8.8.3.2)."""
    if current is None or header == "*":
        return current is not None
    names = [f'"{current.tag}"', f'W/"{current.tag}"'] if weakly else [f'"{current.tag}"']
    return any(name in header.split(", ") for name in names)


def _summary(stored: Stored) -> Any:
    fields = msgspec.structs.asdict(stored.view)
    del fields["description"]
    return ITEMS.summary(**fields, etag=quoted(stored.tag))


@pytest.mark.parametrize("examples", [15, pytest.param(40, marks=pytest.mark.long)])
def test_every_answer_is_the_models(examples: int, client: Any, table_name: str) -> None:
    class RequestsHere(Requests):
        def __init__(self) -> None:
            super().__init__(client, table_name)

    # Without the phase in which a failing run is made shorter: that would take minutes.
    phases = [Phase.reuse, Phase.generate]
    run_state_machine_as_test(
        RequestsHere,
        settings=settings(max_examples=examples, stateful_step_count=25, phases=phases),
    )
