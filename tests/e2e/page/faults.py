"""Faults between the page and the API, as the network or the service would have them."""

import json
from collections.abc import Callable

import httpx
from playwright.sync_api import Page, Request, Route

ITEMS = "**/api/items"  # where items are written
LIST = "**/api/items?*"
ITEM = "**/api/items/*"
TOKENS = "**/oauth2/token"

Fault = Callable[[Route], None]


class Faults:
    """Puts faults in the way of requests to `url`: one after the other, then none.

    `seen` has all requests that came by, with a fault or without.
    """

    def __init__(
        self, page: Page, url: str, *faults: Fault, method: str = "", always: bool = False
    ) -> None:
        self.seen: list[Request] = []
        self._faults = list(faults)
        self._always = always
        self._method = method
        self._page, self._url = page, url
        page.route(url, self._handle)

    def end(self) -> None:
        """From now on, no fault."""
        self._page.unroute(self._url, self._handle)

    def _handle(self, route: Route) -> None:
        if self._method not in ("", route.request.method):
            route.fallback()
            return
        self.seen.append(route.request)
        if not self._faults:
            route.fallback()
            return
        (self._faults[0] if self._always else self._faults.pop(0))(route)


def answer(status: int, detail: str = "", request_id: str = "", **headers: str) -> Fault:
    """A problem detail instead of the service's answer; `retry_after` is a header."""
    body = {"type": "about:blank", "status": status, "detail": detail, "instance": request_id}

    def fault(route: Route) -> None:
        route.fulfill(
            status=status,
            headers={
                "Content-Type": "application/problem+json",
                **{name.replace("_", "-"): value for name, value in headers.items()},
            },
            body=json.dumps(body),
        )

    return fault


def invalid(field: str, message: str) -> Fault:
    """The service's answer to an item that it finds invalid."""
    body = {"type": "about:blank", "status": 400, "detail": "The item is not valid."}
    errors = [{"field": field, "message": message}]

    def fault(route: Route) -> None:
        headers = {"Content-Type": "application/problem+json"}
        route.fulfill(status=400, headers=headers, body=json.dumps({**body, "errors": errors}))

    return fault


def refused_grant(route: Route) -> None:
    """The token endpoint's answer when a refresh token is not good any more."""
    headers = {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"}
    route.fulfill(status=400, headers=headers, body='{"error": "invalid_grant"}')


def lost_request(route: Route) -> None:
    """The connection breaks before the service has heard anything."""
    route.abort("connectionreset")


def _serve(request: Request) -> None:
    """Let the service do what it is asked. Not `route.fetch`: any browser knows that *.localhost
    is this machine; Playwright may not."""
    address = httpx.URL(request.url)
    headers = {**request.all_headers(), "host": address.netloc.decode()}
    answer = httpx.request(
        request.method,
        address.copy_with(host="127.0.0.1"),
        headers={name: value for name, value in headers.items() if not name.startswith(":")},
        content=request.post_data_buffer,
        timeout=30,
    )
    answer.raise_for_status()


def lost_answer(route: Route) -> None:
    """The service does what it is asked, but nobody hears of it."""
    _serve(route.request)
    route.abort("connectionreset")


def unheard(fault: Fault) -> Fault:
    """The service does what it is asked, and this comes instead of its answer."""

    def answered(route: Route) -> None:
        _serve(route.request)
        fault(route)

    return answered


class Held:
    """A fault that keeps requests waiting until `release`, then lets `then` handle them."""

    def __init__(self, then: Fault = Route.continue_) -> None:
        self._held: list[Route] = []
        self._then = then
        self._released = False

    def __call__(self, route: Route) -> None:
        # On a busy machine, a request that the page shows to be under way may still come here.
        if self._released:
            self._then(route)
        else:
            self._held.append(route)

    def release(self) -> None:
        self._released = True
        for route in self._held:
            self._then(route)
