"""A browser, and screens of the page in it, signed in or not."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import cache
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from local.cloud import Cloud
from tests.e2e.page import chromium
from tests.e2e.page.accounts import Account, Site, create_session, put_session
from tests.e2e.page.guard import Guard
from tests.e2e.page.pictures import PICTURES
from tests.e2e.page.screen import Screen
from tests.e2e.users import create_user
from tools.project import PROJECT

SessionFor = Callable[[Account], dict[str, Any]]
ApiOf = Callable[[Account], httpx.Client]

_TIMEOUT = 20_000  # milliseconds that an expectation may take, on a busy machine too


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if PICTURES.exists():
        terminalreporter.write_line(f"pictures of the page: {PICTURES.relative_to(PROJECT)}/")


class OpenScreen(Protocol):
    """Opens a tab in a new context, with Playwright's options."""

    def __call__(self, **options: Any) -> Screen: ...


class SignedIn(Protocol):
    """Opens a tab in a new context, with the account's list."""

    def __call__(self, account: Account, *, visit: bool = True, **options: Any) -> Screen: ...


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Yield Chromium, which reaches this machine alone."""
    program = chromium.program()
    if program is None:
        pytest.skip(chromium.MISSING)
    expect.set_options(timeout=_TIMEOUT)
    with chromium.running(program, *chromium.CONFINED) as browser:
        yield browser


@pytest.fixture(scope="session")
def page_site(stack: dict[str, Any]) -> Site:
    """Return the URLs of the page and the login page, and the user pool."""
    return Site(
        url=stack["site_url"],
        login_url=stack["login_url"],
        client_id=stack["site_client_id"],
        region=stack["region"],
        user_pool_id=stack["user_pool_id"],
    )


@pytest.fixture
def open_screen(browser: Browser, page_site: Site) -> Iterator[OpenScreen]:
    """Yield a function that opens screens. The test fails if a guard has found an error."""
    opened: list[tuple[BrowserContext, Guard]] = []
    origins = [f"{part.scheme}://{part.netloc}" for part in map(urlsplit, _urls(page_site))]

    def open_screen(**options: Any) -> Screen:
        # Animations take a fifth of a test's CPU time. test_motion.py has them.
        defaults = {"locale": "en-GB", "timezone_id": "Europe/Berlin", "reduced_motion": "reduce"}
        options = {**defaults, **options}
        context = browser.new_context(**options)
        context.set_default_timeout(_TIMEOUT)
        guard = Guard(context, origins)
        opened.append((context, guard))
        return Screen(context.new_page(), page_site.url, guard)

    yield open_screen
    for context, _guard in opened:
        context.close()
    for _context, guard in opened:
        guard.verify()


def _urls(site: Site) -> tuple[str, str]:
    return site.url, site.login_url


@pytest.fixture(scope="session")
def session_for(page_site: Site) -> SessionFor:
    """Return a function for the session of an account, which signs in once."""
    return cache(lambda account: create_session(page_site, account))


@pytest.fixture
def signed_in(open_screen: OpenScreen, page_site: Site, session_for: SessionFor) -> SignedIn:
    """Return a function that opens the list without the login page."""

    def signed_in(account: Account, *, visit: bool = True, **options: Any) -> Screen:
        screen = open_screen(**options)
        put_session(screen.page, page_site, session_for(account))
        if visit:
            screen.visit()
            expect(screen.page.get_by_role("heading", name="Your items")).to_be_visible()
        return screen

    return signed_in


@pytest.fixture(scope="session")
def new_account(cloud: Cloud, page_site: Site) -> Callable[[], Account]:
    """Return a function that creates a user without items."""
    cognito = cloud.client("cognito-idp")  # slower to create than any number of users

    def new_account() -> Account:
        account = Account(f"page-{secrets.token_hex(4)}@example.com", "Correct-Horse-1")
        create_user(cognito, page_site.user_pool_id, asdict(account))
        return account

    return new_account


@pytest.fixture
def account(new_account: Callable[[], Account]) -> Account:
    """Return a user of this test alone."""
    return new_account()


@pytest.fixture(scope="session")
def api_of(stack: dict[str, Any], session_for: SessionFor) -> Iterator[ApiOf]:
    """Yield a function for a client of the API, signed in as an account."""
    with httpx.HTTPTransport() as transport:  # slower to create than a request

        def api_of(account: Account) -> httpx.Client:
            token = session_for(account)["access_token"]
            return httpx.Client(
                base_url=stack["api_url"],
                headers={"Authorization": f"Bearer {token}"},
                timeout=30,
                transport=transport,
            )

        yield api_of


@pytest.fixture
def api(api_of: ApiOf, account: Account) -> httpx.Client:
    """Return a client of the API, signed in as `account`."""
    return api_of(account)
