"""A walk through the page in a browser that Playwright does not drive."""

from collections.abc import Callable

import httpx

from tests.e2e.page import items
from tests.e2e.page.accounts import Account, Site
from tests.e2e.page.webdriver import ENTER, ESCAPE, WebDriver

Leave = Callable[[WebDriver, str], None]


def leave_by_url(tab: WebDriver, elsewhere: str) -> None:
    tab.visit(elsewhere)


def sign_in(tab: WebDriver, site: Site, account: Account) -> None:
    tab.visit(site.url)
    tab.click("button", "Sign in")
    tab.type("input[name=username]", account.username)
    tab.type("input[name=password]", account.password + ENTER)
    tab.see("h1", "Your items")


def delete(tab: WebDriver, name: str) -> None:
    tab.click(f".row [aria-label='Delete {name}']")
    tab.see("p", f"“{name}” is being deleted.")


def walk(
    tab: WebDriver, site: Site, account: Account, api: httpx.Client, *ways_to_leave: Leave
) -> None:
    """Sign in, edit, decide a conflict, delete and leave, sign out, close the tab."""
    for name in ("Tray", "Chair", "Clock", "Lamp"):
        items.put(api, name.lower(), name=name)
    sign_in(tab, site, account)
    tab.see("p", "4 items, newest first")

    tab.click(".row .open")
    tab.see("fieldset:enabled")
    tab.type("#name", "Brass lamp" + ENTER)
    tab.see("p", "“Brass lamp” is saved.")
    assert items.get(api, "lamp") == {"name": "Brass lamp"}

    # A choice decides a conflict. A second Escape does not.
    tab.click(".row .open")
    tab.see("fieldset:enabled")
    items.put(api, "lamp", name="Their lamp")
    tab.type("#name", "My lamp" + ENTER)
    tab.see("h2", "This item was changed in the meantime")
    for _ in range(3):
        tab.press("dialog[open] .primary", ESCAPE)
    tab.click("dialog[open] .primary")
    tab.see("p", "“My lamp” is saved.")
    assert items.get(api, "lamp") == {"name": "My lamp"}

    # Each way to leave sends the deletion that the page has announced.
    elsewhere = f"{site.login_url}/elsewhere"
    for name, leave in zip(("Clock", "Chair"), ways_to_leave, strict=False):
        tab.visit(elsewhere)
        tab.visit(site.url)
        delete(tab, name)
        leave(tab, elsewhere)
        items.wait_until_gone(api, name.lower())

    tab.visit(site.url)
    tab.click("button", "Sign out")
    tab.see("button", "Sign in")
    assert tab.run("return sessionStorage.length") == 0

    left = items.names(api)
    tab.open_other_tab()
    sign_in(tab, site, account)
    delete(tab, "Tray")
    tab.close_tab()
    items.wait_until_gone(api, "tray")
    assert items.names(api) == [name for name in left if name != "Tray"]
