"""The page as a person finds it: by roles, labels and words."""

import re
from typing import Literal

from playwright.sync_api import Locator, Page

from tests.e2e.page.guard import Guard


class Screen:
    """One tab. `guard` is its browser context's."""

    def __init__(self, page: Page, url: str, guard: Guard) -> None:
        self.page = page
        self.url = url
        self.guard = guard
        self.rows = page.get_by_role("main").locator(".rows").get_by_role("listitem")
        self.search = page.get_by_role("searchbox", name="Search your items")
        self.count = page.locator("main .count")
        self.banner = page.locator("main .banner")
        self.editor = page.get_by_role("dialog", name=re.compile("^(New|Edit) item$"))
        self.name = self.editor.get_by_label("Name")
        self.price = self.editor.get_by_label("Price")
        self.description = self.editor.get_by_label("Description")
        self.note = self.editor.get_by_role("status")
        self.conflict = page.get_by_role("dialog", name=re.compile("in the meantime$"))
        self.ended = page.get_by_role("dialog", name="Your session has ended")
        self.notices = page.get_by_role("region", name="Messages")
        #: The messages but those that only say that something is done.
        self.trouble = self.notices.locator(".notice:not(.done)")

    def visit(self) -> None:
        self.page.goto(self.url)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def row(self, name: str) -> Locator:
        return self.rows.filter(has=self.page.get_by_role("button", name=name, exact=True))

    def opener(self, name: str) -> Locator:
        return self.rows.get_by_role("button", name=name, exact=True)

    def delete(self, name: str) -> None:
        self.button(f"Delete {name}").click()

    def notice(self, text: str | re.Pattern[str]) -> Locator:
        return self.notices.locator(".notice").filter(has_text=text)

    def names(self) -> list[str]:
        """Of all rows, from the top. One that is not in view has no inner text."""
        return self.rows.locator(".open").all_text_contents()

    def fill(
        self, name: str | None = None, price: str | None = None, description: str | None = None
    ) -> None:
        """Type into the open editor, which is waited for."""
        fields = ((self.name, name), (self.price, price), (self.description, description))
        for field, text in fields:
            if text is not None:
                field.fill(text)

    def save(self) -> None:
        self.editor.get_by_role("button", name="Save", exact=True).click()

    def add(self, name: str, price: str = "", description: str = "") -> None:
        """Through the button and the dialog; does not wait for it to be stored."""
        self.button("New item").click()
        self.fill(name, price, description)
        self.save()

    def kept(self, storage: Literal["localStorage", "sessionStorage"]) -> dict[str, str]:
        """What this tab keeps."""
        found: dict[str, str] = self.page.evaluate(f"() => ({{ ...{storage} }})")
        return found

    def overflow(self) -> int:
        """By how many pixels the page is too wide for its window."""
        found: int = self.page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
        return found
