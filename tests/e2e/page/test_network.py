"""Lost answers, and services that ask for patience: one success, stored once."""

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.page import items
from tests.e2e.page.accounts import Account
from tests.e2e.page.conftest import SignedIn
from tests.e2e.page.faults import (
    ITEM,
    ITEMS,
    LIST,
    Fault,
    Faults,
    answer,
    lost_answer,
    lost_request,
    unheard,
)
from tests.e2e.page.screen import Screen

UNKNOWN = answer(503, "It is not known whether this was done.", retry_after="0")


@pytest.fixture
def screen(signed_in: SignedIn, account: Account, api: httpx.Client) -> Screen:
    """With one item. Its clock can be moved."""
    items.put(api, "lamp", name="Lamp")
    screen = signed_in(account, visit=False)
    screen.page.clock.install()
    screen.visit()
    expect(screen.row("Lamp")).to_be_visible()
    return screen


LOST = pytest.mark.parametrize(
    "fault",
    [lost_answer, lost_request, UNKNOWN, unheard(UNKNOWN)],
    ids=["lost answer", "lost request", "503, not done", "503, but done"],
)


@LOST
def test_an_item_whose_answer_is_lost_is_added_once(
    screen: Screen, api: httpx.Client, fault: Fault
) -> None:
    screen.guard.expect_status(412, 503)
    screen.guard.expect_no_network()
    writes = Faults(screen.page, ITEMS, fault, method="PUT")
    screen.add("Tray", "2", "Made of oak")
    expect(screen.row("Tray").locator(".state")).to_be_empty()
    expect(screen.trouble).to_have_count(0)
    expect(screen.conflict).to_have_count(0)
    assert len(writes.seen) == 2
    assert items.names(api) == ["Tray", "Lamp"]


@LOST
def test_a_change_whose_answer_is_lost_is_no_conflict(
    screen: Screen, api: httpx.Client, fault: Fault
) -> None:
    screen.guard.expect_status(412, 503)
    screen.guard.expect_no_network()
    Faults(screen.page, ITEMS, fault, method="PUT")
    screen.opener("Lamp").click()
    screen.fill("Brass lamp", "2")
    screen.save()
    expect(screen.row("Brass lamp").locator(".state")).to_be_empty()
    expect(screen.conflict).to_have_count(0)
    assert items.get(api, "lamp") == {"name": "Brass lamp", "price": 2}


@LOST
def test_a_deletion_whose_answer_is_lost_is_done(
    screen: Screen, api: httpx.Client, fault: Fault
) -> None:
    screen.guard.expect_status(503)
    screen.guard.expect_no_network()
    Faults(screen.page, ITEM, fault, method="DELETE")
    screen.delete("Lamp")
    with screen.page.expect_response(lambda response: response.status == 204):
        screen.button("Close message").click()
    expect(screen.page.get_by_role("heading", name="No items yet")).to_be_visible()
    assert items.get(api, "lamp") is None
    expect(screen.trouble).to_have_count(0)


@pytest.mark.parametrize("status", [429, 503])
def test_the_page_waits_as_long_as_it_is_asked_to(
    screen: Screen, api: httpx.Client, status: int
) -> None:
    screen.guard.expect_status(status)
    fault = answer(status, "Not now.", request_id="abc-123", retry_after="20")
    writes = Faults(screen.page, ITEMS, fault, method="PUT")
    screen.page.clock.pause_at(screen.page.evaluate("Date.now() + 1000") / 1000)
    screen.add("Tray")
    notice = screen.notice("Not now. Trying again in")
    expect(notice).to_contain_text("abc-123")
    expect(screen.row("Tray")).to_contain_text("Saving…")
    screen.page.clock.run_for(15_000)
    expect(notice).to_contain_text(" s")
    assert len(writes.seen) == 1
    screen.page.clock.run_for(4_900)
    expect(notice).to_be_visible()
    assert len(writes.seen) == 1
    screen.page.clock.run_for(1_000)  # what it adds by itself is at most half a second
    expect(notice).to_have_count(0)
    expect(screen.row("Tray").locator(".state")).to_be_empty()
    assert len(writes.seen) == 2
    assert items.names(api) == ["Tray", "Lamp"]


def test_the_list_waits_too(screen: Screen) -> None:
    screen.guard.expect_status(503)
    Faults(screen.page, LIST, answer(503, "Not now.", retry_after="30"))
    screen.page.reload()
    expect(screen.notice("Not now. Trying again in")).to_be_visible()
    expect(screen.count).to_have_text("Loading your items…")
    screen.page.clock.fast_forward("00:31")
    expect(screen.row("Lamp")).to_be_visible()
    expect(screen.trouble).to_have_count(0)


def test_nobody_waits_for_longer_than_a_minute(screen: Screen, api: httpx.Client) -> None:
    screen.guard.expect_status(429)
    writes = Faults(screen.page, ITEMS, answer(429, "Not today.", retry_after="3600"), method="PUT")
    screen.add("Tray")
    notice = screen.notice("“Tray” was not saved. Your text is kept. Not today.")
    expect(notice).to_be_visible()
    assert len(writes.seen) == 1
    notice.get_by_role("button", name="Try again").click()
    expect(screen.row("Tray").locator(".state")).to_be_empty()
    assert items.names(api) == ["Tray", "Lamp"]


def test_the_page_gives_up_in_the_end(screen: Screen, api: httpx.Client) -> None:
    screen.guard.expect_status(503, 404)
    # Long enough that the page's clock, which also runs by itself, does not get there first.
    fault = answer(503, "Not now.", retry_after="5")
    writes = Faults(screen.page, ITEMS, fault, always=True, method="PUT")
    screen.add("Tray")
    for attempt in range(1, 5):
        expect(screen.notice("Trying again in")).to_be_visible()
        assert len(writes.seen) == attempt
        screen.page.clock.fast_forward("00:10")
        expect(screen.notice("Trying again in").or_(screen.notice("was not saved"))).to_be_visible()
    expect(screen.notice("“Tray” was not saved. Your text is kept. Not now.")).to_be_visible()
    assert len(writes.seen) == 5
    assert items.names(api) == ["Lamp"]
