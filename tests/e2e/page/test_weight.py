"""The weight of the first visit: all responses, compressed as CloudFront does it."""

import gzip
import re

import httpx
from playwright.sync_api import Response, expect

from tests.e2e.page import items
from tests.e2e.page.accounts import Account
from tests.e2e.page.conftest import OpenScreen, SignedIn
from tests.e2e.page.screen import Screen

MOST = 60_000
_COMPRESSED_ALREADY = (".woff2",)


def _visit(screen: Screen) -> dict[str, int]:
    """Return the bytes of each response's body, compressed here as CloudFront does it."""
    responses: list[Response] = []

    def on_response(response: Response) -> None:
        # From the document on: the previous document may still request its icon.
        if responses or response.request.is_navigation_request():
            responses.append(response)

    screen.page.on("response", on_response)
    screen.page.goto(screen.url, wait_until="networkidle")
    icon = screen.page.locator("link[rel=icon]").get_attribute("href")
    assert icon is not None
    if not any(response.url.endswith(icon) for response in responses):
        # Chromium's headless shell does not load the icon.
        with screen.page.expect_response(f"**{icon}"):
            screen.page.evaluate("(href) => fetch(href)", icon)
    return {
        response.url.removeprefix(screen.url): len(
            response.body()
            if response.url.endswith(_COMPRESSED_ALREADY)
            else gzip.compress(response.body(), compresslevel=6)
        )
        for response in responses
    }


def _strip_hashes(weights: dict[str, int]) -> list[str]:
    """Return the paths without the hashes in their names."""
    return sorted(re.sub(r"-[\w-]{8}\.", ".", path) for path in weights)


def test_signed_out_page_is_light(open_screen: OpenScreen) -> None:
    screen = open_screen()
    weights = _visit(screen)
    expect(screen.button("Sign in")).to_be_visible()
    assert _strip_hashes(weights) == [
        "/",
        "/assets/besley-latin-600-normal.woff2",
        "/assets/index.css",
        "/assets/index.js",
        "/config.json",
        "/favicon.svg",
    ]
    assert sum(weights.values()) <= MOST, weights


def test_signed_in_page_is_light(signed_in: SignedIn, account: Account, api: httpx.Client) -> None:
    items.put_many(api, 25)
    screen = signed_in(account, visit=False)
    weights = _visit(screen)
    expect(screen.rows).to_have_count(25)
    assert [path for path in weights if path.startswith("/api")] == ["/api/items?limit=25"]
    assert sum(weights.values()) <= MOST, weights


def test_document_has_no_inline_code(site: httpx.Client) -> None:
    html = site.get("/").raise_for_status().text
    scripts = re.findall(r"<script\b[^>]*>(.*?)</script>", html, re.DOTALL)
    assert scripts == [""]
    assert "<style" not in html
    assert not re.search(r"\s(style|on\w+)\s*=", html)
    assert "javascript:" not in html
