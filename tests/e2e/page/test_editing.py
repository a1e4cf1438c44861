"""Adding and changing items: the stored item, the view meanwhile, and failures."""

import re

import httpx
from playwright.sync_api import expect

from tests.e2e.page import items
from tests.e2e.page.accounts import Account
from tests.e2e.page.conftest import SignedIn
from tests.e2e.page.faults import ITEMS, Faults, Held, reject_field, respond


def test_added_item_is_stored_and_shown(
    signed_in: SignedIn, account: Account, api: httpx.Client
) -> None:
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


def test_optional_fields_can_be_removed(
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


INVALID = [
    ("  ", "1", "Give it a name."),
    ("x" * 203, "1", "This is 3 characters too long."),
    ("Lamp", "1,5", "Write a number, such as 1,234.50."),
    ("Lamp", "-1", "This has to be at least 0.00."),
    ("Lamp", "1" * 39, "A number has at most 38 significant digits."),
]


def test_invalid_field_has_its_message(signed_in: SignedIn, account: Account) -> None:
    screen = signed_in(account)
    writes = Faults(screen.page, ITEMS)
    screen.button("New item").click()
    for name, price, message in INVALID:
        screen.fill(name, price)
        screen.save()
        field = screen.price if name == "Lamp" else screen.name
        expect(field).to_be_focused()
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_accessible_description(re.compile(f"{re.escape(message)}$"))
        assert writes.requests == []
        screen.fill("Lamp", "1.5")
        expect(field).not_to_have_attribute("aria-invalid", "true")
    screen.save()
    expect(screen.row("Lamp").locator(".state")).to_be_empty()


def test_second_submission_stores_one_item(
    signed_in: SignedIn, account: Account, api: httpx.Client
) -> None:
    screen = signed_in(account)
    held = Held()
    writes = Faults(screen.page, ITEMS, held, held, always=True, method="PUT")
    screen.button("New item").click()
    screen.fill("Lamp")
    screen.name.press("Enter")
    screen.page.keyboard.press("Enter")
    expect(screen.row("Lamp")).to_contain_text("Saving…")
    screen.page.keyboard.press("Escape")  # the second Enter was on "New item", which has the focus
    held.release()
    expect(screen.row("Lamp").locator(".state")).to_be_empty()
    assert len(writes.requests) == 1
    screen.button("New item").click()
    screen.fill("Tray")
    screen.editor.get_by_role("button", name="Save").dblclick()
    expect(screen.row("Tray").locator(".state")).to_be_empty()
    assert len(writes.requests) == 2
    assert items.names(api) == ["Tray", "Lamp"]


def test_failed_change_is_undone_and_kept(
    signed_in: SignedIn, account: Account, api: httpx.Client
) -> None:
    items.put(api, "lamp", name="Lamp", price=1)
    screen = signed_in(account)
    screen.guard.expect_status(500)
    held = Held(respond(500, "It broke.", request_id="abc-123"))
    Faults(screen.page, ITEMS, held, respond(500, "It broke again."), method="PUT")
    screen.opener("Lamp").click()
    screen.fill("Brass lamp", "2", "Shiny")
    screen.save()
    expect(screen.row("Brass lamp")).to_contain_text("Saving…")
    expect(screen.row("Brass lamp")).to_contain_text("2.00")
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


def test_field_refused_by_the_api_has_a_message(
    signed_in: SignedIn, account: Account, api: httpx.Client
) -> None:
    items.put(api, "lamp", name="Lamp")
    screen = signed_in(account)
    screen.guard.expect_status(400)
    Faults(screen.page, ITEMS, reject_field("name", "is not to our liking"), method="PUT")
    screen.opener("Lamp").click()
    screen.fill("Brass lamp")
    screen.save()
    expect(screen.name).to_have_accessible_description("This field is not to our liking.")
    expect(screen.name).to_have_value("Brass lamp")
    expect(screen.name).to_be_focused()
    screen.save()
    expect(screen.row("Brass lamp").locator(".state")).to_be_empty()


def test_unreadable_item_shows_the_error(
    signed_in: SignedIn, account: Account, api: httpx.Client
) -> None:
    items.put(api, "lamp", name="Lamp", description="Bright")
    screen = signed_in(account)
    screen.guard.expect_status(500)
    Faults(screen.page, "**/api/items/lamp", respond(500, "It broke.", request_id="abc-123"))
    screen.opener("Lamp").click()
    expect(screen.note).to_contain_text("The item could not be opened. It broke.")
    expect(screen.note).to_contain_text("abc-123")
    expect(screen.name).to_be_disabled()
    screen.note.get_by_role("button", name="Try again").click()
    expect(screen.description).to_have_value("Bright")
    expect(screen.name).to_be_focused()


def test_deleted_item_leaves_the_list(
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
