"""The start of the page and of its list: loading, failures and missing features."""

import httpx
from playwright.sync_api import expect

from tests.e2e.page import items
from tests.e2e.page.accounts import Account
from tests.e2e.page.conftest import OpenScreen, SignedIn
from tests.e2e.page.faults import LIST, Faults, Held, respond


def test_loading_list_has_a_skeleton(signed_in: SignedIn, account: Account) -> None:
    screen = signed_in(account, visit=False)
    held = Held()
    Faults(screen.page, LIST, held)
    screen.visit()
    expect(screen.count).to_have_text("Loading your items…")
    expect(screen.page.locator(".skeleton").first).to_be_visible()
    held.release()
    expect(screen.page.get_by_role("heading", name="No items yet")).to_be_visible()
    expect(screen.page.locator(".skeleton")).to_have_count(0)
    screen.button("Add your first item").click()
    expect(screen.page.get_by_role("dialog", name="New item")).to_be_visible()


def test_failed_list_can_be_loaded_again(
    signed_in: SignedIn, account: Account, api: httpx.Client
) -> None:
    items.put_many(api, 30)
    screen = signed_in(account, visit=False)
    screen.guard.expect_status(500)
    Faults(screen.page, LIST, respond(500, "It broke.", request_id="abc-123"))
    screen.visit()
    alert = screen.page.get_by_role("main").get_by_role("alert")
    expect(alert).to_contain_text("Your items could not be loaded")
    expect(alert).to_contain_text("It broke. Try again in a moment.")
    expect(alert).to_contain_text("Request abc-123")
    screen.button("Try again").click()
    expect(screen.rows).to_have_count(25)
    expect(alert).to_have_count(0)

    Faults(screen.page, LIST, respond(500, "It broke."))
    screen.button("Load more").click()
    expect(screen.page.get_by_text("More items could not be loaded")).to_be_visible()
    expect(screen.rows).to_have_count(25)
    screen.button("Try again").click()
    expect(screen.rows).to_have_count(30)


def test_missing_settings_are_reported(open_screen: OpenScreen) -> None:
    screen = open_screen()
    screen.guard.expect_status(503)
    Faults(screen.page, "**/config.json", respond(503))
    screen.visit()
    alert = screen.page.get_by_role("alert")
    expect(alert).to_contain_text("This page could not start")
    expect(alert).to_contain_text("The page's settings could not be loaded.")
    screen.button("Try again").click()
    expect(screen.button("Sign in")).to_be_visible()


def test_missing_storage_is_reported(open_screen: OpenScreen) -> None:
    screen = open_screen()
    screen.page.add_init_script(
        "Object.defineProperty(window, 'sessionStorage', { get() { throw new Error('denied'); } })"
    )
    screen.visit()
    alert = screen.page.get_by_role("alert")
    expect(alert).to_contain_text("Your browser does not let this page keep your sign-in.")
    expect(alert).not_to_contain_text("connection")


def test_missing_javascript_is_reported(open_screen: OpenScreen) -> None:
    screen = open_screen(java_script_enabled=False)
    screen.visit()
    assert "This page needs JavaScript" in screen.page.locator("body").inner_text()
