"""What somebody typed and did not save."""

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.page import items
from tests.e2e.page.accounts import Account
from tests.e2e.page.conftest import SignedIn
from tests.e2e.page.screen import Screen

KEPT = "Your text is kept as a draft."


@pytest.fixture
def screen(signed_in: SignedIn, account: Account, api: httpx.Client) -> Screen:
    """With one item that has a price."""
    items.put(api, "lamp", name="Lamp", price=1)
    return signed_in(account)


@pytest.fixture
def left(screen: Screen) -> Screen:
    """The item was opened, something typed, and it was left."""
    screen.opener("Lamp").click()
    screen.fill("Brass lamp", description="Shiny")
    screen.page.keyboard.press("Escape")
    return screen


def _drafts(screen: Screen) -> int:
    return sum("draft:" in key for key in screen.kept("sessionStorage"))


def test_it_is_kept_and_there_again(left: Screen, api: httpx.Client) -> None:
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


def test_continue_goes_on(left: Screen) -> None:
    left.button("Continue").click()
    expect(left.name).to_have_value("Brass lamp")


def test_discard_forgets_it(left: Screen) -> None:
    left.button("Discard").click()
    expect(left.row("Lamp").locator(".state")).to_be_empty()
    assert _drafts(left) == 0
    left.opener("Lamp").click()
    expect(left.name).to_have_value("Lamp")
    expect(left.note).to_be_empty()


def test_start_over_forgets_it(left: Screen) -> None:
    left.opener("Lamp").click()
    left.note.get_by_role("button", name="Start over").click()
    expect(left.name).to_have_value("Lamp")
    expect(left.price).to_have_value("1")
    expect(left.description).to_have_value("")
    expect(left.name).to_be_focused()
    assert _drafts(left) == 0
    left.page.keyboard.press("Escape")
    expect(left.row("Lamp").locator(".state")).to_be_empty()


def test_what_is_typed_back_is_no_draft(screen: Screen) -> None:
    screen.opener("Lamp").click()
    screen.fill("Brass lamp")
    assert _drafts(screen) == 1
    screen.fill("Lamp")
    assert _drafts(screen) == 0
    screen.page.keyboard.press("Escape")
    expect(screen.editor).to_have_count(0)
    expect(screen.trouble).to_have_count(0)


def test_a_reload_opens_what_was_open(screen: Screen) -> None:
    screen.opener("Lamp").click()
    screen.fill("Brass lamp")
    screen.page.reload()
    expect(screen.page.get_by_role("dialog", name="Edit item")).to_be_visible()
    expect(screen.name).to_have_value("Brass lamp")


def test_a_reload_opens_a_new_item_that_was_begun(screen: Screen, api: httpx.Client) -> None:
    screen.button("New item").click()
    screen.fill("Tray", "2")
    screen.page.reload()
    expect(screen.page.get_by_role("dialog", name="New item")).to_be_visible()
    expect(screen.name).to_have_value("Tray")
    screen.save()
    expect(screen.row("Tray").locator(".state")).to_be_empty()
    assert items.names(api) == ["Tray", "Lamp"]
    assert _drafts(screen) == 0


def test_a_new_item_that_was_left_can_be_gone_on_with(screen: Screen) -> None:
    screen.button("New item").click()
    screen.fill("Tray", "2")
    screen.editor.get_by_role("button", name="Cancel").click()
    expect(screen.notice(KEPT)).to_be_visible()
    screen.button("New item").click()
    expect(screen.name).to_have_value("Tray")
    screen.note.get_by_role("button", name="Start over").click()
    expect(screen.name).to_have_value("")
    expect(screen.price).to_have_value("")


def test_a_draft_of_a_state_that_is_no_more_is_a_conflict(left: Screen, api: httpx.Client) -> None:
    left.guard.expect_status(412)
    items.put(api, "lamp", name="Their lamp")
    left.opener("Lamp").click()
    expect(left.name).to_have_value("Brass lamp")
    left.save()
    expect(left.conflict).to_contain_text("Their lamp")
    left.conflict.get_by_role("button", name="Keep mine").click()
    expect(left.row("Brass lamp").locator(".state")).to_be_empty()
