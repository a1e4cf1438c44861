"""The headers that CloudFront adds to the page and to the API's responses."""

import httpx

PAGE_HEADERS = {
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
CACHE = {
    "/": "no-cache",
    "/index.html": "no-cache",
    "/config.json": "no-store",
    "/favicon.svg": "public, max-age=300",
}
API_HEADERS = {
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
}


def assert_page_headers(answer: httpx.Response, login_url: str) -> None:
    assert {name: answer.headers.get(name) for name in PAGE_HEADERS} == PAGE_HEADERS
    directives = answer.headers["content-security-policy"].split("; ")
    policy = {name: value for name, _, value in (each.partition(" ") for each in directives)}
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["connect-src"] == f"'self' {login_url}"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["trusted-types"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert "unsafe-" not in answer.headers["content-security-policy"]
    assert "camera=(), " in answer.headers["permissions-policy"]
