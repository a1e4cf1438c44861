"""A guard against errors that the tests of the page do not look for."""

import re
from collections.abc import Collection

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, WebError

# Runs before the page's own code. The console also reports each violation, but the text depends on
# the browser.
_REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP violation: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""

# The emulator's login page has no icon.
_ALWAYS_EXPECTED = (r"status of 404 .* \S+/favicon\.ico$",)


class Guard:
    """Collects the errors of a browser context.

    These are console errors and warnings, uncaught errors, violations of the content security
    policy, and requests to other origins than the allowed origins. With `elsewhere`, other origins
    may be visited, such as a foreign login page, and their errors are ignored.
    """

    def __init__(
        self, context: BrowserContext, origins: Collection[str], *, elsewhere: bool = False
    ) -> None:
        self._origins = tuple(f"{origin}/" for origin in origins)
        self._elsewhere = elsewhere
        self._expected = list(_ALWAYS_EXPECTED)
        self._messages: list[str] = []
        self.requests: list[Request] = []
        context.add_init_script(_REPORT_VIOLATIONS)
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)
        context.on("request", self._on_request)
        context.on("page", self._on_page)

    def expect(self, *patterns: str) -> None:
        """Allow matching console messages, which the test itself provokes."""
        self._expected += patterns

    def expect_status(self, *statuses: int) -> None:
        """Allow the browser's messages about a response of this status."""
        self.expect(*(f"Failed to load resource: .*status of {status} " for status in statuses))

    def expect_no_network(self) -> None:
        """Allow the browser's messages about requests without a response."""
        self.expect(r"Failed to load resource: net::ERR_")

    def verify(self) -> None:
        """Raise `AssertionError` if there was an unexpected message."""
        unexpected = [
            message
            for message in self._messages
            if not any(re.search(pattern, message) for pattern in self._expected)
        ]
        assert not unexpected, "\n".join(unexpected)

    def _looks_at(self, page: Page | None) -> bool:
        elsewhere = page is not None and not page.url.startswith(self._origins)
        return not (self._elsewhere and elsewhere)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and self._looks_at(message.page):
            self._messages.append(f"{message.type}: {message.text} {message.location['url']}")

    def _on_error(self, error: WebError) -> None:
        if self._looks_at(error.page):
            self._messages.append(f"uncaught: {error.error}")

    def _on_request(self, request: Request) -> None:
        self.requests.append(request)
        if not self._elsewhere and not request.url.startswith(self._origins):
            self._messages.append(f"request to a foreign origin: {request.url}")

    def _on_page(self, page: Page) -> None:
        page.on("crash", self._on_crash)

    def _on_crash(self, _page: Page) -> None:
        self._messages.append("the page crashed")
