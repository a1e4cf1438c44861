"""Signing in as a person does, in a browser, on whichever login page the stage has."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing, suppress

from playwright.sync_api import Browser, Locator, Page
from playwright.sync_api import Error as BrowserError

from local.home import LocalError
from local.sign_in import CALLBACK, SCOPES, Attempt
from tests.e2e.page.accounts import Account
from tests.smoke.deployed import Deployed

_SECONDS = 60
# A page that takes its time to change may show an empty field once more.
_TIMES = 3


class SignInFailed(AssertionError):
    """The sign-in failed. The message has the page's text."""


def pass_login_page(page: Page, account: Account, is_past: Callable[[], bool]) -> None:
    """Fill in the requested fields until `is_past()`. Raises `SignInFailed`.

    AWS's managed login requests name and password one after the other. Its classic page requests
    both at once, and has each form twice, one of them hidden. So this uses the visible fields.
    """
    name = page.locator("input[name=username]:visible, input[type=email]:visible").first
    password = page.locator("input[type=password]:visible").first
    asked = {"name": (name, account.username), "password": (password, account.password)}
    sent: Counter[str] = Counter()
    until = time.monotonic() + _SECONDS
    while not is_past():
        if time.monotonic() > until:
            raise SignInFailed(f"no end of signing in at {_shown(page)}")
        # The page may be replaced by the next one at any time.
        with suppress(BrowserError):
            empty = [key for key, (field, _) in asked.items() if _is_to_be_filled(field)]
            for key in empty:
                if sent[key] == _TIMES:
                    raise SignInFailed(f"the {key} is asked for again and again at {_shown(page)}")
                field, value = asked[key]
                field.fill(value)
            if empty:
                asked[empty[-1]][0].press("Enter", no_wait_after=True)
                sent.update(empty)
        with suppress(BrowserError):
            page.wait_for_timeout(200)


def _is_to_be_filled(field: Locator) -> bool:
    return field.count() > 0 and field.is_editable() and not field.input_value()


def _shown(page: Page) -> str:
    """Return a page's URL and text, without its query, which has secrets."""
    with suppress(BrowserError):
        return f"{page.url.partition('?')[0]}: {page.inner_text('body')[:300]!r}"
    return page.url.partition("?")[0]


def tokens(
    browser: Browser, deployed: Deployed, account: Account, scopes: Sequence[str] = SCOPES
) -> dict[str, str]:
    """Return the token endpoint's response for the command line's client. Raises `SignInFailed`.

    The loopback URL needs no server, because the redirect to it is enough.
    """
    attempt = Attempt(deployed.login_url, deployed.client_id, scopes)
    sent_to: list[str] = []
    with closing(browser.new_context()) as context:  # without an earlier sign-in
        page = context.new_page()
        page.on("request", lambda r: sent_to.append(r.url) if r.url.startswith(CALLBACK) else None)
        with suppress(BrowserError):  # a rejection redirects to a URL without a server
            page.goto(attempt.url)
        pass_login_page(page, account, lambda: bool(sent_to))
    try:
        return attempt.request_tokens(sent_to[0])
    except LocalError as error:
        raise SignInFailed(f"as {deployed.client_id}: {error}") from error
