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


def test_draft_is_kept_and_reopened(left: Screen, api: httpx.Client) -> None:
    expect(left.notice(KEPT)).to_be_visible()
    expect(left.row("Lamp")).to_contain_text("Draft")
    assert items.get(api, "lamp") == {"name": "Lamp", "price": 1}
    left.opener("Lamp").click()
    expect(left.note).to_contain_text("This is your unsaved text.")
    expect(left.name).to_have_value("Brass lamp")
    expect(left.description).to_have_value("Shiny")
    left.save()
    expect(left.row("Brass lamp").locator(".state")).to_be_empty()
    assert items.get(api, "lamp") == {"name": "Brass lamp", "price": 1, "description": "Shiny"}
    assert _drafts(left) == 0


def test_continue_reopens_the_draft(left: Screen) -> None:
    left.button("Continue").click()
    expect(left.name).to_have_value("Brass lamp")


def test_discard_deletes_the_draft(left: Screen) -> None:
    left.button("Discard").click()
    expect(left.row("Lamp").locator(".state")).to_be_empty()
    assert _drafts(left) == 0
    left.opener("Lamp").click()
    expect(left.name).to_have_value("Lamp")
    expect(left.note).to_be_empty()


def test_start_over_deletes_the_draft(left: Screen) -> None:
    left.opener("Lamp").click()
    left.note.get_by_role("button", name="Start over").click()
    expect(left.name).to_have_value("Lamp")
    expect(left.price).to_have_value("1")
    expect(left.description).to_have_value("")
    expect(left.name).to_be_focused()
    assert _drafts(left) == 0
    left.page.keyboard.press("Escape")
    expect(left.row("Lamp").locator(".state")).to_be_empty()


def test_restored_text_is_no_draft(screen: Screen) -> None:
    screen.opener("Lamp").click()
    screen.fill("Brass lamp")
    assert _drafts(screen) == 1
    screen.fill("Lamp")
    assert _drafts(screen) == 0
    screen.page.keyboard.press("Escape")
    expect(screen.editor).to_have_count(0)
    expect(screen.trouble).to_have_count(0)


def test_reload_reopens_the_editor(screen: Screen) -> None:
    screen.opener("Lamp").click()
    screen.fill("Brass lamp")
    screen.page.reload()
    expect(screen.page.get_by_role("dialog", name="Edit item")).to_be_visible()
    expect(screen.name).to_have_value("Brass lamp")


def test_reload_reopens_a_new_item(screen: Screen, api: httpx.Client) -> None:
    screen.button("New item").click()
    screen.fill("Tray", "2")
    screen.page.reload()
    expect(screen.page.get_by_role("dialog", name="New item")).to_be_visible()
    expect(screen.name).to_have_value("Tray")
    screen.save()
    expect(screen.row("Tray").locator(".state")).to_be_empty()
    assert items.names(api) == ["Tray", "Lamp"]
    assert _drafts(screen) == 0


def test_canceled_new_item_can_be_continued(screen: Screen) -> None:
    screen.button("New item").click()
    screen.fill("Tray", "2")
    screen.editor.get_by_role("button", name="Cancel").click()
    expect(screen.notice(KEPT)).to_be_visible()
    screen.button("New item").click()
    expect(screen.name).to_have_value("Tray")
    screen.note.get_by_role("button", name="Start over").click()
    expect(screen.name).to_have_value("")
    expect(screen.price).to_have_value("")


def test_draft_of_an_old_version_is_a_conflict(left: Screen, api: httpx.Client) -> None:
    left.guard.expect_status(412)
    items.put(api, "lamp", name="Their lamp")
    left.opener("Lamp").click()
    expect(left.name).to_have_value("Brass lamp")
    left.save()
    expect(left.conflict).to_contain_text("Their lamp")
    left.conflict.get_by_role("button", name="Keep mine").click()
    expect(left.row("Brass lamp").locator(".state")).to_be_empty()


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


def test_undone_deletion_keeps_the_draft(screen: Screen) -> None:
    _type(screen, "Brass lamp")
    screen.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    screen.button("Undo").click()
    screen.opener("Lamp").click()
    expect(screen.name).to_have_value("Brass lamp")


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


def test_start_over_reads_the_stored_item(screen: Screen, api: httpx.Client) -> None:
    _type(screen, "Brass lamp")
    screen.page.keyboard.press("Escape")
    items.put(api, "lamp", name="Lamp", price=2)
    screen.opener("Lamp").click()
    screen.note.get_by_role("button", name="Start over").click()
    expect(screen.price).to_have_value("2")
    screen.fill("Copper lamp")
    screen.save()
    expect(screen.row("Copper lamp").locator(".state")).to_be_empty()
    assert items.get(api, "lamp") == {"name": "Copper lamp", "price": 2}


def test_sign_out_with_a_draft_is_confirmed(screen: Screen) -> None:
    _type(screen, "Brass lamp")
    screen.page.keyboard.press("Escape")
    screen.button("Sign out").click()
    question = screen.page.get_by_role("dialog", name="Some of your changes are not saved")
    expect(question).to_contain_text("Brass lamp")
    question.get_by_role("button", name="Stay").click()
    expect(screen.row("Lamp")).to_contain_text("Draft")
    screen.button("Sign out").click()
    question.get_by_role("button", name="Sign out anyway").click()
    expect(screen.button("Sign in")).to_be_visible()
    assert not screen.kept("sessionStorage")


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
