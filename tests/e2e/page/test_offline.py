"""Offline: the page reports it, keeps all text, and continues once it is online."""

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.page import items
from tests.e2e.page.accounts import Account
from tests.e2e.page.conftest import SignedIn
from tests.e2e.page.faults import LIST, Faults, lose_request
from tests.e2e.page.screen import Screen


@pytest.fixture
def screen(signed_in: SignedIn, account: Account, api: httpx.Client) -> Screen:
    """Return a screen with 30 items, of which the first page is loaded."""
    items.put_many(api, 30)
    screen = signed_in(account)
    screen.guard.expect_no_network()
    expect(screen.rows).to_have_count(25)
    return screen


def _set_offline(screen: Screen, offline: bool = True) -> None:
    screen.page.context.set_offline(offline)


def test_banner_is_shown_while_offline(screen: Screen) -> None:
    expect(screen.banner).to_be_empty()
    _set_offline(screen)
    expect(screen.banner).to_contain_text("You are offline.")
    expect(screen.banner).to_have_attribute("role", "status")
    _set_offline(screen, False)
    expect(screen.banner).to_be_empty()


def test_unsaved_item_is_kept_and_saved_later(screen: Screen, api: httpx.Client) -> None:
    screen.button("New item").click()
    screen.fill("Lamp", "2", "Shiny")
    _set_offline(screen)
    screen.save()
    notice = screen.notice("“Lamp” was not saved. Your text is kept. You are offline.")
    expect(notice).to_be_visible()
    assert any("draft:" in key for key in screen.kept("sessionStorage"))
    _set_offline(screen, False)
    notice.get_by_role("button", name="Edit").click()
    expect(screen.description).to_have_value("Shiny")
    screen.save()
    expect(screen.row("Lamp").locator(".state")).to_be_empty()
    assert items.names(api).count("Lamp") == 1
    assert not any("draft:" in key for key in screen.kept("sessionStorage"))


def test_failed_deletion_shows_the_item_again(screen: Screen, api: httpx.Client) -> None:
    _set_offline(screen)
    screen.delete("Item 030")
    screen.button("Close message").click()
    expect(screen.notice("“Item 030” was not deleted. You are offline.")).to_be_visible()
    expect(screen.row("Item 030")).to_be_visible()
    _set_offline(screen, False)
    assert items.get(api, "item-030") is not None


def test_item_opens_once_online(screen: Screen) -> None:
    _set_offline(screen)
    screen.opener("Item 030").click()
    expect(screen.note).to_contain_text("The item could not be opened. You are offline.")
    expect(screen.name).to_be_disabled()
    _set_offline(screen, False)
    screen.note.get_by_role("button", name="Try again").click()
    expect(screen.name).to_be_enabled()
    expect(screen.name).to_have_value("Item 030")


def test_interrupted_list_continues_by_itself(screen: Screen) -> None:
    _set_offline(screen)
    screen.button("Load more").click()
    expect(screen.page.get_by_text("More items could not be loaded")).to_be_visible()
    expect(screen.rows).to_have_count(25)
    _set_offline(screen, False)
    expect(screen.rows).to_have_count(30)


def test_failed_first_page_is_loaded_again(screen: Screen) -> None:
    faults = Faults(screen.page, LIST, lose_request, always=True)
    # The documents load, the list fails, and the device reports that it is offline.
    screen.page.add_init_script(
        "Object.defineProperty(navigator, 'onLine', { get: () => !window.unplugged });"
        "window.unplugged = true;"
    )
    screen.page.reload()
    alert = screen.page.get_by_role("main").get_by_role("alert")
    expect(alert).to_contain_text("Your items could not be loaded")
    expect(alert).to_contain_text("You are offline. Check your connection, then try again.")
    faults.end()
    screen.page.evaluate("window.unplugged = false; dispatchEvent(new Event('online'))")
    expect(screen.rows).to_have_count(25)
    expect(alert).to_have_count(0)
