"""The users of the page, and the ways to sign them in."""

import base64
import json
import time
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

from chalicelib import auth
from local.sign_in import sign_in

SCOPES = ("openid", "email", auth.READ_SCOPE, auth.WRITE_SCOPE)


@dataclass(frozen=True)
class Site:
    """The URLs of the page and the login page, and the user pool."""

    url: str
    login_url: str
    client_id: str
    region: str
    user_pool_id: str

    @property
    def session_key(self) -> str:
        """Return the key under which the page's library stores the tokens."""
        issuer = f"https://cognito-idp.{self.region}.amazonaws.com/{self.user_pool_id}"
        return f"oidc.user:{issuer}:{self.client_id}"


@dataclass(frozen=True)
class Account:
    """The credentials of a user."""

    username: str
    password: str = field(repr=False)


def type_credentials(page: Page, account: Account) -> None:
    """Fill in and send the login page, with the keyboard alone."""
    page.locator("input[name=username]").wait_for()
    page.keyboard.type(account.username)
    page.keyboard.press("Tab")
    page.keyboard.type(account.password)
    page.keyboard.press("Enter")


def create_session(site: Site, account: Account) -> dict[str, Any]:
    """Sign in without a browser. Return the session as the page stores it."""
    tokens = sign_in(
        site.login_url,
        site.client_id,
        account.username,
        account.password,
        scopes=SCOPES,
        redirect_uri=f"{site.url}/",
    )
    payload = tokens["id_token"].split(".")[1]
    profile = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return {
        **{key: tokens[key] for key in ("access_token", "refresh_token")},
        "token_type": "Bearer",
        "scope": " ".join(SCOPES),
        "profile": profile,
        "expires_at": int(time.time()) + int(tokens["expires_in"]),
    }


def put_session(page: Page, site: Site, session: dict[str, Any]) -> None:
    """Store a session without the login page. A visit must follow."""
    blank = f"{site.url}/blank"
    html = '<!doctype html><html lang="en"><title>-</title><link rel="icon" href="/favicon.svg">'
    page.route(blank, lambda route: route.fulfill(content_type="text/html", body=html))
    page.goto(blank)
    page.evaluate(
        "([key, value]) => sessionStorage.setItem(key, value)",
        [site.session_key, json.dumps(session)],
    )


def change_session(page: Page, site: Site, **changes: object) -> None:
    """Change the stored session while the page is open."""
    page.evaluate(
        """([key, changes]) => {
          const session = JSON.parse(sessionStorage.getItem(key));
          sessionStorage.setItem(key, JSON.stringify({ ...session, ...changes }));
        }""",
        [site.session_key, changes],
    )
