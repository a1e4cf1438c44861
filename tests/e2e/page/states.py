"""The table of the page's states, and the fixtures that lead there."""

from collections.abc import Callable
from dataclasses import dataclass

import httpx
from playwright.sync_api import expect

from tests.e2e.page import items
from tests.e2e.page.accounts import Account, Site
from tests.e2e.page.conftest import OpenScreen, SignedIn
from tests.e2e.page.screen import Screen


@dataclass(frozen=True)
class Cast:
    """The fixtures of a state. `owner` has items, `newcomer` has no items."""

    open_screen: OpenScreen
    signed_in: SignedIn
    site: Site
    owner: Account
    newcomer: Account

    def screen(self) -> Screen:
        """Open a screen, signed out."""
        return self.open_screen()

    def list(self) -> Screen:
        """Open the owner's list."""
        screen = self.signed_in(self.owner)
        expect(screen.rows.first).to_be_visible()
        return screen

    def before_list(self) -> Screen:
        """Sign in as the owner, before the visit."""
        return self.signed_in(self.owner, visit=False)


State = Callable[[Cast], Screen]
STATES: dict[str, State] = {}

#: States that only `--long` has, because another state shows all their parts.
SHOWN_BY_ANOTHER = {
    "landing": "landing-with-trouble",
    "search": "no-match",
    "editor-new": "editor-invalid",
    "editor-edit": "editor-draft",
    "editor-refused": "editor-invalid",
    "draft-kept": "undo",
    "not-saved": "waiting",
}

LAMP = "Oak desk lamp"


def stock(api: httpx.Client) -> None:
    """Store the owner's items."""
    items.put_many(api, 22)
    items.put(api, "cable", name="Donaudampfschifffahrtsgesellschaftskapitän" * 4, price=10**37)
    items.put(api, "tray", name="Walnut tray", price=41.75)
    items.put(api, "blanket", name="Wool blanket", description="Warm.")
    items.put(api, "lamp", name=LAMP, price=79.25, description="With a linen shade.")


def state(way: State) -> State:
    STATES[way.__name__.strip("_").replace("_", "-")] = way
    return way
