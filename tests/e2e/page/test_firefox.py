"""A walk through the page in Firefox, whose scripts end with the page that goes."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.page import firefox, items
from tests.e2e.page.accounts import Account, Site
from tests.e2e.page.firefox import ENTER, ESCAPE, Firefox


@pytest.fixture
def tab(tmp_path: Path) -> Iterator[Firefox]:
    program = firefox.program()
    if program is None:
        pytest.skip(firefox.MISSING)
    with firefox.running(program, tmp_path) as found:
        yield found


def sign_in(tab: Firefox, site: Site, account: Account) -> None:
    tab.visit(site.url)
    tab.click("button", "Sign in")
    tab.type("input[name=username]", account.username)
    tab.type("input[name=password]", account.password + ENTER)
    tab.see("h1", "Your items")


def delete(tab: Firefox, name: str) -> None:
    tab.click(f".row [aria-label='Delete {name}']")
    tab.see("p", f"“{name}” is being deleted.")


def test_walk(tab: Firefox, account: Account, api: httpx.Client, page_site: Site) -> None:
    for name in ("Tray", "Chair", "Clock", "Lamp"):
        items.put(api, name.lower(), name=name)
    sign_in(tab, page_site, account)
    tab.see("p", "4 items, newest first")

    tab.click(".row .open")
    tab.see("fieldset:enabled")
    tab.type("#name", "Brass lamp" + ENTER)
    tab.see("p", "“Brass lamp” is saved.")
    assert items.get(api, "lamp") == {"name": "Brass lamp"}

    # A conflict is decided by a choice, and by no second Escape.
    tab.click(".row .open")
    tab.see("fieldset:enabled")
    items.put(api, "lamp", name="Their lamp")
    tab.type("#name", "My lamp" + ENTER)
    tab.see("h2", "This item was changed in the meantime")
    for _ in range(3):
        tab.send("WebDriver:ElementSendKeys", id=tab.see("dialog[open] .primary"), text=ESCAPE)
    tab.click("dialog[open] .primary", "")
    tab.see("p", "“My lamp” is saved.")
    assert items.get(api, "lamp") == {"name": "My lamp"}

    # Each way to leave sends the deletion that the page has announced.
    elsewhere = f"{page_site.login_url}/elsewhere"
    tab.visit(elsewhere)
    tab.visit(page_site.url)
    delete(tab, "Clock")
    tab.visit(elsewhere)
    items.wait_until_gone(api, "clock")
    tab.visit(page_site.url)
    delete(tab, "Chair")
    tab.send("WebDriver:Back")
    items.wait_until_gone(api, "chair")

    tab.visit(page_site.url)
    tab.click("button", "Sign out")
    tab.see("button", "Sign in")
    assert tab.run("return sessionStorage.length") == 0

    tab.new_tab()
    sign_in(tab, page_site, account)
    delete(tab, "Tray")
    tab.close_tab()
    items.wait_until_gone(api, "tray")
    assert items.names(api) == ["My lamp"]
