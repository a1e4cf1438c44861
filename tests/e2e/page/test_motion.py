"""The page has no animation for a person who prefers reduced motion."""

import httpx
from playwright.sync_api import expect

from tests.e2e.page import items
from tests.e2e.page.accounts import Account
from tests.e2e.page.conftest import SignedIn
from tests.e2e.page.faults import LIST, Faults, Held
from tests.e2e.page.screen import Screen


def _count_animations(screen: Screen) -> int:
    count: int = screen.page.evaluate("document.getAnimations().length")
    return count


def test_motion_follows_the_preference(
    signed_in: SignedIn, account: Account, api: httpx.Client
) -> None:
    items.put(api, "lamp", name="Lamp")
    screen = signed_in(account, visit=False, reduced_motion="no-preference")
    held = Held()
    Faults(screen.page, LIST, held)
    screen.visit()
    expect(screen.page.locator(".skeleton").first).to_be_visible()
    assert _count_animations(screen) > 0
    screen.page.emulate_media(reduced_motion="reduce")
    assert _count_animations(screen) == 0
    held.release()
    expect(screen.row("Lamp")).to_be_visible()
    for name in ("New item", "Cancel", "Delete Lamp", "Undo"):
        screen.button(name).click()
        assert _count_animations(screen) == 0
