"""Signing in and out, through the real login page."""

import json

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.page import items
from tests.e2e.page.accounts import (
    Account,
    Site,
    create_session,
    put_session,
    type_credentials,
)
from tests.e2e.page.conftest import OpenScreen, SignedIn
from tests.e2e.page.faults import Faults, Held

PITCH = "Your things, and what they cost."


def test_sign_in_shows_the_list(
    open_screen: OpenScreen, account: Account, api: httpx.Client, page_site: Site
) -> None:
    items.put(api, "lamp", name="Oak lamp", price=79)
    screen = open_screen()
    screen.visit()
    expect(screen.page.get_by_role("heading", name=PITCH)).to_be_visible()
    screen.button("Sign in").click()
    type_credentials(screen.page, account)
    expect(screen.row("Oak lamp")).to_contain_text("79.00")
    expect(screen.page.get_by_text(account.username)).to_be_visible()
    assert screen.page.url == f"{page_site.url}/"  # code and state are removed
    # Only this tab has the tokens.
    assert json.loads(screen.kept("sessionStorage")[page_site.session_key])["access_token"]
    assert screen.kept("localStorage") == {}
    assert screen.page.context.cookies() == []
    other = screen.page.context.new_page()
    other.goto(screen.url)
    expect(other.get_by_role("heading", name=PITCH)).to_be_visible()


def _refresh(site: Site, token: str) -> int:
    """Return the status of the login page's response to a refresh token."""
    form = {"grant_type": "refresh_token", "client_id": site.client_id, "refresh_token": token}
    return httpx.post(f"{site.login_url}/oauth2/token", data=form, timeout=30).status_code


def test_sign_out_ends_every_tab_and_its_token(
    signed_in: SignedIn, account: Account, page_site: Site
) -> None:
    first = signed_in(account)
    context = first.page.context
    sessions = [create_session(page_site, account) for _ in range(3)]
    tabs = [first.page, context.new_page(), context.new_page()]
    for tab, session in zip(tabs, sessions, strict=True):
        put_session(tab, page_site, session)
        tab.goto(first.url)
        expect(tab.get_by_role("heading", name="Your items")).to_be_visible()
    asleep = tabs[2]
    asleep.goto("about:blank")
    tokens = [str(session["refresh_token"]) for session in sessions]
    assert [_refresh(page_site, token) for token in tokens] == [200, 200, 200]
    first.button("Sign out").click()
    asleep.goto(first.url)
    for tab in tabs:
        expect(tab.get_by_role("heading", name=PITCH)).to_be_visible()
        tab.reload()
        expect(tab.get_by_role("heading", name=PITCH)).to_be_visible()
        assert tab.evaluate("sessionStorage.length") == 0
    assert [_refresh(page_site, token) for token in tokens] == [400, 400, 400]


def test_duplicated_tab_gets_its_own_session(
    signed_in: SignedIn, account: Account, page_site: Site
) -> None:
    first = signed_in(account)
    with first.page.context.expect_page() as opened:
        first.page.evaluate("open(location.href)")  # with a copy of the session, as a duplicate has
    second = opened.value
    # Cognito has its own session, and redirects the tab back at once. The emulator does not.
    type_credentials(second, account)
    expect(second.get_by_role("heading", name="Your items")).to_be_visible()
    key = page_site.session_key
    kept = [tab.evaluate(f"sessionStorage[{key!r}]") for tab in (first.page, second)]
    assert kept[0] != kept[1]
    first.page.reload()
    expect(first.page.get_by_role("heading", name="Your items")).to_be_visible()


@pytest.mark.parametrize(
    "query", ["code=used&state=used", pytest.param("error=access_denied", marks=pytest.mark.long)]
)
def test_failed_callback_keeps_the_session(
    signed_in: SignedIn, account: Account, page_site: Site, query: str
) -> None:
    """Back, and a bookmark of the callback URL, lead to the list."""
    screen = signed_in(account)
    screen.page.goto(f"{page_site.url}/?{query}")
    expect(screen.page.get_by_role("heading", name="Your items")).to_be_visible()
    assert screen.page.url == f"{page_site.url}/"


def test_sign_out_ends_page_and_cognito_session(
    signed_in: SignedIn, account: Account, api: httpx.Client, page_site: Site
) -> None:
    items.put(api, "lamp", name="Oak lamp")
    screen = signed_in(account)
    screen.opener("Oak lamp").click()
    screen.fill(description="half typed")
    screen.page.keyboard.press("Escape")
    screen.button("Sign out").click()
    question = screen.page.get_by_role("dialog", name="Some of your changes are not saved")
    expect(question).to_contain_text("Oak lamp")
    question.get_by_role("button", name="Stay").click()
    expect(screen.row("Oak lamp")).to_contain_text("Draft")
    Faults(screen.page, "**/oauth2/revoke", Held())  # signing out does not wait for it
    screen.button("Sign out").click()
    question.get_by_role("button", name="Sign out anyway").click()
    expect(screen.page.get_by_role("heading", name=PITCH)).to_be_visible()
    assert screen.kept("sessionStorage") == {}
    assert screen.page.url == f"{page_site.url}/"
    ends = [
        request.url.partition("?")[0]
        for request in screen.guard.requests
        if request.url.startswith(page_site.login_url) and request.method != "OPTIONS"
    ]
    assert ends == [f"{page_site.login_url}/oauth2/revoke", f"{page_site.login_url}/logout"]
    logout = next(r.url for r in screen.guard.requests if "/logout?" in r.url)
    query = dict(httpx.URL(logout).params)
    assert query == {"client_id": page_site.client_id, "logout_uri": f"{page_site.url}/"}

    screen.page.go_back()
    expect(screen.page.get_by_role("heading", name=PITCH)).to_be_visible()
    assert "Oak lamp" not in screen.page.content()


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("code=forged&state=forged", marks=pytest.mark.long),
        "error=access_denied",
        pytest.param(
            "error=access_denied&error_description=No&state=forged", marks=pytest.mark.long
        ),
        "code=%3Cscript%3E&state=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E",
    ],
)
def test_unrequested_callback_is_refused(
    open_screen: OpenScreen, page_site: Site, query: str
) -> None:
    screen = open_screen()
    screen.page.goto(f"{page_site.url}/?{query}")
    expect(screen.page.get_by_role("alert").first).to_have_text(
        "Signing in did not work. Please try again."
    )
    assert screen.page.url == f"{page_site.url}/"
    expect(screen.button("Sign in")).to_be_enabled()


def test_used_code_does_not_sign_in(
    open_screen: OpenScreen, account: Account, page_site: Site
) -> None:
    screen = open_screen()
    screen.visit()
    screen.button("Sign in").click()
    type_credentials(screen.page, account)
    expect(screen.button("Sign out")).to_be_visible()
    returned = next(r.url for r in screen.guard.requests if "/?code=" in r.url)
    other = open_screen()
    other.page.goto(returned)
    expect(other.page.get_by_role("alert").first).to_contain_text("Signing in did not work")
    assert page_site.session_key not in other.kept("sessionStorage")
