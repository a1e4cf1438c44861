"""Sessions that end or are renewed, without a loss of text."""

import time
from collections.abc import Callable

import httpx
from playwright.sync_api import expect

from tests.e2e.page import items
from tests.e2e.page.accounts import (
    Account,
    Site,
    change_session,
    create_session,
    put_session,
    type_credentials,
)
from tests.e2e.page.conftest import SignedIn
from tests.e2e.page.faults import ITEM, ITEMS, LIST, TOKENS, Faults, refuse_grant, respond
from tests.e2e.page.screen import Screen


def _end_session(screen: Screen, site: Site) -> Faults:
    """End the session: the access token has expired, and the refresh token is refused."""
    screen.guard.expect_status(400)
    change_session(screen.page, site, expires_at=int(time.time()) - 10)
    return Faults(screen.page, TOKENS, refuse_grant, always=True)


def _sign_in_again(screen: Screen, account: Account) -> None:
    screen.ended.get_by_role("button", name="Sign in again").click()
    type_credentials(screen.page, account)


def test_sign_in_again_restores_the_view(
    signed_in: SignedIn, account: Account, api: httpx.Client, page_site: Site
) -> None:
    items.put_many(api, 60)
    screen = signed_in(account, visit=False, viewport={"width": 1280, "height": 500})
    screen.page.clock.install()
    screen.visit()
    screen.button("Load more").click()
    expect(screen.rows).to_have_count(50)
    screen.search.fill("item")
    screen.opener("Item 025").click()  # far down
    scrolled = screen.page.evaluate("scrollY")
    assert scrolled > 0
    screen.fill("Lamp", "2,000.5", "Half typed")
    faults = _end_session(screen, page_site)
    screen.page.clock.fast_forward("16:00")
    expect(screen.ended).to_contain_text("Your text is kept.")
    expect(screen.ended.get_by_role("button", name="Sign in again")).to_be_focused()
    faults.end()

    _sign_in_again(screen, account)
    expect(screen.name).to_have_value("Lamp")
    expect(screen.price).to_have_value("2,000.5")
    expect(screen.description).to_have_value("Half typed")
    expect(screen.rows).to_have_count(60)  # a search loads all pages
    expect(screen.search).to_have_value("item")
    assert screen.page.evaluate("scrollY") == scrolled
    screen.save()
    expect(screen.row("Lamp").locator(".state")).to_be_empty()
    expect(screen.trouble).to_have_count(0)
    item = items.get(api, "item-025")
    assert item == {"name": "Lamp", "price": 2000.5, "description": "Half typed"}


def test_new_item_survives_the_session_end(
    signed_in: SignedIn, account: Account, api: httpx.Client, page_site: Site
) -> None:
    screen = signed_in(account)
    screen.guard.expect_status(401)
    screen.button("New item").click()
    screen.fill("Lamp", "2", "Half typed")
    refused = Faults(screen.page, ITEMS, respond(401, "No."), always=True, method="PUT")
    faults = _end_session(screen, page_site)
    screen.save()
    expect(screen.ended).to_be_visible()
    faults.end()
    refused.end()
    _sign_in_again(screen, account)
    expect(screen.name).to_have_value("Lamp")
    expect(screen.description).to_have_value("Half typed")
    screen.save()
    expect(screen.row("Lamp").locator(".state")).to_be_empty()
    assert items.names(api) == ["Lamp"]


def test_session_end_undoes_a_pending_deletion(
    signed_in: SignedIn, account: Account, api: httpx.Client, page_site: Site
) -> None:
    items.put(api, "lamp", name="Lamp")
    screen = signed_in(account)
    screen.delete("Lamp")
    faults = _end_session(screen, page_site)
    screen.button("Close message").click()
    expect(screen.ended).to_be_visible()
    faults.end()
    _sign_in_again(screen, account)
    expect(screen.row("Lamp")).to_be_visible()
    assert items.names(api) == ["Lamp"]


def test_reload_after_session_end_keeps_drafts(
    signed_in: SignedIn, account: Account, page_site: Site
) -> None:
    screen = signed_in(account)
    screen.button("New item").click()
    screen.fill("Lamp")
    faults = _end_session(screen, page_site)
    screen.page.reload()
    screen.button("Sign in").click()
    faults.end()
    type_credentials(screen.page, account)
    expect(screen.name).to_have_value("Lamp")


def test_expired_token_is_renewed_silently(
    signed_in: SignedIn, account: Account, api: httpx.Client, page_site: Site
) -> None:
    items.put(api, "lamp", name="Lamp")
    screen = signed_in(account)
    expect(screen.row("Lamp")).to_be_visible()
    renewals = Faults(screen.page, TOKENS)
    expired = {"expires_at": int(time.time()) - 10, "access_token": "expired"}
    change_session(screen.page, page_site, **expired)
    screen.opener("Lamp").click()
    expect(screen.name).to_be_enabled()
    screen.fill("Brass lamp")
    screen.save()
    expect(screen.row("Brass lamp").locator(".state")).to_be_empty()
    assert items.names(api) == ["Brass lamp"]
    assert len(renewals.requests) == 1
    assert "grant_type=refresh_token" in (renewals.requests[0].post_data or "")
    expect(screen.ended).to_have_count(0)
    expect(screen.trouble).to_have_count(0)


def test_refused_token_is_renewed_once(
    signed_in: SignedIn, account: Account, api: httpx.Client, page_site: Site
) -> None:
    items.put(api, "lamp", name="Lamp")
    screen = signed_in(account)
    screen.guard.expect_status(401)
    renewals = Faults(screen.page, TOKENS)
    reads = Faults(screen.page, ITEM, respond(401, "No."))
    screen.opener("Lamp").click()
    expect(screen.name).to_be_enabled()
    assert len(renewals.requests) == 1
    tokens = {request.headers["authorization"] for request in reads.requests}
    assert len(tokens) == 2


def test_lasting_401_ends_the_session(
    signed_in: SignedIn, account: Account, page_site: Site
) -> None:
    screen = signed_in(account, visit=False)
    screen.guard.expect_status(401)
    Faults(screen.page, LIST, respond(401, "No.", request_id="abc-123"), always=True)
    screen.visit()
    expect(screen.ended).to_be_visible()
    expect(screen.ended).to_contain_text("abc-123")
    screen.page.keyboard.press("Escape")  # no view is behind it
    expect(screen.ended).to_be_visible()


def test_next_user_of_the_tab_sees_no_data(
    signed_in: SignedIn,
    account: Account,
    new_account: Callable[[], Account],
    page_site: Site,
) -> None:
    screen = signed_in(account)
    screen.button("New item").click()
    screen.fill("Secret lamp")
    screen.page.keyboard.press("Escape")
    screen.search.fill("secret")
    put_session(screen.page, page_site, create_session(page_site, new_account()))
    screen.visit()
    expect(screen.page.get_by_role("heading", name="No items yet")).to_be_visible()
    expect(screen.search).to_have_value("")
    screen.button("New item").click()
    expect(screen.name).to_have_value("")
    expect(screen.trouble).to_have_count(0)
    assert "ecret" not in str(screen.kept("sessionStorage"))
