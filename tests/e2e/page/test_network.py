"""Lost responses, and services that request a delay: one success, stored once."""

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
    lose_request,
    lose_response,
    respond,
    serve_before,
)
from tests.e2e.page.screen import Screen

UNKNOWN = respond(503, "It is not known whether this was done.", retry_after="0")


@pytest.fixture
def screen(signed_in: SignedIn, account: Account, api: httpx.Client) -> Screen:
    """Return a screen with one item, and a clock that can be moved."""
    items.put(api, "lamp", name="Lamp")
    screen = signed_in(account, visit=False)
    screen.page.clock.install()
    screen.visit()
    expect(screen.row("Lamp")).to_be_visible()
    return screen


# In each run, website/tests/api.test.ts has each fault, and model.test.ts combines them.
LOST = pytest.mark.parametrize(
    "fault",
    [
        pytest.param(lose_response, id="lost response"),
        pytest.param(lose_request, id="lost request", marks=pytest.mark.long),
        pytest.param(UNKNOWN, id="503, not done", marks=pytest.mark.long),
        pytest.param(serve_before(UNKNOWN), id="503, but done", marks=pytest.mark.long),
    ],
)


@LOST
def test_addition_after_a_fault_is_stored_once(
    screen: Screen, api: httpx.Client, fault: Fault
) -> None:
    screen.guard.expect_status(412, 503)
    screen.guard.expect_no_network()
    writes = Faults(screen.page, ITEMS, fault, method="PUT")
    screen.add("Tray", "2", "Made of oak")
    expect(screen.row("Tray").locator(".state")).to_be_empty()
    expect(screen.trouble).to_have_count(0)
    expect(screen.conflict).to_have_count(0)
    assert len(writes.requests) == 2
    assert items.names(api) == ["Tray", "Lamp"]


@LOST
def test_change_after_a_fault_is_no_conflict(
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
def test_deletion_after_a_fault_is_done(screen: Screen, api: httpx.Client, fault: Fault) -> None:
    screen.guard.expect_status(503)
    screen.guard.expect_no_network()
    Faults(screen.page, ITEM, fault, method="DELETE")
    screen.delete("Lamp")
    with screen.page.expect_response(lambda response: response.status == 204):
        screen.button("Close message").click()
    expect(screen.page.get_by_role("heading", name="No items yet")).to_be_visible()
    assert items.get(api, "lamp") is None
    expect(screen.trouble).to_have_count(0)


# The list's test below has a 503 in each run.
@pytest.mark.parametrize("status", [429, pytest.param(503, marks=pytest.mark.long)])
def test_page_waits_for_retry_after(screen: Screen, api: httpx.Client, status: int) -> None:
    screen.guard.expect_status(status)
    fault = respond(status, "Not now.", request_id="abc-123", retry_after="20")
    writes = Faults(screen.page, ITEMS, fault, method="PUT")
    screen.page.clock.pause_at(screen.page.evaluate("Date.now() + 1000") / 1000)
    screen.add("Tray")
    notice = screen.notice("Not now. Trying again in")
    expect(notice).to_contain_text("abc-123")
    expect(screen.row("Tray")).to_contain_text("Saving…")
    screen.page.clock.run_for(15_000)
    expect(notice).to_contain_text(" s")
    assert len(writes.requests) == 1
    screen.page.clock.run_for(4_900)
    expect(notice).to_be_visible()
    assert len(writes.requests) == 1
    screen.page.clock.run_for(1_000)  # the page adds at most half a second
    expect(notice).to_have_count(0)
    expect(screen.row("Tray").locator(".state")).to_be_empty()
    assert len(writes.requests) == 2
    assert items.names(api) == ["Tray", "Lamp"]


def test_list_waits_for_retry_after(screen: Screen) -> None:
    screen.guard.expect_status(503)
    Faults(screen.page, LIST, respond(503, "Not now.", retry_after="30"))
    screen.page.reload()
    expect(screen.notice("Not now. Trying again in")).to_be_visible()
    expect(screen.count).to_have_text("Loading your items…")
    screen.page.clock.fast_forward("00:31")
    expect(screen.row("Lamp")).to_be_visible()
    expect(screen.trouble).to_have_count(0)
