"""Hostile headers and paths, for the application alone and for both servers."""

import json

from chalicelib.auth import READ_SCOPE, WRITE_SCOPE

#: The owners. A test at a server puts the real ones in their place.
ATTACKER, VICTIM = "ATTACKER", "VICTIM"

#: Headers in which some proxy, framework or gateway says who is calling.
IDENTITY = """
X-Owner X-User X-User-Id X-Sub X-Cognito-Sub X-Forwarded-User X-Remote-User X-Auth-Request-User
X-Authenticated-Userid X-Consumer-Username X-Impersonate-User X-Amzn-Oidc-Identity
X-Amzn-Oidc-Data X-Amzn-Oidc-Accesstoken X-Amzn-Request-Context X-Amzn-Apigateway-Api-Id
X-Amzn-Lambda-Authorizer X-Apigateway-Event X-Apigateway-Context X-Amz-Cognito-Identity
X-Amz-Security-Token Lambda-Runtime-Cognito-Identity Lambda-Runtime-Client-Context
X-Amz-Client-Context Proxy-Authorization X-Authorization X-Access-Token X-Api-Key Cookie From
Forwarded X-Forwarded-For X-Real-Ip Client-Cert X-Original-Authorization Authorizer
Request_Context Sub Owner
""".split()


def claimed_identities(victim: str) -> dict[str, dict[str, str]]:
    """Return headers that all claim to be from the victim, by the form of the claim."""
    claims = {"sub": victim, "token_use": "access", "scope": f"{READ_SCOPE} {WRITE_SCOPE}"}
    context = {"authorizer": {"claims": claims}}
    forms = {
        "the sub": victim,
        "claims": json.dumps(claims),
        "a context": json.dumps(context),
        "an event": json.dumps({"requestContext": context}),
        "a pair": f"sub={victim}; owner={victim}; authorizer.claims.sub={victim}",
    }
    return {form: dict.fromkeys(IDENTITY, value) for form, value in forms.items()}


#: Other places for the path, the host or the method.
ROUTING = {
    "X-HTTP-Method-Override": "DELETE",
    "X-HTTP-Method": "DELETE",
    "X-Method-Override": "DELETE",
    "X-Original-URL": "/items/victim%23treasure",
    "X-Rewrite-URL": "/items/victim%23treasure",
    "X-Original-Method": "DELETE",
    "X-Forwarded-Host": "evil.example",
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
    "TE": "trailers",
    "Via": "1.1 evil.example",
    "Max-Forwards": "0",
    "X-Amz-Date": "20200101T000000Z",
    "X-Amz-Target": "DynamoDB_20120810.Scan",
    "X-Amz-Invocation-Type": "Event",
    "X-Amzn-Trace-Id": "Root=1-0;Parent=0;Sampled=1",
}

#: Correlation ids that must be replaced.
CORRELATION_IDS = [
    *(" ", "a b", "a\tb", '{"level":"ERROR"}', 'a","status":200,"x":"', "a,b", "a;b"),
    *("<script>alert(1)</script>", "a%0d%0aX-Injected:%201", "a\\r\\nX-Injected: 1", "caf\xe9"),
    *("a\x85X-Injected: 1", "\xe5\x98\x8a\xe5\x98\x8dX-Injected:\xa01", "a" * 129, "a" * 6000),
    *("Bearer x", "${jndi:ldap://127.0.0.1/a}", "%s%n{0}"),
]

#: As they are in a path. An id in a body that reads like one of these is no id either.
WRITTEN = [
    # Overlong, surrogates, beyond Unicode, cut off, and not percent-encoding.
    *"%C0%AE %C0%A3 %E0%80%A3 %C0%80 %ED%A0%80 %ED%A0%BD%ED%B8%80 %F4%90%80%80 a%E2%82".split(),
    *"%F8%88%80%80%80 %FF%FE % a%2 a%zz %u0023 %%23 %25 a%2523b a%252523b".split(),
    *(f"{owner}{mark}treasure" for owner in (VICTIM, ATTACKER) for mark in ("%23", "%2523")),
    f"{VICTIM}%EF%BC%83treasure",
    f"{ATTACKER}%23{VICTIM}%23treasure",
    f"%2E%2E%2F{VICTIM}%23treasure",
    *"%23treasure treasure%23 treasure%00 a%0D%0AX-Injected:%201 treasure%0A %20treasure".split(),
    *"a+b %2e %2e%2e %2e. ..%5C..%5Cetc %7Bid%7D %27%20OR%20%271%27=%271 $%7B7*7%7D".split(),
    *"$(id) * a,b treasure%3Bowner=x %3Cscript%3Ealert(1)%3C%2Fscript%3E . ..".split(),
    *("b" * 128, "a" * 129, "a" * 8192, "%61" * 128, "%61" * 1000),
]
