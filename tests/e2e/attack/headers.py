"""Headers: nobody is somebody else because a header says so, and none is answered back."""

import json

from tests.e2e.attack.rows import (
    JSON,
    SERVERS,
    Headers,
    Row,
    put,
)

_CLAIMS = {"sub": "VICTIM", "token_use": "access", "scope": "items/read items/write"}
_CONTEXT = {"authorizer": {"claims": _CLAIMS}}

#: Where some proxy, framework or gateway puts who is calling.
IDENTITY = [
    "X-Owner",
    "X-User",
    "X-User-Id",
    "X-Sub",
    "X-Cognito-Sub",
    "X-Forwarded-User",
    "X-Remote-User",
    "X-Auth-Request-User",
    "X-Authenticated-Userid",
    "X-Consumer-Username",
    "X-Impersonate-User",
    "X-Amzn-Oidc-Identity",
    "X-Amzn-Oidc-Data",
    "X-Amzn-Oidc-Accesstoken",
    "X-Amzn-Request-Context",
    "X-Amzn-Apigateway-Api-Id",
    "X-Amzn-Lambda-Authorizer",
    "X-Apigateway-Event",
    "X-Apigateway-Context",
    "X-Amz-Cognito-Identity",
    "X-Amz-Security-Token",
    "Lambda-Runtime-Cognito-Identity",
    "Lambda-Runtime-Client-Context",
    "X-Amz-Client-Context",
    "Proxy-Authorization",
    "X-Authorization",
    "X-Access-Token",
    "X-Api-Key",
    "Cookie",
    "From",
    "Forwarded",
    "X-Forwarded-For",
    "X-Real-Ip",
    "Client-Cert",
    "X-Original-Authorization",
    "Authorizer",
    "Request_Context",
    "Sub",
    "Owner",
]
VALUES = {
    "the sub": "VICTIM",
    "claims": json.dumps(_CLAIMS),
    "a context": json.dumps(_CONTEXT),
    "an event": json.dumps({"requestContext": _CONTEXT}),
    "a pair": "sub=VICTIM; owner=VICTIM; authorizer.claims.sub=VICTIM",
}

#: Where else the path, the host or the method might be taken from.
ROUTING = {
    "X-HTTP-Method-Override": "DELETE",
    "X-HTTP-Method": "DELETE",
    "X-Method-Override": "DELETE",
    "X-Original-URL": "/items/VICTIM%23treasure",
    "X-Rewrite-URL": "/items/VICTIM%23treasure",
    "X-Original-Method": "DELETE",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Server": "evil.example",
    "X-Forwarded-Prefix": "//evil.example",
    "X-Forwarded-Path": "//evil.example",
    "X-Forwarded-Proto": "javascript",
    "X-Forwarded-Port": "1",
    "X-Host": "evil.example",
    "Forwarded": "host=evil.example;proto=javascript",
    "Origin": "https://evil.example",
    "Referer": "https://evil.example/",
    "Range": "bytes=0-1",
    "Accept": "application/octet-stream",
    "Accept-Encoding": "br;q=0, identity;q=0",
    "Expect": "200-ok",
    "TE": "trailers",
    "Via": "1.1 evil.example",
    "Max-Forwards": "0",
    "X-Amz-Date": "20200101T000000Z",
    "X-Amz-Target": "DynamoDB_20120810.Scan",
    "X-Amz-Invocation-Type": "Event",
    "X-Amzn-Trace-Id": "Root=1-0;Parent=0;Sampled=1",
    "X-Amz-Cf-Id": "VICTIM",
}

#: Of a correlation id, none of which is taken over; what a wire cannot carry is in `_UNSENDABLE`.
CORRELATION_IDS = {
    "blank": " ",
    "two words": "a b",
    "a tab": "a\tb",
    "JSON": '{"level":"ERROR"}',
    "a quote": 'a","status":200,"x":"',
    "a comma": "a,b",
    "a semicolon": "a;b",
    "markup": "<script>alert(1)</script>",
    "an encoded break": "a%0d%0aX-Injected:%201",
    "an escaped break": "a\\r\\nX-Injected: 1",
    "Latin-1": "caf\xe9",
    "a C1 break": "a\x85X-Injected: 1",
    "UTF-8 that some cut to a break": "\xe5\x98\x8a\xe5\x98\x8dX-Injected:\xa01",
    "129 characters": "a" * 129,
    "6 KB": "a" * 6000,
    "the token's word": "Bearer x",
    "lookup": "${jndi:ldap://127.0.0.1/a}",
    "format": "%s%n{0}",
}
_UNSENDABLE = {
    "a line break": "a\r\nX-Injected: 1",
    "a line feed": "a\nX-Injected: 1",
    "a return": "a\rX-Injected: 1",
    "a folded line": "a\r\n X-Injected: 1",
    "a whole answer": "a\r\n\r\nHTTP/1.1 200 OK\r\nX-Injected: 1",
    "a NUL": "a\x00b",
    "an escape": "\x1b[31mred\x1b[0m",
    "a bell": "a\x07b",
    "a backspace": "a\x08\x08b",
}

#: What somebody writes into a log by being logged.
USER_AGENTS = {
    "JSON": '"}\\n{"level":"ERROR","message":"forged"',
    "escapes": "\\u001b[31m \\r\\n \\x00",
    "lookup": "${jndi:ldap://127.0.0.1/a}",
    "markup": "<script>alert(1)</script>",
    "6 KB": "a" * 6000,
    "Latin-1": "\xfe\xff\x85",
}

_BODY = b'{"id":"x","name":"headers"}'


def _stores(name: str, headers: Headers, **more: object) -> Row:
    return put(name, _BODY, (200, 201), (*JSON, *headers), stores="headers", **more)


ROWS = [
    *(
        Row(
            f"{header} with {what}: {method}",
            method,
            "/items/treasure",
            ((header, value),),
            expects=status,
            long=(n + m) % 5 != 0,
        )
        for n, header in enumerate(IDENTITY)
        for m, (what, value) in enumerate(VALUES.items())
        for method, status in (("GET", 404), ("DELETE", 204))
    ),
    *(
        _stores(f"{header}: PUT of one's own", ((header, "VICTIM"),), long=n % 5 != 0)
        for n, header in enumerate(IDENTITY)
    ),
    *(
        Row(
            f"{header}: GET",
            path="/items/treasure",
            headers=((header, value),),
            expects=404,
            transport=("chalice local",) if header == "Expect" else (),
        )
        for header, value in ROUTING.items()
    ),
    *(
        _stores(
            f"{header}: PUT",
            ((header, value),),
            transport=("chalice local",) if header == "Expect" else (),
        )
        for header, value in ROUTING.items()
    ),
    *(
        Row(
            f"{header} on a POST",
            "POST",
            "/items/treasure",
            ((header, "DELETE"), *JSON),
            b"{}",
            404,
        )
        for header in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")
    ),
    *(
        Row(
            f"a correlation id of {what}",
            path="/items",
            headers=(("X-Correlation-Id", value),),
            expects=200,
        )
        for what, value in CORRELATION_IDS.items()
    ),
    *(
        Row(
            f"a correlation id with {what}",
            path="/items",
            headers=(("X-Correlation-Id", value),),
            expects=200,
            transport=SERVERS,
        )
        for what, value in _UNSENDABLE.items()
    ),
    *(
        Row(
            f"a user agent with {what}",
            path="/items/x-not-there",
            headers=(("User-Agent", value),),
            expects=404,
        )
        for what, value in USER_AGENTS.items()
    ),
    Row(
        "two correlation ids",
        headers=(("X-Correlation-Id", "a"), ("X-Correlation-Id", "b")),
        expects=200,
    ),
    *(
        _stores(f"host {value[:30]!r}", (("Host", value),), transport=transport)
        for value, transport in (
            ("evil.example", ()),
            ("evil.example:80@127.0.0.1", ()),
            ("//evil.example/items", ()),
            ("127.0.0.1:1", ()),
            ("[::1]", ()),
        )
    ),
]
