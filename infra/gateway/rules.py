"""Verify a request's token as the deployed gateway does, and respond with the gateway's errors."""

from collections.abc import Callable, Sequence

import jwt

from chalicelib import observability
from infra.function.gateway_responses import RESPONSES
from infra.gateway.chalice_gateway import GatewayError
from infra.gateway.tokens import TokenVerifier


class DeployedRules:
    """The rules of the deployed gateway, for `infra.gateway.chalice_gateway.Gateway`.

    They call `report` if the user pool's keys cannot be fetched. By default it logs the error.
    """

    def __init__(
        self,
        verifier: TokenVerifier,
        report: Callable[[Exception], None] = observability.log_failure,
    ) -> None:
        self._verifier = verifier
        self._report = report

    def claims(self, authorization: str, scopes: Sequence[str], request_id: str) -> dict[str, str]:
        """Return the claims of the access token, as strings. Raises `GatewayError`."""
        token = authorization
        if token[:7].lower() == "bearer ":
            token = token[7:]
        try:
            claims = self._verifier.claims(token.strip(), scopes)
        except jwt.PyJWKClientConnectionError as error:
            self._report(error)
            raise gateway_error("AUTHORIZER_FAILURE", request_id) from error
        # RecursionError: the token's JSON is so deep that parsing it exhausts the stack.
        except (jwt.PyJWTError, RecursionError) as error:
            raise gateway_error("UNAUTHORIZED", request_id) from error
        return {key: str(value) for key, value in claims.items()}

    def no_route(self, request_id: str) -> GatewayError:
        """Return the response to a path or method that the API does not have."""
        return gateway_error("MISSING_AUTHENTICATION_TOKEN", request_id)


def gateway_error(kind: str, request_id: str) -> GatewayError:
    """Return the gateway's response of a type, such as `UNAUTHORIZED`."""
    response = RESPONSES[kind]
    return GatewayError(response.status, response.all_headers(), response.body(request_id).encode())
