"""Two people change one item: both versions are shown, and the person decides."""

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.page import items
from tests.e2e.page.accounts import Account
from tests.e2e.page.conftest import SignedIn
from tests.e2e.page.screen import Screen

MINE = {"name": "My lamp", "price": 2, "description": "Mine"}
THEIRS = {"name": "Their lamp", "price": 3, "description": "Mine"}


@pytest.fixture
def screen(signed_in: SignedIn, account: Account, api: httpx.Client) -> Screen:
    """Return a screen with an opened item and my unsaved changes."""
    items.put(api, "lamp", name="Lamp", price=1)
    screen = signed_in(account)
    screen.guard.expect_status(412)
    screen.opener("Lamp").click()
    screen.fill("My lamp", "2", "Mine")
    return screen


@pytest.fixture
def changed(screen: Screen, api: httpx.Client) -> Screen:
    """Return the screen after my save met another's change."""
    items.put(api, "lamp", **THEIRS)
    screen.save()
    expect(screen.conflict).to_be_visible()
    return screen


@pytest.fixture
def deleted(screen: Screen, api: httpx.Client) -> Screen:
    """Return the screen after my save met another's deletion."""
    screen.guard.expect_status(404)
    api.delete("/items/lamp").raise_for_status()
    screen.save()
    expect(screen.conflict).to_be_visible()
    return screen


def _choose(screen: Screen, choice: str) -> None:
    screen.conflict.get_by_role("button", name=choice, exact=True).click()
    expect(screen.conflict).to_have_count(0)


def test_keep_mine_overwrites_the_shown_version(changed: Screen, api: httpx.Client) -> None:
    dialog = changed.conflict
    expect(dialog).to_have_accessible_name("This item was changed in the meantime")
    rows = [row.split() for row in dialog.get_by_role("row").all_inner_texts()]
    assert [" ".join(words) for words in rows] == [
        "Yours Saved by another person",
        "Name differs My lamp Their lamp",
        "Price differs 2.00 3.00",
        "Description Mine Mine",
    ]
    for _ in range(2):  # a choice is needed, although browsers close a dialog at the second Escape
        changed.page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    items.put(api, "lamp", name="Third lamp")
    dialog.get_by_role("button", name="Keep mine").click()
    expect(dialog).to_contain_text("Third lamp")
    assert items.get(api, "lamp") == {"name": "Third lamp"}
    _choose(changed, "Keep mine")
    expect(changed.row("My lamp").locator(".state")).to_be_empty()
    assert items.get(api, "lamp") == MINE


def test_take_theirs_discards_mine(changed: Screen, api: httpx.Client) -> None:
    _choose(changed, "Take theirs")
    expect(changed.row("Their lamp")).to_contain_text("3.00")
    expect(changed.row("Their lamp").locator(".state")).to_be_empty()
    assert items.get(api, "lamp") == THEIRS
    changed.opener("Their lamp").click()
    expect(changed.description).to_have_value("Mine")
    expect(changed.note).to_be_empty()


def test_edit_mine_continues_with_mine(changed: Screen, api: httpx.Client) -> None:
    _choose(changed, "Edit mine")
    expect(changed.name).to_be_enabled()
    expect(changed.name).to_have_value("My lamp")
    expect(changed.price).to_have_value("2")
    changed.fill(name="Our lamp")
    changed.save()
    expect(changed.row("Our lamp").locator(".state")).to_be_empty()
    assert items.get(api, "lamp") == {**MINE, "name": "Our lamp"}


@pytest.mark.long  # the test above and test_start_over_reads_the_stored_item are in each run
def test_start_over_after_edit_mine_is_theirs(changed: Screen, api: httpx.Client) -> None:
    _choose(changed, "Edit mine")
    changed.note.get_by_role("button", name="Start over").click()
    expect(changed.name).to_have_value("Their lamp")
    changed.fill(price="4")
    changed.save()
    expect(changed.row("Their lamp").locator(".state")).to_be_empty()
    assert items.get(api, "lamp") == {**THEIRS, "price": 4}


def test_save_mine_again_restores_the_item(deleted: Screen, api: httpx.Client) -> None:
    expect(deleted.conflict).to_have_accessible_name("This item was deleted in the meantime")
    _choose(deleted, "Save mine again")
    expect(deleted.row("My lamp").locator(".state")).to_be_empty()
    assert items.get(api, "lamp") == MINE


def test_let_it_go_accepts_the_deletion(deleted: Screen, api: httpx.Client) -> None:
    _choose(deleted, "Keep it deleted")
    expect(deleted.rows).to_have_count(0)
    assert items.get(api, "lamp") is None
    deleted.page.reload()
    expect(deleted.page.get_by_role("heading", name="No items yet")).to_be_visible()
    expect(deleted.trouble).to_have_count(0)
