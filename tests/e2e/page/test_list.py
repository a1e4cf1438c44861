"""The list: order, pages, search, URLs, prices and export."""

import json
import re

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import StoredItems
from tests.e2e.page import items
from tests.e2e.page.accounts import Account, Site, type_credentials
from tests.e2e.page.conftest import OpenScreen, SignedIn
from tests.e2e.page.faults import LIST, Faults, Held

EXACT = "12345678901234567890123456789012345.678"  # as many digits as a price can have


def test_list_is_newest_first_page_by_page(
    signed_in: SignedIn, account: Account, api: httpx.Client
) -> None:
    items.put_many(api, 60)
    screen = signed_in(account)
    expect(screen.rows).to_have_count(25)
    # Otherwise buttons move under the pointer when rows come into view, and lose clicks.
    height = "document.scrollingElement.scrollHeight"
    before = screen.page.evaluate(height)
    screen.page.mouse.wheel(0, before)
    expect(screen.opener("Item 036")).to_be_in_viewport()
    assert screen.page.evaluate(height) == before
    for loaded, count in (
        (25, "25 items loaded, newest first"),
        (50, "50 items loaded, newest first"),
        (60, "60 items, newest first"),
    ):
        expect(screen.count).to_have_text(count)
        assert screen.names() == [f"Item {60 - n:03}" for n in range(loaded)]
        if loaded < 60:
            screen.button("Load more").click()
    expect(screen.button("Load more")).to_have_count(0)
    # The rows are in chunks. A row that moves to another chunk keeps the focus.
    screen.opener("Item 010").focus()
    api.delete("/items/item-060").raise_for_status()
    api.delete("/items/item-059").raise_for_status()
    items.put(api, "item-058", name="Brass tray")
    items.put(api, "lamp", name="Lamp")
    screen.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(screen.count).to_have_text("59 items, newest first")
    names = ["Lamp", "Brass tray", *(f"Item {60 - n:03}" for n in range(3, 60))]
    assert screen.names() == names
    expect(screen.opener("Item 010")).to_be_focused()
    screen.button("Oldest first").click()
    expect(screen.count).to_have_text("59 items, oldest first")
    assert screen.names() == names[::-1]
    screen.page.reload()
    expect(screen.count).to_have_text("59 items loaded, oldest first")
    assert screen.names() == names[::-1]


def test_search_covers_all_names_and_prices(
    signed_in: SignedIn, account: Account, api: httpx.Client
) -> None:
    items.put_many(api, 30)
    screen = signed_in(account)
    expect(screen.rows).to_have_count(25)
    held = Held()
    Faults(screen.page, LIST, held)
    screen.search.fill("ITEM 02")
    expect(screen.count).to_have_text("10 of 25 items so far, looking further…")
    held.release()
    expect(screen.count).to_have_text("11 of 30 items")
    assert screen.names() == [*(f"Item 02{9 - n}" for n in range(10)), "Item 002"]
    screen.search.fill("02 item")  # the words in any order
    expect(screen.rows).to_have_count(11)
    screen.search.fill("27.00")
    expect(screen.rows).to_have_count(1)
    expect(screen.row("Item 027")).to_be_visible()
    screen.search.fill("item 003")
    expect(screen.row("Item 003")).to_be_visible()
    screen.search.fill("item 031")
    expect(screen.page.get_by_role("heading", name="No item matches “item 031”")).to_be_visible()
    screen.search.fill("")
    expect(screen.rows).to_have_count(30)


def test_items_and_searches_have_urls(
    open_screen: OpenScreen, account: Account, api: httpx.Client, page_site: Site
) -> None:
    items.put_many(api, 26)
    screen = open_screen()
    screen.page.goto(f"{page_site.url}/#/items/item-001?q=item+02")  # on the second page
    screen.button("Sign in").click()
    type_credentials(screen.page, account)
    expect(screen.name).to_have_value("Item 001")
    expect(screen.search).to_have_value("item 02")
    screen.page.keyboard.press("Escape")
    expect(screen.page).to_have_url(f"{page_site.url}/#/?q=item+02")
    screen.opener("Item 020").click()
    expect(screen.name).to_have_value("Item 020")
    expect(screen.page).to_have_url(f"{page_site.url}/#/items/item-020?q=item+02")
    screen.page.go_back()
    expect(screen.editor).to_have_count(0)
    expect(screen.search).to_have_value("item 02")
    screen.page.go_forward()
    expect(screen.name).to_have_value("Item 020")
    screen.page.keyboard.press("Escape")
    screen.search.fill("")
    screen.button("New item").click()
    expect(screen.page).to_have_url(f"{page_site.url}/#/new")
    screen.page.keyboard.press("Escape")
    expect(screen.page).to_have_url(f"{page_site.url}/")
    screen.page.goto(f"{page_site.url}/#/items/no-such-item")
    screen.guard.expect_status(404)
    expect(screen.note).to_contain_text("This item is not there any more.")


def test_browser_language_changes_no_text(
    signed_in: SignedIn, account: Account, api: httpx.Client
) -> None:
    items.put(api, "lamp", name="Lamp", price=1234.5)
    screen = signed_in(account, locale="de-DE")
    expect(screen.row("Lamp").locator(".value")).to_have_text("1,234.50")
    expect(screen.row("Lamp").locator("time")).to_have_text(re.compile("^now|ago$"))
    screen.opener("Lamp").click()
    screen.fill(price="9,876.5")
    screen.save()
    expect(screen.row("Lamp").locator(".state")).to_be_empty()
    assert items.get(api, "lamp") == {"name": "Lamp", "price": 9876.5}


def test_price_is_stored_and_exported_exactly(
    signed_in: SignedIn, account: Account, api: httpx.Client, stored_items: StoredItems
) -> None:
    screen = signed_in(account)
    screen.add("Galaxy", EXACT, "Bright")
    row = screen.row("Galaxy")
    expect(row.locator(".value")).to_have_text("12,345,678,901,234,567,890,123,456,789,012,345.678")
    expect(row.locator(".state")).to_be_empty()
    id = items.only(api)["id"]
    assert items.stored_prices(stored_items, id) == [EXACT]
    screen.opener("Galaxy").click()
    expect(screen.price).to_have_value(EXACT)
    screen.fill(name="Big galaxy")
    screen.save()
    expect(screen.row("Big galaxy").locator(".state")).to_be_empty()
    assert items.only(api)["name"] == "Big galaxy"
    assert items.stored_prices(stored_items, id) == [EXACT]
    with screen.page.expect_download() as download:
        screen.button("Export").click()
    exported = download.value.path().read_text()
    assert EXACT in exported
    [item] = json.loads(exported)
    assert (item["id"], item["name"], item["description"]) == (id, "Big galaxy", "Bright")
    expect(screen.notice("Your items are exported.")).to_be_visible()


# In each run, test_states.py has the pages of 390 pixels.
@pytest.mark.parametrize("width", [320, pytest.param(390, marks=pytest.mark.long)])
def test_longest_texts_fit_a_phone(
    signed_in: SignedIn, account: Account, api: httpx.Client, width: int
) -> None:
    name = "W" * 200
    body = f'{{"id": "{"w" * 128}", "name": "{name}", "price": {EXACT}}}'
    headers = {"Content-Type": "application/json"}
    api.put("/items", content=body, headers=headers).raise_for_status()
    screen = signed_in(account, viewport={"width": width, "height": 700})
    expect(screen.opener(name)).to_be_visible()
    assert screen.overflow() <= 0
    screen.search.fill("w" * 300)
    expect(screen.page.get_by_role("heading", name="No item matches")).to_be_visible()
    assert screen.overflow() <= 0
    screen.search.fill("")
    screen.opener(name).click()
    expect(screen.editor.get_by_text("Version")).to_be_visible()
    assert screen.overflow() <= 0
    assert screen.editor.evaluate("(dialog) => dialog.scrollWidth - dialog.clientWidth") <= 0
    screen.page.keyboard.press("Escape")
    screen.delete(name)
    notice = screen.notice("being deleted")
    expect(notice).to_be_visible()
    box = notice.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert screen.overflow() <= 0
