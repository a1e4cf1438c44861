"""What the gateway itself answers when a request does not reach the function.

One definition for all: AWS takes it from the packaged template (SAM's `GatewayResponses`), the
local cloud through PutGatewayResponse, and `chalice local` and `serverful` from
`infra/gateway/rules.py`.
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
    """The status and detail of one of the gateway's errors, and headers of its own."""

    status: int
    detail: str
    headers: tuple[tuple[str, str], ...] = ()

    def body(self, request_id: str) -> str:
        """The problem detail; `request_id` may be the gateway's placeholder for it."""
        return problem_body(self.status, request_id, self.detail)

    def all_headers(self) -> dict[str, str]:
        return {**PROBLEM_HEADERS, **CORS_HEADERS, **dict(self.headers)}


#: By response type, https://docs.aws.amazon.com/apigateway/latest/developerguide/
#: supported-gateway-response-types.html. All are listed, because a status set for DEFAULT_4XX
#: would be that of every type that is not.
RESPONSES = {
    "UNAUTHORIZED": GatewayResponse(
        401, DETAILS[HTTPStatus.UNAUTHORIZED], (("WWW-Authenticate", "Bearer"),)
    ),
    "ACCESS_DENIED": GatewayResponse(403, _REFUSED),
    "EXPIRED_TOKEN": GatewayResponse(403, _REFUSED),
    "INVALID_API_KEY": GatewayResponse(403, _REFUSED),
    "WAF_FILTERED": GatewayResponse(403, _REFUSED),
    # How the gateway says that no route matches; with an Authorization header, which it then
    # takes for a signature, it says the next or, as the only cause left for it, DEFAULT_4XX.
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
    """The headers as API Gateway wants literals: in single quotes."""
    return {name: f"'{value}'" for name, value in response.all_headers().items()}


def templates(response: GatewayResponse) -> dict[str, str]:
    return {"application/json": response.body("$context.requestId")}


def sam_property() -> dict[str, Any]:
    """The `GatewayResponses` property of AWS::Serverless::Api."""
    return {
        kind: {
            "StatusCode": response.status,
            "ResponseParameters": {"Headers": parameters(response)},
            "ResponseTemplates": templates(response),
        }
        for kind, response in RESPONSES.items()
    }


def of_the_firewall(kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The same answer from a web ACL that blocks a request: a rule's action, and the ACL's bodies.

    It knows no request's id, and has no better name for a problem than JSON.
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
