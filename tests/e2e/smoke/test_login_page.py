"""Signing in on login pages of other kinds than the local cloud's, each as AWS's are made."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.e2e.page import chromium
from tests.e2e.page.accounts import Account
from tests.smoke.login import SignInFailed, pass_login_page

ACCOUNT = Account("smoke@example.com", "a secret")
LOGIN = "http://login.localhost"

NAME = '<input name="username" type="text" required>'
PASSWORD = '<input name="password" type="password" required>'
BUTTON = "<button>Next</button>"
KEPT = '<input name="username" type="text" value="smoke@example.com" readonly>'


def form(*fields: str, action: str, hidden: bool = False) -> str:
    style = ' style="display: none"' if hidden else ""
    return f'<form action="{action}"{style}>{"".join(fields)}{BUTTON}</form>'


AT_ONCE = form(NAME, PASSWORD, action="/judge")
# One for small windows and one for large ones.
TWICE = form(NAME, PASSWORD, action="/wrong", hidden=True) + AT_ONCE
IN_ONE_DOCUMENT = f"""
<form>{NAME}<button>Next</button></form>
<script>
  const form = document.forms[0];
  form.addEventListener("submit", (event) => {{
    if (form.elements.password) {{ form.action = "/judge"; return; }}
    event.preventDefault();
    setTimeout(() => form.insertAdjacentHTML("afterbegin", `{PASSWORD}`), 300);
  }});
</script>
"""
PAGES = {
    "at once": {"/": AT_ONCE},
    "twice, one hidden": {"/": TWICE},
    "on two pages": {
        "/": form(NAME, action="/password"),
        "/password": form(KEPT, PASSWORD, action="/judge"),
    },
    "one after the other": {"/": IN_ONE_DOCUMENT},
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = chromium.program()
    if program is None:
        pytest.skip(chromium.MISSING)
    with chromium.running(program, *chromium.CONFINED) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context() as context:
        yield context.new_page()


def serve(page: Page, pages: dict[str, str], password: str) -> None:
    """Serve these pages. The right password redirects to /done, and others get the page again."""

    def answer(route: Route) -> None:
        path, _, query = route.request.url.removeprefix(LOGIN).partition("?")
        if path == "/judge":
            given = f"password={password.replace(' ', '+')}" in query.split("&")
            known = "username=smoke%40example.com" in query.split("&")
            path = "/done" if given and known else list(pages)[-1]
            html = f'<meta http-equiv="refresh" content="0; url={path}">Wait.'
        else:
            html = pages.get(path, f"This is {path}.")
        route.fulfill(content_type="text/html", body=f"<!doctype html>{html}")

    page.route(f"{LOGIN}/**", answer)
    page.goto(f"{LOGIN}/")


@pytest.mark.parametrize("kind", PAGES)
def test_it_gives_what_is_asked_for(kind: str, page: Page) -> None:
    serve(page, PAGES[kind], ACCOUNT.password)
    pass_login_page(page, ACCOUNT, lambda: page.url.endswith("/done"))
    assert page.inner_text("body") == "This is /done."


@pytest.mark.parametrize(
    "kind",
    [
        "at once",
        pytest.param("twice, one hidden", marks=pytest.mark.long),
        pytest.param("on two pages", marks=pytest.mark.long),
        "one after the other",
    ],
)
def test_refusal_message_omits_the_password(kind: str, page: Page) -> None:
    serve(page, PAGES[kind], "another secret")
    with pytest.raises(SignInFailed) as failed:
        pass_login_page(page, ACCOUNT, lambda: page.url.endswith("/done"))
    assert "is asked for again and again at http://login.localhost/" in str(failed.value)
    assert "secret" not in str(failed.value)
