"""Unsaved text is kept as a draft, also when the item changes or the page closes."""

import httpx
import pytest
from playwright.sync_api import Dialog, expect

from tests.e2e.page import items
from tests.e2e.page.accounts import Account
from tests.e2e.page.conftest import SignedIn
from tests.e2e.page.faults import ITEMS, Faults, respond
from tests.e2e.page.screen import Screen

KEPT = "Your text is kept as a draft."


@pytest.fixture
def screen(signed_in: SignedIn, account: Account, api: httpx.Client) -> Screen:
    """Return a screen with an item that has a price."""
    items.put(api, "lamp", name="Lamp", price=1)
    return signed_in(account)


@pytest.fixture
def left(screen: Screen) -> Screen:
    """Return the screen after text was typed into the item, and the editor closed."""
    screen.opener("Lamp").click()
    screen.fill("Brass lamp", description="Shiny")
    screen.page.keyboard.press("Escape")
    return screen


def _drafts(screen: Screen) -> int:
    return sum("draft:" in key for key in screen.kept("sessionStorage"))


def _type(screen: Screen, name: str) -> None:
    screen.opener("Lamp").click()
    screen.fill(name)


def test_draft_is_kept_with_its_version(left: Screen, api: httpx.Client) -> None:
    expect(left.notice(KEPT)).to_be_visible()
    expect(left.row("Lamp")).to_contain_text("Draft")
    assert items.get(api, "lamp") == {"name": "Lamp", "price": 1}
    left.button("Continue").click()
    expect(left.name).to_have_value("Brass lamp")
    left.page.keyboard.press("Escape")
    items.put(api, "lamp", name="Their lamp")
    left.opener("Lamp").click()
    expect(left.note).to_contain_text("This is your unsaved text.")
    expect(left.name).to_have_value("Brass lamp")
    expect(left.description).to_have_value("Shiny")
    left.guard.expect_status(412)
    left.save()
    expect(left.conflict).to_contain_text("Their lamp")
    left.conflict.get_by_role("button", name="Keep mine").click()
    expect(left.row("Brass lamp").locator(".state")).to_be_empty()
    assert items.get(api, "lamp") == {"name": "Brass lamp", "price": 1, "description": "Shiny"}
    assert _drafts(left) == 0


def test_start_over_reads_the_stored_item(left: Screen, api: httpx.Client) -> None:
    items.put(api, "lamp", name="Lamp", price=2)
    left.opener("Lamp").click()
    left.note.get_by_role("button", name="Start over").click()
    expect(left.name).to_have_value("Lamp")
    expect(left.price).to_have_value("2")
    expect(left.description).to_have_value("")
    expect(left.name).to_be_focused()
    assert _drafts(left) == 0
    left.fill("Copper lamp")
    left.save()
    expect(left.row("Copper lamp").locator(".state")).to_be_empty()
    assert items.get(api, "lamp") == {"name": "Copper lamp", "price": 2}


def test_new_item_is_a_draft_until_saved(screen: Screen, api: httpx.Client) -> None:
    screen.button("New item").click()
    screen.fill("Tray", "2")
    screen.editor.get_by_role("button", name="Cancel").click()
    expect(screen.notice(KEPT)).to_be_visible()
    screen.button("New item").click()
    expect(screen.name).to_have_value("Tray")
    screen.note.get_by_role("button", name="Start over").click()
    expect(screen.name).to_have_value("")
    expect(screen.price).to_have_value("")
    screen.fill("Stool", "3")
    screen.page.reload()
    expect(screen.page.get_by_role("dialog", name="New item")).to_be_visible()
    expect(screen.name).to_have_value("Stool")
    screen.save()
    expect(screen.row("Stool").locator(".state")).to_be_empty()
    assert items.names(api) == ["Stool", "Lamp"]
    assert _drafts(screen) == 0


def test_discard_deletes_the_draft(left: Screen) -> None:
    left.button("Discard").click()
    expect(left.row("Lamp").locator(".state")).to_be_empty()
    assert _drafts(left) == 0
    left.opener("Lamp").click()
    expect(left.name).to_have_value("Lamp")
    expect(left.note).to_be_empty()


def test_restored_text_is_no_draft(screen: Screen) -> None:
    screen.opener("Lamp").click()
    screen.fill("Brass lamp")
    assert _drafts(screen) == 1
    screen.fill("Lamp")
    assert _drafts(screen) == 0
    screen.page.keyboard.press("Escape")
    expect(screen.editor).to_have_count(0)
    expect(screen.trouble).to_have_count(0)


def test_retry_of_an_older_save_keeps_newer_text(screen: Screen, api: httpx.Client) -> None:
    screen.guard.expect_status(500)
    faults = Faults(screen.page, ITEMS, respond(500, "It broke."))
    _type(screen, "Brass lamp")
    screen.save()
    expect(screen.notice("was not saved")).to_be_visible()
    faults.end()
    screen.opener("Lamp").click()
    expect(screen.name).to_have_value("Brass lamp")
    screen.fill("Brass lamp, polished")
    screen.button("Try again").click()
    expect(screen.notice("was not saved")).to_have_count(0)
    screen.save()
    expect(screen.row("Brass lamp, polished").locator(".state")).to_be_empty()
    assert items.names(api) == ["Brass lamp, polished"]


def test_draft_of_a_deleted_item_is_kept(screen: Screen, api: httpx.Client) -> None:
    _type(screen, "Brass lamp")
    screen.page.keyboard.press("Escape")
    api.delete("/items/lamp").raise_for_status()
    screen.guard.expect_status(404)
    screen.opener("Lamp").click()
    expect(screen.note).to_contain_text("Saving adds the item again")
    expect(screen.name).to_have_value("Brass lamp")
    screen.save()
    expect(screen.row("Brass lamp").locator(".state")).to_be_empty()
    assert items.names(api) == ["Brass lamp"]


def test_closing_the_tab_is_confirmed(screen: Screen) -> None:
    dialogs: list[str] = []

    def stay(dialog: Dialog) -> None:
        dialogs.append(dialog.type)
        dialog.dismiss()

    _type(screen, "Brass lamp")
    screen.page.on("dialog", stay)
    screen.page.close(run_before_unload=True)
    expect(screen.name).to_have_value("Brass lamp")
    assert dialogs == ["beforeunload"]


def test_uncaught_error_is_reported(screen: Screen) -> None:
    screen.guard.expect("uncaught: .*Out of order")
    screen.page.evaluate("setTimeout(() => { throw new Error('Out of order'); })")
    notice = screen.notice("Something went wrong on this page.")
    expect(notice.get_by_role("button", name="Reload")).to_be_visible()
