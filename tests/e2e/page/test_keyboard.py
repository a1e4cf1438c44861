"""Every action is possible with the keyboard alone, and the focus is never lost."""

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.page import items
from tests.e2e.page.accounts import Account, type_credentials
from tests.e2e.page.conftest import OpenScreen, SignedIn
from tests.e2e.page.faults import ITEMS, Faults, respond
from tests.e2e.page.keyboard import expect_visible_focus, press, tab_to
from tests.e2e.page.screen import Screen


@pytest.fixture
def screen(signed_in: SignedIn, account: Account, api: httpx.Client) -> Screen:
    """Return a screen with a lamp, a tray and a chair, from the top."""
    for name in ("Chair", "Tray", "Lamp"):
        items.put(api, name.lower(), name=name)
    screen = signed_in(account)
    expect(screen.rows).to_have_count(3)
    return screen


def _rename(screen: Screen, old: str, new: str, key: str = "Enter") -> None:
    press(screen, screen.opener(old))
    expect(screen.name).to_be_focused()
    screen.page.keyboard.press("Control+a")
    screen.page.keyboard.type(new)
    screen.page.keyboard.press(key)


def test_whole_visit_needs_no_mouse(
    open_screen: OpenScreen, account: Account, api: httpx.Client
) -> None:
    screen = open_screen()
    screen.visit()
    press(screen, screen.button("Sign in"))
    type_credentials(screen.page, account)
    press(screen, screen.button("New item"))
    expect_visible_focus(screen.name)
    screen.page.keyboard.type("Lamp")
    tab_to(screen, screen.price)
    screen.page.keyboard.type("12.5")
    tab_to(screen, screen.description)
    screen.page.keyboard.type("Bright")
    press(screen, screen.editor.get_by_role("button", name="Save"))
    expect(screen.row("Lamp").locator(".state")).to_be_empty()
    expect_visible_focus(screen.button("New item"))

    press(screen, screen.opener("Lamp"))
    expect_visible_focus(screen.name)
    screen.page.keyboard.press("End")
    screen.page.keyboard.type("s")
    screen.page.keyboard.press("Enter")
    expect(screen.row("Lamps").locator(".state")).to_be_empty()
    assert items.names(api) == ["Lamps"]

    screen.page.keyboard.press("Escape")
    screen.page.reload()
    press(screen, screen.button("Delete Lamps"))
    press(screen, screen.button("Undo"))
    expect_visible_focus(screen.opener("Lamps"))
    tab_to(screen, screen.search, "Shift+Tab")
    screen.page.keyboard.type("nothing like it")
    expect(screen.rows).to_have_count(0)
    screen.page.keyboard.press("Escape")
    expect(screen.rows).to_have_count(1)
    tab_to(screen, screen.button("Sign out"), "Shift+Tab")
    screen.page.keyboard.press("Enter")
    expect(screen.button("Sign in")).to_be_visible()


def test_load_more_keeps_the_focus(
    signed_in: SignedIn, account: Account, api: httpx.Client
) -> None:
    items.put_many(api, 27)
    screen = signed_in(account)
    press(screen, screen.button("Load more"))
    expect(screen.rows).to_have_count(27)
    expect_visible_focus(screen.opener("Item 002"))  # the first new item


def test_first_tab_stop_skips_to_the_content(screen: Screen) -> None:
    screen.page.keyboard.press("Tab")
    skip = screen.page.get_by_role("link", name="Skip to the content")
    expect_visible_focus(skip)
    expect(skip).to_be_in_viewport()
    screen.page.keyboard.press("Enter")
    expect(screen.page.get_by_role("main")).to_be_focused()
    screen.page.keyboard.press("Tab")
    expect_visible_focus(screen.button("New item"))


def test_closed_dialog_returns_the_focus(screen: Screen, api: httpx.Client) -> None:
    press(screen, screen.opener("Chair"))
    expect_visible_focus(screen.name)
    for _ in range(12):
        screen.page.keyboard.press("Tab")
        inside = "!document.hasFocus() || document.activeElement === document.body ||"
        inside += " document.activeElement.closest('dialog') !== null"
        assert screen.page.evaluate(inside)
    screen.page.keyboard.press("Escape")
    expect_visible_focus(screen.opener("Chair"))

    _rename(screen, "Chair", "Stool", "Escape")  # keeps a draft
    expect_visible_focus(screen.opener("Chair"))

    _rename(screen, "Lamp", "Lantern")
    expect(screen.row("Lantern").locator(".state")).to_be_empty()
    expect_visible_focus(screen.opener("Lantern"))

    screen.guard.expect_status(412, 500)
    _rename(screen, "Tray", "My tray", "End")
    items.put(api, "tray", name="Their tray")
    screen.page.keyboard.press("Enter")
    expect(screen.conflict).to_be_visible()
    press(screen, screen.conflict.get_by_role("button", name="Take theirs"))
    expect_visible_focus(screen.opener("Their tray"))

    Faults(screen.page, ITEMS, respond(500, "It broke."), method="PUT")
    _rename(screen, "Their tray", "My tray")
    press(screen, screen.button("Edit"))
    expect_visible_focus(screen.name)
    screen.page.keyboard.press("Escape")
    expect_visible_focus(screen.opener("Their tray"))


def test_deletion_focuses_the_neighbor(screen: Screen) -> None:
    press(screen, screen.button("Delete Tray"))
    expect_visible_focus(screen.opener("Chair"))
    expect(screen.notices).to_contain_text("F8 leads here. Ctrl+Z undoes the last one.")
    screen.page.keyboard.press("F8")
    expect_visible_focus(screen.button("Undo"))
    screen.page.keyboard.press("Enter")
    expect_visible_focus(screen.opener("Tray"))

    press(screen, screen.opener("Tray"))
    expect(screen.name).to_be_focused()
    press(screen, screen.editor.get_by_role("button", name="Delete"))
    expect_visible_focus(screen.opener("Chair"))
    screen.page.keyboard.press("Control+z")
    expect_visible_focus(screen.opener("Tray"))

    press(screen, screen.button("Delete Chair"))
    expect_visible_focus(screen.opener("Tray"))
    press(screen, screen.button("Close message"))
    expect(screen.notice("being deleted")).to_have_count(0)
    assert screen.page.evaluate("document.activeElement !== document.body")

    press(screen, screen.button("Delete Lamp"), "Space")
    expect_visible_focus(screen.opener("Tray"))
    press(screen, screen.button("Delete Tray"))
    expect_visible_focus(screen.button("Add your first item"))
