"""The ways to the states of the page in which an item is opened, changed or deleted."""

from playwright.sync_api import expect

from tests.e2e.page.faults import (
    ITEM,
    ITEMS,
    Faults,
    Held,
    lose_request,
    reject_field,
    respond,
)
from tests.e2e.page.screen import Screen
from tests.e2e.page.states import LAMP, Cast, state


@state
def _editor_new(cast: Cast) -> Screen:
    screen = cast.list()
    screen.button("New item").click()
    expect(screen.name).to_be_focused()
    return screen


@state
def _editor_edit(cast: Cast) -> Screen:
    screen = cast.list()
    screen.opener(LAMP).click()
    expect(screen.name).to_be_focused()
    return screen


@state
def _editor_loading(cast: Cast) -> Screen:
    screen = cast.list()
    Faults(screen.page, ITEM, Held())
    screen.opener(LAMP).click()
    expect(screen.description).to_have_attribute("placeholder", "Loading…")
    return screen


@state
def _editor_failed(cast: Cast) -> Screen:
    screen = cast.list()
    screen.guard.expect_status(500)
    Faults(screen.page, ITEM, respond(500, "It broke.", request_id="5f0c2f6e-1b1c"))
    screen.opener(LAMP).click()
    expect(screen.note).to_contain_text("could not be opened")
    return screen


@state
def _editor_invalid(cast: Cast) -> Screen:
    screen = cast.list()
    screen.button("New item").click()
    screen.fill("", "twelve", "x" * 4001)
    screen.save()
    expect(screen.name).to_have_attribute("aria-invalid", "true")
    return screen


@state
def _editor_refused(cast: Cast) -> Screen:
    screen = cast.list()
    screen.guard.expect_status(400)
    Faults(screen.page, ITEMS, reject_field("price", "is not to our liking"), method="PUT")
    screen.opener(LAMP).click()
    screen.fill(price="80")
    screen.save()
    expect(screen.price).to_have_attribute("aria-invalid", "true")
    return screen


@state
def _editor_draft(cast: Cast) -> Screen:
    screen = cast.list()
    screen.opener(LAMP).click()
    screen.fill("Brass desk lamp")
    screen.page.keyboard.press("Escape")
    screen.opener(LAMP).click()
    expect(screen.note).to_contain_text("your unsaved text")
    return screen


@state
def _draft_kept(cast: Cast) -> Screen:
    screen = cast.list()
    screen.opener(LAMP).click()
    screen.fill("Brass desk lamp")
    screen.page.keyboard.press("Escape")
    expect(screen.notice("kept as a draft")).to_be_visible()
    return screen


@state
def _saving(cast: Cast) -> Screen:
    screen = cast.list()
    Faults(screen.page, ITEMS, Held(), method="PUT")
    screen.opener(LAMP).click()
    screen.fill("Brass desk lamp")
    screen.save()
    expect(screen.row("Brass desk lamp")).to_contain_text("Saving…")
    return screen


def _conflict(cast: Cast, status: int) -> Screen:
    """Show a conflict. The API's responses are faults, so the owner's items stay unchanged."""
    screen = cast.list()
    screen.guard.expect_status(412, 404)
    screen.opener(LAMP).click()
    screen.fill("Brass desk lamp", "81", "With a linen shade.\nAnd a new cord.")
    Faults(screen.page, ITEMS, respond(412), method="PUT")
    if status == 404:
        Faults(screen.page, ITEM, respond(404))
    screen.save()
    expect(screen.conflict).to_be_visible()
    return screen


@state
def _conflict_changed(cast: Cast) -> Screen:
    return _conflict(cast, 412)


@state
def _conflict_deleted(cast: Cast) -> Screen:
    return _conflict(cast, 404)


@state
def _undo(cast: Cast) -> Screen:
    screen = cast.list()
    Faults(screen.page, ITEM, lose_request, method="DELETE", always=True)  # the item stays
    screen.delete("Walnut tray")
    screen.button("Undo").focus()  # the focus keeps the message open
    expect(screen.button("Undo")).to_be_visible()
    return screen


@state
def _not_saved(cast: Cast) -> Screen:
    screen = cast.list()
    screen.guard.expect_status(500)
    Faults(screen.page, ITEMS, respond(500, "It broke.", request_id="5f0c2f6e-1b1c"), method="PUT")
    screen.opener(LAMP).click()
    screen.fill("Brass desk lamp")
    screen.save()
    expect(screen.notice("was not saved")).to_be_visible()
    return screen


@state
def _waiting(cast: Cast) -> Screen:
    screen = cast.list()
    screen.guard.expect_status(429)
    fault = respond(429, "Too many requests.", request_id="5f0c2f6e-1b1c", retry_after="50")
    Faults(screen.page, ITEMS, fault, method="PUT")
    screen.opener(LAMP).click()
    screen.fill("Brass desk lamp")
    screen.save()
    expect(screen.notice("Trying again in")).to_be_visible()
    return screen
