"""Sign in as a person would: authorization code with PKCE, through the login page.

Sources: RFC 6749 section 4.1 and RFC 7636. No password ever reaches the token endpoint, and no
back door of the emulator is used.
"""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from html.parser import HTMLParser
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx

from local.home import LocalError

CALLBACK = "http://localhost:8765/callback"
SCOPES = ("items/read", "items/write")


class _Form(HTMLParser):
    """The first form of a page: where it is posted, and its fields' values."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form" and self.action is None:
            self.action = attributes.get("action", "")
        elif tag == "input" and "name" in attributes:
            self.fields.setdefault(attributes["name"], attributes.get("value", ""))


def sign_in(
    login_url: str,
    client_id: str,
    username: str,
    password: str,
    scopes: Sequence[str] = SCOPES,
    redirect_uri: str = CALLBACK,
) -> dict[str, str]:
    """The token endpoint's answer: `access_token`, `refresh_token` and the rest.

    Add the scope `openid` for an `id_token`. `redirect_uri` must be one of the client's; nothing
    need answer there. Raises `LocalError` if sign-in fails.
    """
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    state = secrets.token_urlsafe(16)
    with httpx.Client(timeout=30) as browser:
        page = browser.get(
            f"{login_url}/oauth2/authorize",
            params={
                "response_type": "code",
                "client_id": client_id,
                "redirect_uri": redirect_uri,
                "scope": " ".join(scopes),
                "state": state,
                "code_challenge_method": "S256",
                "code_challenge": challenge.decode().rstrip("="),
            },
        )
        form = _Form(page.text)
        if page.status_code != 200 or form.action is None:
            # A refusal comes as an error page, or as a redirect to the callback that names it.
            raise LocalError(f"no login page: {page.headers.get('location') or page.text[:300]}")
        answer = browser.post(
            urljoin(str(page.url), form.action),
            data={**form.fields, "username": username, "password": password},
        )
        returned = parse_qs(urlsplit(answer.headers.get("location", "")).query)
        if returned.get("state") != [state] or "code" not in returned:
            raise LocalError(f"{username} could not sign in; is the password right?")
        tokens = browser.post(
            f"{login_url}/oauth2/token",
            data={
                "grant_type": "authorization_code",
                "client_id": client_id,
                "code": returned["code"][0],
                "redirect_uri": redirect_uri,
                "code_verifier": verifier,
            },
        )
    if tokens.status_code != 200:
        raise LocalError(f"no token: {tokens.text[:300]}")
    found: dict[str, str] = tokens.json()
    return found
