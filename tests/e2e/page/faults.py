"""Faults of the network or the service, between the page and the API."""

import json
from collections.abc import Callable

import httpx
from playwright.sync_api import Page, Request, Route

ITEMS = "**/api/items"  # the URL of writes
LIST = "**/api/items?*"
ITEM = "**/api/items/*"
TOKENS = "**/oauth2/token"

Fault = Callable[[Route], None]


class Faults:
    """Puts one fault after the other in the way of requests to `url`, and then no fault.

    `requests` has all requests, with and without a fault.
    """

    def __init__(
        self, page: Page, url: str, *faults: Fault, method: str = "", always: bool = False
    ) -> None:
        self.requests: list[Request] = []
        self._faults = list(faults)
        self._always = always
        self._method = method
        self._page, self._url = page, url
        page.route(url, self._handle)

    def end(self) -> None:
        """Stop all faults."""
        self._page.unroute(self._url, self._handle)

    def _handle(self, route: Route) -> None:
        if self._method not in ("", route.request.method):
            route.fallback()
            return
        self.requests.append(route.request)
        if not self._faults:
            route.fallback()
            return
        (self._faults[0] if self._always else self._faults.pop(0))(route)


def respond(status: int, detail: str = "", request_id: str = "", **headers: str) -> Fault:
    """Return a fault that responds with a problem detail. `retry_after` is a header."""
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


def reject_field(field: str, message: str) -> Fault:
    """Return a fault that responds as the service does to an invalid field."""
    body = {"type": "about:blank", "status": 400, "detail": "The item is not valid."}
    errors = [{"field": field, "message": message}]

    def fault(route: Route) -> None:
        headers = {"Content-Type": "application/problem+json"}
        route.fulfill(status=400, headers=headers, body=json.dumps({**body, "errors": errors}))

    return fault


def refuse_grant(route: Route) -> None:
    """Respond as the token endpoint does to an invalid refresh token."""
    headers = {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"}
    route.fulfill(status=400, headers=headers, body='{"error": "invalid_grant"}')


def lose_request(route: Route) -> None:
    """Break the connection before the service receives the request."""
    route.abort("connectionreset")


def _serve(request: Request) -> None:
    """Send the request to the service.

    `route.fetch` may fail: browsers resolve *.localhost to this machine, but Playwright may not.
    """
    address = httpx.URL(request.url)
    headers = {**request.all_headers(), "host": address.netloc.decode()}
    response = httpx.request(
        request.method,
        address.copy_with(host="127.0.0.1"),
        headers={name: value for name, value in headers.items() if not name.startswith(":")},
        content=request.post_data_buffer,
        timeout=30,
    )
    response.raise_for_status()


def lose_response(route: Route) -> None:
    """Let the service handle the request, and lose its response."""
    _serve(route.request)
    route.abort("connectionreset")


def serve_before(fault: Fault) -> Fault:
    """Return a fault that lets the service handle the request, and then replaces its response."""

    def serve_and_fail(route: Route) -> None:
        _serve(route.request)
        fault(route)

    return serve_and_fail


class Held:
    """A fault that keeps requests waiting until `release`, then lets `then` handle them."""

    def __init__(self, then: Fault = Route.continue_) -> None:
        self._held: list[Route] = []
        self._then = then
        self._released = False

    def __call__(self, route: Route) -> None:
        # On a busy machine, a request may arrive here after the page shows that it was sent.
        if self._released:
            self._then(route)
        else:
            self._held.append(route)

    def release(self) -> None:
        self._released = True
        for route in self._held:
            self._then(route)
