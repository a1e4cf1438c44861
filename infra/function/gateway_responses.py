"""The gateway's own responses to requests that do not reach the function.

All environments share one definition. AWS takes it from the packaged template (SAM's
`GatewayResponses`). The local cloud takes it through PutGatewayResponse. `chalice local` and
`serverful` take it from `infra/gateway/rules.py`.
"""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from chalicelib.cors import HEADERS as CORS_HEADERS
from chalicelib.errors import DETAILS, PROBLEM_HEADERS, problem_body

_REFUSED = "This request is not allowed."
_FAULT = DETAILS[HTTPStatus.INTERNAL_SERVER_ERROR]
_NO_SUCH = DETAILS[HTTPStatus.NOT_FOUND]
_NOT_UNDERSTOOD = DETAILS[HTTPStatus.BAD_REQUEST]


@dataclass(frozen=True)
class GatewayResponse:
    """The status, the detail and the additional headers of one gateway error."""

    status: int
    detail: str
    headers: tuple[tuple[str, str], ...] = ()

    def body(self, request_id: str) -> str:
        """Return the problem detail. `request_id` may be the gateway's placeholder."""
        return problem_body(self.status, request_id, self.detail)

    def all_headers(self) -> dict[str, str]:
        return {**PROBLEM_HEADERS, **CORS_HEADERS, **dict(self.headers)}


#: By response type, https://docs.aws.amazon.com/apigateway/latest/developerguide/
#: supported-gateway-response-types.html. All types are listed, because every unlisted type would
#: take the status of DEFAULT_4XX.
RESPONSES = {
    "UNAUTHORIZED": GatewayResponse(
        401, DETAILS[HTTPStatus.UNAUTHORIZED], (("WWW-Authenticate", "Bearer"),)
    ),
    "ACCESS_DENIED": GatewayResponse(403, _REFUSED),
    "EXPIRED_TOKEN": GatewayResponse(403, _REFUSED),
    "INVALID_API_KEY": GatewayResponse(403, _REFUSED),
    "WAF_FILTERED": GatewayResponse(403, _REFUSED),
    # The gateway returns this type if no route matches. With an Authorization header, which it
    # takes for a signature, it returns the next type or DEFAULT_4XX. DEFAULT_4XX has no other
    # cause left.
    "MISSING_AUTHENTICATION_TOKEN": GatewayResponse(404, _NO_SUCH),
    "INVALID_SIGNATURE": GatewayResponse(404, _NO_SUCH),
    "DEFAULT_4XX": GatewayResponse(404, _NO_SUCH),
    "RESOURCE_NOT_FOUND": GatewayResponse(404, _NO_SUCH),
    "BAD_REQUEST_BODY": GatewayResponse(400, _NOT_UNDERSTOOD),
    "BAD_REQUEST_PARAMETERS": GatewayResponse(400, _NOT_UNDERSTOOD),
    "REQUEST_TOO_LARGE": GatewayResponse(413, "The body is too large."),
    "UNSUPPORTED_MEDIA_TYPE": GatewayResponse(415, DETAILS[HTTPStatus.UNSUPPORTED_MEDIA_TYPE]),
    "THROTTLED": GatewayResponse(429, "Too many requests.", (("Retry-After", "1"),)),
    "QUOTA_EXCEEDED": GatewayResponse(429, "Too many requests.", (("Retry-After", "3600"),)),
    "API_CONFIGURATION_ERROR": GatewayResponse(500, _FAULT),
    "AUTHORIZER_CONFIGURATION_ERROR": GatewayResponse(500, _FAULT),
    "AUTHORIZER_FAILURE": GatewayResponse(500, _FAULT),
    "DEFAULT_5XX": GatewayResponse(500, _FAULT),
    "INTEGRATION_FAILURE": GatewayResponse(504, _FAULT),
    "INTEGRATION_TIMEOUT": GatewayResponse(504, "The request took too long."),
}


def parameters(response: GatewayResponse) -> dict[str, str]:
    """Return the headers in single quotes, as API Gateway requires for literals."""
    return {name: f"'{value}'" for name, value in response.all_headers().items()}


def templates(response: GatewayResponse) -> dict[str, str]:
    return {"application/json": response.body("$context.requestId")}


def sam_property() -> dict[str, Any]:
    """Return the `GatewayResponses` property of AWS::Serverless::Api."""
    return {
        kind: {
            "StatusCode": response.status,
            "ResponseParameters": {"Headers": parameters(response)},
            "ResponseTemplates": templates(response),
        }
        for kind, response in RESPONSES.items()
    }


def of_the_firewall(kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a web ACL rule's Block action with this response, and the ACL's response bodies.

    A web ACL has no request id to insert, and JSON is its closest content type for a problem.
    """
    response = RESPONSES[kind]
    problem, headers = json.loads(response.body("")), response.all_headers()
    del problem["instance"], headers["Content-Type"]
    answer = {
        "ResponseCode": response.status,
        "CustomResponseBodyKey": kind,
        "ResponseHeaders": [{"Name": name, "Value": value} for name, value in headers.items()],
    }
    content = {"ContentType": "APPLICATION_JSON", "Content": json.dumps(problem)}
    return {"Block": {"CustomResponse": answer}}, {kind: content}
