"""Sign in as a person would: authorization code with PKCE, through the login page.

Sources: RFC 6749 section 4.1 and RFC 7636. No password ever reaches the token endpoint, and no
back door of the emulator is used.
"""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import httpx

from chalicelib.auth import READ_SCOPE, WRITE_SCOPE
from local.home import LocalError

CALLBACK = "http://localhost:8765/callback"
SCOPES = (READ_SCOPE, WRITE_SCOPE)


class _Form(HTMLParser):
    """The first form of a page: the URL of its POST, and its fields' values."""

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


class Attempt:
    """One sign-in of an app client: the login page's URL, and the exchange of the returned code.

    `redirect_uri` must be one of the client's callback URLs, but needs no server.
    """

    def __init__(
        self,
        login_url: str,
        client_id: str,
        scopes: Sequence[str] = SCOPES,
        redirect_uri: str = CALLBACK,
    ) -> None:
        self._login_url = login_url
        self._client = {"client_id": client_id, "redirect_uri": redirect_uri}
        self._verifier = secrets.token_urlsafe(48)
        self._state = secrets.token_urlsafe(16)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self._verifier.encode()).digest())
        query = {
            **self._client,
            "response_type": "code",
            "scope": " ".join(scopes),
            "state": self._state,
            "code_challenge_method": "S256",
            "code_challenge": challenge.decode().rstrip("="),
        }
        #: The login page's URL.
        self.url = f"{login_url}/oauth2/authorize?{urlencode(query)}"

    def request_tokens(self, returned_to: str) -> dict[str, str]:
        """Return the token endpoint's response, for the URL to which the person was redirected.

        Raises `LocalError` if the URL has no code of this attempt, or if the code is refused.
        """
        returned = parse_qs(urlsplit(returned_to).query)
        if returned.get("state") != [self._state] or "code" not in returned:
            reason = returned.get("error_description") or returned.get("error")
            raise LocalError(f"the sign-in returned no code: {reason}")
        form = {
            **self._client,
            "grant_type": "authorization_code",
            "code": returned["code"][0],
            "code_verifier": self._verifier,
        }
        response = httpx.post(f"{self._login_url}/oauth2/token", data=form, timeout=30)
        if response.status_code != 200:
            raise LocalError(
                f"the token endpoint returned {response.status_code}: {response.text[:300]}"
            )
        tokens: dict[str, str] = response.json()
        return tokens


def sign_in(
    login_url: str,
    client_id: str,
    username: str,
    password: str,
    scopes: Sequence[str] = SCOPES,
    redirect_uri: str = CALLBACK,
    new_password: str = "",
) -> dict[str, str]:
    """Sign in and return the token endpoint's response: `access_token`, `refresh_token` and others.

    Add the scope `openid` for an `id_token`. A temporary password is replaced by `new_password`.
    Raises `LocalError` if sign-in fails.
    """
    attempt = Attempt(login_url, client_id, scopes, redirect_uri)
    with httpx.Client(timeout=30) as browser:
        page = browser.get(attempt.url)
        form = _Form(page.text)
        if page.status_code != 200 or form.action is None:
            # A refusal comes as an error page, or as a redirect to the callback that names it.
            raise LocalError(
                f"the login page is missing: {page.headers.get('location') or page.text[:300]}"
            )
        response = browser.post(
            urljoin(str(page.url), form.action),
            data={**form.fields, "username": username, "password": password},
        )
        form = _Form(response.text)
        if form.action is not None and "new_password" in form.fields:
            if not new_password:
                raise LocalError(
                    f"{username} has a temporary password: sign in at the site to choose a new one"
                )
            data = {**form.fields, "new_password": new_password, "confirm_password": new_password}
            response = browser.post(urljoin(str(page.url), form.action), data=data)
    if "location" not in response.headers:
        raise LocalError(f"{username} could not sign in: check the password")
    return attempt.request_tokens(response.headers["location"])
