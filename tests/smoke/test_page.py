"""The page in a browser, from signing in to signing out."""

from collections.abc import Callable
from contextlib import closing

import httpx
from playwright.sync_api import Browser, Response, expect

from tests.e2e.page import items
from tests.e2e.page.accounts import Account
from tests.e2e.page.guard import Guard
from tests.e2e.page.screen import Screen
from tests.smoke.deployed import Deployed
from tests.smoke.login import pass_login_page
from tests.smoke.person import Belongings

NAME = "Smoke-tested lamp"


def test_person_uses_the_page(
    browser: Browser,
    deployed: Deployed,
    account: Account,
    belongings: Belongings,
    client_of: Callable[[str], httpx.Client],
) -> None:
    api = client_of("site")
    revoked: list[Response] = []
    with closing(browser.new_context(locale="en-GB")) as context:
        # The login page is AWS's, with its own requests and console output.
        guard = Guard(context, [deployed.site_url], elsewhere=True)
        context.on("request", belongings.of_a_page)
        context.on(
            "response", lambda r: revoked.append(r) if r.url.endswith("/oauth2/revoke") else None
        )
        screen = Screen(context.new_page(), deployed.site_url, guard)
        signed_out = screen.page.get_by_role("heading", name="Your things, and what they cost.")
        signed_in = screen.page.get_by_role("heading", name="Your items")

        screen.visit()
        expect(signed_out).to_be_visible()
        screen.button("Sign in").click()
        screen.page.wait_for_url(lambda url: not url.startswith(f"{deployed.site_url}/"))
        pass_login_page(
            screen.page, account, lambda: screen.page.url.startswith(f"{deployed.site_url}/")
        )
        expect(signed_in).to_be_visible()
        expect(screen.page.get_by_text(account.username)).to_be_visible()
        assert screen.page.url == f"{deployed.site_url}/", "the code or the state is still there"

        screen.add(NAME, "79.25", "With a shade.")
        expect(screen.row(NAME).locator(".state")).to_be_empty()
        expect(screen.row(NAME)).to_contain_text("79.25")
        [item_id] = (each for each in belongings.ids if each.startswith("smoke-tested-lamp"))
        stored = items.get(api, item_id)
        assert stored == {"name": NAME, "price": 79.25, "description": "With a shade."}
        screen.page.reload()
        expect(screen.row(NAME)).to_be_visible()

        screen.delete(NAME)
        expect(screen.notice("being deleted")).to_be_visible()
        screen.button("Close message").click()  # after which it cannot be undone
        expect(screen.row(NAME)).to_have_count(0)
        items.wait_until_gone(api, item_id)

        screen.button("Sign out").click()
        expect(signed_out).to_be_visible()
        assert screen.kept("sessionStorage") == {}
    guard.verify()
    assert [each.status for each in revoked] == [200]
