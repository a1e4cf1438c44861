"""The errors of the API, and the one place where they become HTTP responses.

    ApiError
    ├── InvalidRequest      400  names the fields
    │   └── BodyTooLarge    413
    ├── Unauthenticated     401
    ├── NoSuchResource      404
    ├── ResourceNotFound    404
    ├── PreconditionFailed  412
    ├── UnsupportedMediaType 415
    ├── EventRefused        501  another service's event
    └── Unavailable         503  Retry-After
        ├── CircuitOpen     503  it was not even tried
        └── OutcomeUnknown  503  a write that may or may not have happened

Every error response is a problem detail (RFC 9457), Chalice's own included.
`infra/function/gateway_responses.py` gives the gateway's errors the same form. A problem detail
never contains internal details.
"""

import json
import math
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from chalice.app import ChaliceUnhandledError, Request, Response

from chalicelib import config
from chalicelib.cors import HEADERS as CORS_HEADERS

PROBLEM_JSON = "application/problem+json"
#: The types of problems are names in here.
PROBLEM_TYPES = f"urn:problem-type:{config.app_name()}"
PROBLEM_HEADERS = {"Content-Type": PROBLEM_JSON, "Cache-Control": "no-store"}

# The detail of a status without a cause of its own. The gateway's errors have the same text.
DETAILS = {
    HTTPStatus.BAD_REQUEST: "The request could not be understood.",
    HTTPStatus.UNAUTHORIZED: "A valid access token is required.",
    HTTPStatus.NOT_FOUND: "There is no such resource.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This resource does not support this method.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body must be application/json.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong on our side.",
}

GetResponse = Callable[[Request], Response]


# Chalice itself responds to any other error of a route, before the middleware can see it.
class ApiError(ChaliceUnhandledError):
    """Base of all errors that become a response. The client sees `detail`."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    #: The type of the problem, for programs. `None`: the status is enough.
    type: str | None = None

    def __init__(self, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = headers or {}

    def members(self) -> dict[str, Any]:
        """Return the members of the problem beyond the standard members."""
        return {}


class InvalidRequest(ApiError):
    """The request is invalid. `field` is the place, in the client's terms."""

    status = HTTPStatus.BAD_REQUEST
    type: str | None = "invalid-request"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.field = field
        self.message = message

    def members(self) -> dict[str, Any]:
        return {"errors": [{"field": self.field, "message": self.message}]}


def malformed(member: str) -> InvalidRequest:
    """Return the error about a member of an event that a REST API would not send."""
    return InvalidRequest(member, "is missing, or has a type that a REST API never sends")


class BodyTooLarge(InvalidRequest):
    """The body is larger than any valid item."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    type = None


class Unauthenticated(ApiError):
    """The request has no verified access token."""

    status = HTTPStatus.UNAUTHORIZED

    def __init__(self) -> None:
        super().__init__(DETAILS[self.status], {"WWW-Authenticate": "Bearer"})


class NoSuchResource(ApiError):
    """The gateway has a resource that this version of the function lacks."""

    status = HTTPStatus.NOT_FOUND

    def __init__(self) -> None:
        super().__init__(DETAILS[self.status])


class ResourceNotFound(ApiError):
    """This user has no such resource. Another user may have one with this id."""

    status = HTTPStatus.NOT_FOUND

    def __init__(self, noun: str) -> None:
        super().__init__(f"There is no such {noun}.")


class PreconditionFailed(ApiError):
    """If-Match or If-None-Match did not hold, so the write was not applied."""

    status = HTTPStatus.PRECONDITION_FAILED

    def __init__(self) -> None:
        super().__init__("The resource does not meet the request's precondition.")


class UnsupportedMediaType(ApiError):
    """The Content-Type is not application/json."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE

    def __init__(self) -> None:
        super().__init__(DETAILS[self.status])


class EventRefused(ApiError):
    """The event is another service's, not a request of a REST API."""

    status = HTTPStatus.NOT_IMPLEMENTED

    def __init__(self, sender: str) -> None:
        super().__init__(
            f"This function handles requests of an API Gateway REST API, not {sender}."
        )


class Unavailable(ApiError):
    """A dependency did not respond in time. Except for `OutcomeUnknown`, no change was made."""

    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(
        self, detail: str = "The service is busy. Try again.", retry_after: float = 1
    ) -> None:
        super().__init__(detail, {"Retry-After": str(math.ceil(retry_after))})


class CircuitOpen(Unavailable):
    """The circuit breaker is open (see `chalicelib.breaker`), so no request was sent."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(retry_after=retry_after)


class OutcomeUnknown(Unavailable):
    """A write was sent and its response was lost: it may or may not have been applied."""

    type = "outcome-unknown"

    def __init__(self) -> None:
        super().__init__("The change may or may not have been applied. Read the resource to check.")


def problem_body(
    status: int, request_id: str, detail: str, type: str | None = None, **members: Any
) -> str:
    """Return a problem detail. `instance` is the request's id, which is also in its log line."""
    problem = {
        "type": f"{PROBLEM_TYPES}:{type}" if type else "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request_id,
        **members,
    }
    return json.dumps(problem, separators=(",", ":"))


def _response(status: int, body: str, headers: Mapping[str, str]) -> Response:
    return Response(
        body=body,
        status_code=status,
        headers={**PROBLEM_HEADERS, **CORS_HEADERS, **headers},
    )


def _of_the_status(status: int, request_id: str, headers: Mapping[str, str]) -> Response:
    """Return a problem whose status is enough for the client."""
    detail = DETAILS.get(HTTPStatus(status), DETAILS[HTTPStatus.INTERNAL_SERVER_ERROR])
    return _response(status, problem_body(status, request_id, detail), headers)


def problem(error: ApiError, request_id: str) -> Response:
    """Return the response to an error: a problem detail with CORS headers."""
    body = problem_body(error.status, request_id, error.detail, error.type, **error.members())
    return _response(error.status, body, error.headers)


def request_id(request: Request) -> str:
    """Return the gateway's id of the request, or the invocation's if a header cannot hold that."""
    value = request.context.get("requestId")
    if isinstance(value, str) and value and value.isascii() and value.isprintable():
        return value
    return str(getattr(request.lambda_context, "aws_request_id", ""))


def problem_details(
    log_failure: Callable[[BaseException], None],
) -> Callable[[Request, GetResponse], Response]:
    """Return the middleware that makes every error a problem detail.

    `log_failure` receives the cause of each 5xx. The client's response does not contain it.
    """

    def middleware(request: Request, get_response: GetResponse) -> Response:
        try:
            response = get_response(request)
        except ApiError as error:
            if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                log_failure(error)
            response = problem(error, request_id(request))
        except Exception as error:
            log_failure(error)
            response = _of_the_status(HTTPStatus.INTERNAL_SERVER_ERROR, request_id(request), {})
        else:
            if response.status_code >= HTTPStatus.BAD_REQUEST:
                # It is Chalice's own, and its text would repeat parts of the request.
                allow = response.headers.get("Allow")
                headers = {"Allow": allow} if isinstance(allow, str) else {}
                response = _of_the_status(response.status_code, request_id(request), headers)
        return response

    return middleware
