"""Offline: the page reports it, keeps all text, and continues once it is online."""

import httpx
from playwright.sync_api import expect

from tests.e2e.page import items
from tests.e2e.page.accounts import Account
from tests.e2e.page.conftest import SignedIn


def test_page_continues_once_online(
    signed_in: SignedIn, account: Account, api: httpx.Client
) -> None:
    items.put_many(api, 30)
    screen = signed_in(account)
    screen.guard.expect_no_network()
    expect(screen.rows).to_have_count(25)
    expect(screen.banner).to_be_empty()
    screen.page.context.set_offline(True)
    expect(screen.banner).to_contain_text("You are offline.")
    expect(screen.banner).to_have_attribute("role", "status")
    screen.button("Load more").click()
    expect(screen.page.get_by_text("More items could not be loaded")).to_be_visible()
    expect(screen.rows).to_have_count(25)
    screen.add("Lamp", "2", "Shiny")
    notice = screen.notice("“Lamp” was not saved. Your text is kept. You are offline.")
    expect(notice).to_be_visible()
    assert any("draft:" in key for key in screen.kept("sessionStorage"))

    screen.page.context.set_offline(False)
    expect(screen.banner).to_be_empty()
    expect(screen.rows).to_have_count(30)  # without a click
    notice.get_by_role("button", name="Edit").click()
    expect(screen.description).to_have_value("Shiny")
    screen.save()
    expect(screen.row("Lamp").locator(".state")).to_be_empty()
    assert items.names(api).count("Lamp") == 1
    assert not any("draft:" in key for key in screen.kept("sessionStorage"))
