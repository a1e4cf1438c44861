"""The page by its roles, labels and words, as a person uses it."""

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
        #: The messages that do not report a success.
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
        """Return the names of all rows, from the top. A row out of view has no inner text."""
        return self.rows.locator(".open").all_text_contents()

    def fill(
        self, name: str | None = None, price: str | None = None, description: str | None = None
    ) -> None:
        """Wait for the open editor, and type into it."""
        fields = ((self.name, name), (self.price, price), (self.description, description))
        for field, text in fields:
            if text is not None:
                field.fill(text)

    def save(self) -> None:
        self.editor.get_by_role("button", name="Save", exact=True).click()

    def add(self, name: str, price: str = "", description: str = "") -> None:
        """Add an item through the dialog, without waiting until it is stored."""
        self.button("New item").click()
        self.fill(name, price, description)
        self.save()

    def kept(self, storage: Literal["localStorage", "sessionStorage"]) -> dict[str, str]:
        """Return the content of this tab's storage."""
        content: dict[str, str] = self.page.evaluate(f"() => ({{ ...{storage} }})")
        return content

    def overflow(self) -> int:
        """Return the number of pixels by which the page is wider than its window."""
        pixels: int = self.page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
        return pixels
