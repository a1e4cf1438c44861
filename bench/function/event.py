"""The events of the four routes, as API Gateway writes them behind CloudFront."""

import json
from typing import Any

from chalicelib.auth import READ_SCOPE, WRITE_SCOPE

OWNER = "5f1d7a52-30c1-70aa-9a4e-0d6c2a7b8e11"
OTHER_OWNER = "7b2e9c14-a0d1-7035-8c3f-4e5d6f7a8b90"

_HOST = "abcdefghij.execute-api.us-east-1.amazonaws.com"
_POOL = "us-east-1_Abcdefghi"
_CLIENT = "1h57kf5cpq17m0eml12example"

_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate, br",
    "Accept-Language": "en-GB,en;q=0.9",
    # As long as a real token. The gateway verifies it, the function does not.
    "Authorization": "Bearer " + "x" * 1000,
    "CloudFront-Forwarded-Proto": "https",
    "CloudFront-Is-Desktop-Viewer": "true",
    "CloudFront-Viewer-Country": "NL",
    "Host": _HOST,
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Via": "2.0 0123456789abcdef.cloudfront.net (CloudFront)",
    "X-Amz-Cf-Id": "x" * 56,
    "X-Amzn-Trace-Id": "Root=1-68a0b1c2-0123456789abcdef01234567",
    "X-Forwarded-For": "192.0.2.7, 198.51.100.3",
    "X-Forwarded-Port": "443",
    "X-Forwarded-Proto": "https",
}


def put(item: dict[str, Any], owner: str = OWNER) -> dict[str, Any]:
    return _event("PUT", "/items", owner, body=json.dumps(item))


def get(item_id: str, owner: str = OWNER) -> dict[str, Any]:
    return _event("GET", "/items/{id}", owner, item_id)


def delete(item_id: str, owner: str = OWNER) -> dict[str, Any]:
    return _event("DELETE", "/items/{id}", owner, item_id)


def listing(owner: str = OWNER, **query: str) -> dict[str, Any]:
    return _event("GET", "/items", owner, query=query)


def _event(
    method: str,
    resource: str,
    owner: str,
    item_id: str | None = None,
    query: dict[str, str] | None = None,
    body: str | None = None,
) -> dict[str, Any]:
    path = resource.replace("{id}", item_id or "")
    headers = {**_HEADERS, "Content-Type": "application/json"} if body else _HEADERS
    return {
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": query or None,
        "multiValueQueryStringParameters": {k: [v] for k, v in (query or {}).items()} or None,
        "pathParameters": {"id": item_id} if item_id else None,
        "stageVariables": None,
        "requestContext": {
            "resourceId": "a1b2c3",
            "resourcePath": resource,
            "httpMethod": method,
            "path": f"/api{path}",
            "stage": "api",
            "accountId": "000000000000",
            "apiId": "abcdefghij",
            "domainName": _HOST,
            "domainPrefix": "abcdefghij",
            "protocol": "HTTP/1.1",
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "extendedRequestId": "Xy9wZExampleId0=",
            "requestTime": "23/Nov/2026:12:34:56 +0000",
            "requestTimeEpoch": 1795437296000,
            "identity": {
                "sourceIp": "192.0.2.7",
                "userAgent": _HEADERS["User-Agent"],
                "accountId": None,
                "caller": None,
                "user": None,
            },
            "authorizer": {
                "claims": {
                    "sub": owner,
                    "token_use": "access",
                    "scope": f"openid {READ_SCOPE} {WRITE_SCOPE}",
                    "iss": f"https://cognito-idp.us-east-1.amazonaws.com/{_POOL}",
                    "client_id": _CLIENT,
                    "username": owner,
                    "auth_time": "1795437000",
                    "exp": "Mon Nov 23 12:49:56 UTC 2026",
                    "iat": "Mon Nov 23 12:34:56 UTC 2026",
                    "jti": "9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d",
                    "version": "2",
                }
            },
        },
        "body": body,
        "isBase64Encoded": False,
    }
