"""What the gateway itself answers when a request does not reach the function.

One definition for all: AWS takes it from the packaged template (SAM's `GatewayResponses`), the
local cloud through PutGatewayResponse, and `chalice local` from `local/gateway.py`.
"""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from chalicelib.cors import HEADERS as CORS_HEADERS
from chalicelib.errors import PROBLEM_JSON

_REFUSED = "This request is not allowed."
_FAULT = "Something went wrong on our side."
_NO_SUCH = "There is no such resource."


@dataclass(frozen=True)
class GatewayResponse:
    """The status and detail of one of the gateway's errors, and headers of its own."""

    status: int
    detail: str
    headers: tuple[tuple[str, str], ...] = ()

    def body(self, request_id: str) -> str:
        """The problem detail; `request_id` may be the gateway's placeholder for it."""
        return json.dumps(
            {
                "type": "about:blank",
                "title": HTTPStatus(self.status).phrase,
                "status": self.status,
                "detail": self.detail,
                "instance": request_id,
            },
            separators=(",", ":"),
        )

    def all_headers(self) -> dict[str, str]:
        return {
            "Content-Type": PROBLEM_JSON,
            "Cache-Control": "no-store",
            **CORS_HEADERS,
            **dict(self.headers),
        }


#: By response type, https://docs.aws.amazon.com/apigateway/latest/developerguide/
#: supported-gateway-response-types.html. All are listed, because a status set for DEFAULT_4XX
#: would be that of every type that is not.
RESPONSES = {
    "UNAUTHORIZED": GatewayResponse(
        401, "A valid access token is needed.", (("WWW-Authenticate", "Bearer"),)
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
    "BAD_REQUEST_BODY": GatewayResponse(400, "The request could not be understood."),
    "BAD_REQUEST_PARAMETERS": GatewayResponse(400, "The request could not be understood."),
    "REQUEST_TOO_LARGE": GatewayResponse(413, "The body is too large."),
    "UNSUPPORTED_MEDIA_TYPE": GatewayResponse(415, "The body must be application/json."),
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
