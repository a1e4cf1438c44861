"""The ways in which something typed could be lost, and is not."""

import httpx
import pytest
from playwright.sync_api import Dialog, expect

from tests.e2e.page import items
from tests.e2e.page.accounts import Account
from tests.e2e.page.conftest import SignedIn
from tests.e2e.page.faults import ITEMS, Faults, answer
from tests.e2e.page.screen import Screen


@pytest.fixture
def screen(signed_in: SignedIn, account: Account, api: httpx.Client) -> Screen:
    items.put(api, "lamp", name="Lamp", price=1)
    return signed_in(account)


def _type(screen: Screen, name: str) -> None:
    screen.opener("Lamp").click()
    screen.fill(name)


def test_by_trying_an_older_save_again(screen: Screen, api: httpx.Client) -> None:
    screen.guard.expect_status(500)
    faults = Faults(screen.page, ITEMS, answer(500, "It broke."))
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


def test_by_deleting_and_undoing(screen: Screen) -> None:
    _type(screen, "Brass lamp")
    screen.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    screen.button("Undo").click()
    screen.opener("Lamp").click()
    expect(screen.name).to_have_value("Brass lamp")


def test_when_somebody_else_has_deleted_the_item(screen: Screen, api: httpx.Client) -> None:
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


def test_starting_over_starts_from_what_is_stored_now(screen: Screen, api: httpx.Client) -> None:
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


def test_by_signing_out_without_a_question(screen: Screen) -> None:
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


def test_by_closing_the_tab_unasked(screen: Screen) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    _type(screen, "Brass lamp")
    screen.page.on("dialog", stay)
    screen.page.close(run_before_unload=True)
    expect(screen.name).to_have_value("Brass lamp")
    assert asked == ["beforeunload"]


def test_by_a_fault_of_the_page_that_is_not_told(screen: Screen) -> None:
    screen.guard.expect("uncaught: .*Out of order")
    screen.page.evaluate("setTimeout(() => { throw new Error('Out of order'); })")
    notice = screen.notice("Something went wrong on this page.")
    expect(notice.get_by_role("button", name="Reload")).to_be_visible()
