"""Adding and changing items: what is stored, what is shown meanwhile, and what is not lost."""

import re

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.page import items
from tests.e2e.page.accounts import Account
from tests.e2e.page.conftest import SignedIn
from tests.e2e.page.faults import ITEMS, Faults, Held, answer, invalid


def test_adding_an_item(signed_in: SignedIn, account: Account, api: httpx.Client) -> None:
    screen = signed_in(account)
    screen.search.fill("tray")
    screen.add("Oak lamp", "79.25", "With a shade.\nAnd a switch.")
    expect(screen.notice("“Oak lamp” is saved. The search does not match it.")).to_be_visible()
    screen.search.fill("")
    expect(screen.row("Oak lamp").locator(".state")).to_be_empty()
    expect(screen.row("Oak lamp")).to_contain_text("79.25")
    expect(screen.count).to_have_text("1 item, newest first")
    item = items.only(api)
    assert item["id"].startswith("oak-lamp-")
    assert (item["name"], item["price"]) == ("Oak lamp", 79.25)
    assert item["description"] == "With a shade.\nAnd a switch."
    screen.page.reload()
    expect(screen.row("Oak lamp")).to_be_visible()


def test_what_is_optional_can_be_left_out_and_taken_away(
    signed_in: SignedIn, account: Account, api: httpx.Client
) -> None:
    items.put(api, "lamp", name="Lamp", price=5, description="Bright")
    screen = signed_in(account)
    screen.opener("Lamp").click()
    expect(screen.description).to_have_value("Bright")
    screen.fill("Dim lamp", "", "")
    screen.save()
    expect(screen.row("Dim lamp").locator(".state")).to_be_empty()
    expect(screen.row("Dim lamp").locator(".value")).to_be_empty()
    assert items.get(api, "lamp") == {"name": "Dim lamp"}


@pytest.mark.parametrize(
    ("name", "price", "message"),
    [
        ("  ", "1", "Give it a name."),
        ("x" * 203, "1", "This is 3 characters too long."),
        ("Lamp", "1,5", "Write a number, such as 1,234.50."),
        ("Lamp", "-1", "This has to be at least 0.00."),
        ("Lamp", "1" * 39, "A number has at most 38 significant digits."),
    ],
)
def test_what_cannot_be_saved_is_said_at_its_field(
    signed_in: SignedIn, account: Account, name: str, price: str, message: str
) -> None:
    screen = signed_in(account)
    writes = Faults(screen.page, ITEMS)
    screen.add(name, price)
    field = screen.price if name == "Lamp" else screen.name
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile(f"{re.escape(message)}$"))
    assert writes.seen == []
    screen.fill("Lamp", "1.5")
    expect(field).not_to_have_attribute("aria-invalid", "true")
    screen.save()
    expect(screen.row("Lamp").locator(".state")).to_be_empty()


def test_saving_twice_stores_one(signed_in: SignedIn, account: Account, api: httpx.Client) -> None:
    screen = signed_in(account)
    held = Held()
    writes = Faults(screen.page, ITEMS, held, held, always=True, method="PUT")
    screen.button("New item").click()
    screen.fill("Lamp")
    screen.name.press("Enter")
    screen.page.keyboard.press("Enter")
    expect(screen.row("Lamp")).to_contain_text("Saving…")
    screen.page.keyboard.press("Escape")  # Enter was on "New item", to which the focus came back
    held.release()
    expect(screen.row("Lamp").locator(".state")).to_be_empty()
    assert len(writes.seen) == 1
    assert items.names(api) == ["Lamp"]


def test_a_double_click_on_save_stores_one(
    signed_in: SignedIn, account: Account, api: httpx.Client
) -> None:
    screen = signed_in(account)
    writes = Faults(screen.page, ITEMS, method="PUT")
    screen.button("New item").click()
    screen.fill("Lamp")
    screen.editor.get_by_role("button", name="Save").dblclick()
    expect(screen.row("Lamp").locator(".state")).to_be_empty()
    assert len(writes.seen) == 1
    assert items.names(api) == ["Lamp"]


def test_a_change_shows_at_once(signed_in: SignedIn, account: Account, api: httpx.Client) -> None:
    items.put(api, "lamp", name="Lamp", price=1)
    screen = signed_in(account)
    held = Held()
    Faults(screen.page, ITEMS, held, method="PUT")
    screen.opener("Lamp").click()
    screen.fill("Brass lamp", "2")
    screen.save()
    expect(screen.row("Brass lamp")).to_contain_text("Saving…")
    expect(screen.row("Brass lamp")).to_contain_text("2.00")
    assert items.get(api, "lamp") == {"name": "Lamp", "price": 1}
    held.release()
    expect(screen.row("Brass lamp").locator(".state")).to_be_empty()
    assert items.get(api, "lamp") == {"name": "Brass lamp", "price": 2}


def test_a_change_that_fails_is_taken_back_and_not_lost(
    signed_in: SignedIn, account: Account, api: httpx.Client
) -> None:
    items.put(api, "lamp", name="Lamp", price=1)
    screen = signed_in(account)
    screen.guard.expect_status(500)
    held = Held(answer(500, "It broke.", request_id="abc-123"))
    Faults(screen.page, ITEMS, held, answer(500, "It broke again."), method="PUT")
    screen.opener("Lamp").click()
    screen.fill("Brass lamp", "2", "Shiny")
    screen.save()
    expect(screen.row("Brass lamp")).to_contain_text("Saving…")
    held.release()
    notice = screen.notice("“Brass lamp” was not saved. Your text is kept. It broke.")
    expect(notice).to_contain_text("Request abc-123")
    expect(screen.row("Lamp")).to_contain_text("1.00")
    expect(screen.row("Lamp")).to_contain_text("Draft")
    notice.get_by_role("button", name="Try again").click()
    notice = screen.notice("It broke again.")
    notice.get_by_role("button", name="Edit").click()
    expect(screen.name).to_have_value("Brass lamp")
    expect(screen.price).to_have_value("2")
    expect(screen.description).to_have_value("Shiny")
    screen.save()
    expect(screen.row("Brass lamp").locator(".state")).to_be_empty()
    assert items.get(api, "lamp") == {"name": "Brass lamp", "price": 2, "description": "Shiny"}
    expect(screen.trouble).to_have_count(0)


def test_an_item_that_cannot_be_added_is_not_lost(
    signed_in: SignedIn, account: Account, api: httpx.Client
) -> None:
    screen = signed_in(account)
    screen.guard.expect_status(500, 404)
    Faults(screen.page, ITEMS, *[answer(500, "It broke.")] * 2, method="PUT")
    screen.add("Lamp", "2", "Shiny")
    notice = screen.notice("“Lamp” was not saved. Your text is kept.")
    notice.get_by_role("button", name="Edit").click()
    expect(screen.name).to_have_value("Lamp")
    expect(screen.price).to_have_value("2")
    expect(screen.description).to_have_value("Shiny")
    screen.save()
    notice.get_by_role("button", name="Try again").click()
    expect(screen.row("Lamp").locator(".state")).to_be_empty()
    assert items.names(api) == ["Lamp"]


def test_what_the_service_refuses_is_said_at_its_field(
    signed_in: SignedIn, account: Account, api: httpx.Client
) -> None:
    items.put(api, "lamp", name="Lamp")
    screen = signed_in(account)
    screen.guard.expect_status(400)
    Faults(screen.page, ITEMS, invalid("name", "is not to our liking"), method="PUT")
    screen.opener("Lamp").click()
    screen.fill("Brass lamp")
    screen.save()
    expect(screen.name).to_have_accessible_description("This field is not to our liking.")
    expect(screen.name).to_have_value("Brass lamp")
    expect(screen.name).to_be_focused()
    screen.save()
    expect(screen.row("Brass lamp").locator(".state")).to_be_empty()


def test_an_item_that_cannot_be_opened_says_why(
    signed_in: SignedIn, account: Account, api: httpx.Client
) -> None:
    items.put(api, "lamp", name="Lamp", description="Bright")
    screen = signed_in(account)
    screen.guard.expect_status(500)
    Faults(screen.page, "**/api/items/lamp", answer(500, "It broke.", request_id="abc-123"))
    screen.opener("Lamp").click()
    expect(screen.note).to_contain_text("The item could not be opened. It broke.")
    expect(screen.note).to_contain_text("abc-123")
    expect(screen.name).to_be_disabled()
    screen.note.get_by_role("button", name="Try again").click()
    expect(screen.description).to_have_value("Bright")
    expect(screen.name).to_be_focused()


def test_an_item_that_is_gone_says_so(
    signed_in: SignedIn, account: Account, api: httpx.Client
) -> None:
    items.put(api, "lamp", name="Lamp")
    screen = signed_in(account)
    screen.guard.expect_status(404)
    expect(screen.row("Lamp")).to_be_visible()
    api.delete("/items/lamp")
    screen.opener("Lamp").click()
    expect(screen.note).to_contain_text("This item is not there any more.")
    screen.page.keyboard.press("Escape")
    expect(screen.row("Lamp")).to_have_count(0)
