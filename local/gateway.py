"""Verify a request's token as the deployed gateway does, and respond with the gateway's errors."""

from collections.abc import Sequence

import jwt

from infra.function.gateway_responses import RESPONSES
from local.chalice_internals import GatewayError
from local.tokens import TokenVerifier


class DeployedRules:
    """The rules of the deployed gateway, for `local.chalice_internals.Gateway`."""

    def __init__(self, verifier: TokenVerifier) -> None:
        self._verifier = verifier

    def claims(self, authorization: str, scopes: Sequence[str], request_id: str) -> dict[str, str]:
        """Return the claims of the access token, as strings. Raises `GatewayError`."""
        token = authorization
        if token[:7].lower() == "bearer ":
            token = token[7:]
        try:
            claims = self._verifier.claims(token.strip(), scopes)
        except jwt.PyJWKClientConnectionError as error:
            print("error: the local cloud does not answer; start it with `make run`", flush=True)
            raise _response("AUTHORIZER_FAILURE", request_id) from error
        # The second: a token whose JSON is so deep that reading it exhausts the stack.
        except (jwt.PyJWTError, RecursionError) as error:
            raise _response("UNAUTHORIZED", request_id) from error
        return {key: str(value) for key, value in claims.items()}

    def no_route(self, request_id: str) -> GatewayError:
        """Return the response to a path or method that the API does not have."""
        return _response("MISSING_AUTHENTICATION_TOKEN", request_id)


def _response(kind: str, request_id: str) -> GatewayError:
    response = RESPONSES[kind]
    return GatewayError(response.status, response.all_headers(), response.body(request_id).encode())
