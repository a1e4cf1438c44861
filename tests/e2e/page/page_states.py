"""The ways to the states of the page without an opened item."""

from playwright.sync_api import expect

from tests.e2e.page.faults import LIST, Faults, Held, respond
from tests.e2e.page.screen import Screen
from tests.e2e.page.states import Cast, state


@state
def _landing(cast: Cast) -> Screen:
    screen = cast.screen()
    screen.visit()
    expect(screen.button("Sign in")).to_be_visible()
    return screen


@state
def _landing_with_trouble(cast: Cast) -> Screen:
    screen = cast.screen()
    screen.page.goto(f"{cast.site.url}/?code=forged&state=forged")
    expect(screen.page.get_by_text("Signing in did not work")).to_be_visible()
    return screen


@state
def _without_settings(cast: Cast) -> Screen:
    screen = cast.screen()
    screen.guard.expect_status(503)
    Faults(screen.page, "**/config.json", respond(503))
    screen.visit()
    expect(screen.button("Try again")).to_be_visible()
    return screen


@state
def _loading(cast: Cast) -> Screen:
    screen = cast.before_list()
    Faults(screen.page, LIST, Held())
    screen.visit()
    expect(screen.count).to_have_text("Loading your items…")
    return screen


@state
def _list(cast: Cast) -> Screen:
    return cast.list()


@state
def _list_failed(cast: Cast) -> Screen:
    screen = cast.before_list()
    screen.guard.expect_status(500)
    Faults(screen.page, LIST, respond(500, "It broke.", request_id="5f0c2f6e-1b1c"))
    screen.visit()
    expect(screen.page.get_by_text("5f0c2f6e-1b1c")).to_be_visible()
    return screen


@state
def _search(cast: Cast) -> Screen:
    screen = cast.list()
    screen.search.fill("w")
    expect(screen.count).to_contain_text(" of ")
    return screen


@state
def _no_match(cast: Cast) -> Screen:
    screen = cast.list()
    screen.search.fill("zeppelin")
    expect(screen.page.get_by_role("heading", name="No item matches")).to_be_visible()
    return screen


@state
def _empty(cast: Cast) -> Screen:
    screen = cast.signed_in(cast.newcomer)
    expect(screen.button("Add your first item")).to_be_visible()
    return screen


@state
def _offline(cast: Cast) -> Screen:
    screen = cast.list()
    screen.page.context.set_offline(True)
    expect(screen.banner).to_contain_text("You are offline.")
    return screen


@state
def _session_ended(cast: Cast) -> Screen:
    screen = cast.before_list()
    screen.guard.expect_status(401)
    Faults(screen.page, LIST, respond(401, "No.", request_id="5f0c2f6e-1b1c"), always=True)
    screen.visit()
    expect(screen.ended).to_be_visible()
    return screen
