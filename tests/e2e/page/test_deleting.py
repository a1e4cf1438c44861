"""Deletion: it is sent only after it can no longer be undone, and then always."""

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.page import items
from tests.e2e.page.accounts import Account
from tests.e2e.page.conftest import SignedIn
from tests.e2e.page.faults import ITEM, ITEMS, Faults, Held, respond
from tests.e2e.page.screen import Screen


@pytest.fixture
def screen(signed_in: SignedIn, account: Account, api: httpx.Client) -> Screen:
    """Return a screen with a lamp, a tray and a chair, and a clock that can be moved."""
    for name in ("Chair", "Tray", "Lamp"):
        items.put(api, name.lower(), name=name)
    screen = signed_in(account, visit=False)
    screen.page.clock.install()
    screen.visit()
    expect(screen.rows).to_have_count(3)
    return screen


def test_deletion_can_be_undone(screen: Screen, api: httpx.Client) -> None:
    deletions = Faults(screen.page, ITEM, method="DELETE")
    screen.delete("Tray")
    notice = screen.notice("“Tray” is being deleted.")
    notice.hover()
    screen.page.clock.fast_forward("01:00")
    expect(notice).to_be_visible()
    expect(screen.count).to_have_text("2 items, newest first")
    assert screen.names() == ["Lamp", "Chair"]
    screen.button("Undo").click()
    assert screen.names() == ["Lamp", "Tray", "Chair"]
    screen.opener("Tray").click()
    screen.fill(name="Brass tray")
    screen.editor.get_by_role("button", name="Delete").click()
    expect(screen.editor).to_have_count(0)
    assert screen.names() == ["Lamp", "Chair"]
    screen.button("Undo").click()
    expect(screen.row("Tray")).to_contain_text("Draft")
    expect(screen.trouble).to_have_count(0)
    screen.page.clock.fast_forward("01:00")
    screen.page.reload()
    expect(screen.rows).to_have_count(3)
    assert deletions.requests == []
    assert items.names(api) == ["Lamp", "Tray", "Chair"]


def test_ctrl_z_undoes_the_last_deletion_first(screen: Screen, api: httpx.Client) -> None:
    screen.delete("Tray")
    screen.delete("Lamp")
    screen.search.fill("Cha")
    screen.search.press("Control+z")  # undoes typing
    screen.search.fill("")
    assert screen.names() == ["Chair"]
    screen.opener("Chair").focus()
    screen.page.keyboard.press("Control+z")
    assert screen.names() == ["Lamp", "Chair"]
    screen.page.keyboard.press("Control+z")
    assert screen.names() == ["Lamp", "Tray", "Chair"]
    assert items.names(api) == ["Lamp", "Tray", "Chair"]


def test_save_waits_for_a_sent_deletion(screen: Screen, api: httpx.Client) -> None:
    """Otherwise the deletion could be applied after a change that is shown as saved."""
    screen.guard.expect_status(412, 404)
    held = Held()
    deletions = Faults(screen.page, ITEM, held, method="DELETE")
    saved = Faults(screen.page, ITEMS, method="PUT")
    screen.opener("Tray").click()
    screen.fill(name="Brass tray")
    screen.page.keyboard.press("Escape")
    screen.delete("Tray")
    screen.notice("“Tray” is being deleted.").get_by_role("button", name="Close message").click()
    screen.button("Continue").click()
    screen.save()
    assert (len(deletions.requests), len(saved.requests)) == (1, 0)
    held.release()
    expect(screen.page.get_by_role("dialog")).to_contain_text("deleted")
    assert items.names(api) == ["Lamp", "Chair"]
    assert len(saved.requests) == 1


def _close_the_message(screen: Screen) -> None:
    screen.button("Close message").click()


def _let_time_pass(screen: Screen) -> None:
    screen.page.mouse.move(0, 0)
    screen.page.clock.fast_forward("00:09")


def _leave_for_another_page(screen: Screen) -> None:
    screen.page.goto("about:blank")


def _reload(screen: Screen) -> None:
    screen.page.reload()


def _close_the_tab(screen: Screen) -> None:
    screen.page.close(run_before_unload=True)


def _sign_out(screen: Screen) -> None:
    screen.button("Sign out").click()
    expect(screen.button("Sign in")).to_be_visible()


@pytest.mark.parametrize(
    "end",
    [
        _close_the_message,
        _let_time_pass,
        _leave_for_another_page,
        pytest.param(_reload, marks=pytest.mark.long),  # like leaving for another page
        _close_the_tab,
        _sign_out,
    ],
)
def test_deletion_is_sent_in_the_end(
    screen: Screen, api: httpx.Client, end: Callable[[Screen], None]
) -> None:
    screen.delete("Tray")
    screen.delete("Lamp")
    expect(screen.notice("2 items are being deleted.")).to_be_visible()
    screen.page.keyboard.press("Control+z")
    assert items.names(api) == ["Lamp", "Tray", "Chair"]
    end(screen)
    items.wait_until_gone(api, "tray")
    assert items.names(api) == ["Lamp", "Chair"]


def test_message_after_another_can_be_hovered(screen: Screen) -> None:
    screen.add("Stool")
    expect(screen.notice("Stool")).to_be_visible()
    screen.delete("Tray")
    expect(screen.notice("being deleted")).to_be_visible()
    screen.page.keyboard.press("F8")
    screen.page.keyboard.press("Enter")
    expect(screen.row("Tray")).to_be_visible()
    screen.notice("Stool").hover()
    screen.page.clock.fast_forward("01:00")
    expect(screen.notice("Stool")).to_be_visible()


def test_failed_deletion_shows_the_item_again(screen: Screen, api: httpx.Client) -> None:
    screen.guard.expect_status(500)
    fault = respond(500, "It broke.", request_id="abc-123")
    faults = Faults(screen.page, ITEM, fault, method="DELETE")
    screen.delete("Tray")
    screen.button("Close message").click()
    notice = screen.notice("“Tray” was not deleted. It broke. Try again in a moment.")
    expect(notice).to_contain_text("abc-123")
    expect(screen.row("Tray")).to_be_visible()
    # Otherwise the next DELETE waits for this process, which only sleeps below.
    faults.end()
    notice.get_by_role("button", name="Try again").click()
    expect(screen.row("Tray")).to_have_count(0)
    screen.button("Close message").click()
    items.wait_until_gone(api, "tray")


def test_item_changed_meanwhile_is_not_deleted(screen: Screen, api: httpx.Client) -> None:
    screen.guard.expect_status(412)
    screen.delete("Tray")
    items.put(api, "tray", name="Another tray")
    screen.button("Close message").click()
    notice = screen.notice("“Another tray” was not deleted, because another person has changed it.")
    expect(notice).to_be_visible()
    expect(screen.row("Another tray")).to_be_visible()
    assert items.get(api, "tray") == {"name": "Another tray"}
    notice.get_by_role("button", name="Delete it").click()
    screen.button("Close message").click()
    items.wait_until_gone(api, "tray")
    expect(screen.notice("“Another tray” is deleted.")).to_be_visible()
