"""Make `chalice local` authenticate as the deployed gateway does.

By itself it verifies no token: it takes an ID token's claims on trust, gives an access token none,
and fails on a token without dots. `app.py` calls `install` when the stage `local` asks for it, so
that both answer a request alike: same claims, same errors, same shape.
"""

import os
import sys
import uuid
from collections.abc import Sequence
from typing import Any

import chalice.local
import jwt
from chalice import Chalice
from chalice.config import Config
from chalice.local import LambdaContext, LocalGatewayAuthorizer, LocalGatewayException

from infra.function.gateway_responses import RESPONSES
from local.cloud import become_root_of_the_local_cloud
from local.home import LocalError, current_home


class GatewayError(LocalGatewayException):
    """One of the gateway's own errors, by its response type."""

    def __init__(self, kind: str, request_id: str) -> None:
        response = RESPONSES[kind]
        self.CODE = response.status
        super().__init__(response.all_headers(), response.body(request_id).encode())


class TokenVerifier:
    """Verifies access tokens of one user pool against its published keys."""

    def __init__(self, jwks_url: str, issuer: str) -> None:
        self._keys = jwt.PyJWKClient(jwks_url)
        self._issuer = issuer

    def claims(self, token: str, scopes: Sequence[str]) -> dict[str, Any]:
        """The claims of a valid access token with one of the scopes. Raises `jwt.PyJWTError`."""
        claims: dict[str, Any] = jwt.decode(
            token,
            self._keys.get_signing_key_from_jwt(token).key,
            algorithms=["RS256"],
            issuer=self._issuer,
            options={"require": ["exp", "iss", "sub", "client_id", "token_use"]},
        )
        if claims["token_use"] != "access" or not claims["client_id"]:  # noqa: S105 - no secret
            raise jwt.InvalidTokenError("not an access token of an app client")
        if not set(scopes) & set(str(claims.get("scope", "")).split()):
            raise jwt.InvalidTokenError("none of the scopes")
        return claims


class _Authorizer(LocalGatewayAuthorizer):
    def __init__(self, app: Chalice, verifier: TokenVerifier) -> None:
        super().__init__(app)
        self._app = app
        self._verifier = verifier

    def authorize(
        self, raw_path: str, lambda_event: dict[str, Any], lambda_context: LambdaContext
    ) -> tuple[dict[str, Any], LambdaContext]:
        context, request_id = lambda_event["requestContext"], lambda_context.aws_request_id
        route = self._app.routes[context["resourcePath"]].get(context["httpMethod"])
        if route is None or route.authorizer is None:
            raise GatewayError("MISSING_AUTHENTICATION_TOKEN", request_id)
        token = lambda_event["headers"].get("authorization", "")
        if token[:7].lower() == "bearer ":
            token = token[7:]
        try:
            claims = self._verifier.claims(token.strip(), route.authorizer.scopes)
        except jwt.PyJWKClientConnectionError as error:
            print("error: the local cloud does not answer; start it with `make run`", flush=True)
            raise GatewayError("AUTHORIZER_FAILURE", request_id) from error
        # The second: a token whose JSON is so deep that reading it exhausts the stack.
        except (jwt.PyJWTError, RecursionError) as error:
            raise GatewayError("UNAUTHORIZED", request_id) from error
        context["authorizer"] = {"claims": {key: str(value) for key, value in claims.items()}}
        return lambda_event, lambda_context


def install() -> None:
    """Point this process at the local cloud and have `chalice local` verify tokens.

    Ends the process with a sentence if nothing is deployed there.
    """
    try:
        stack = current_home().stack()
    except LocalError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)
        # With reload, Chalice imports the application in a thread: `sys.exit` would end only that.
        os._exit(1)
    become_root_of_the_local_cloud()
    os.environ.update(
        TABLE_NAME=stack["table_name"],
        USER_POOL_ARN=stack["user_pool_arn"],
        AWS_ENDPOINT_URL=stack["endpoint_url"],
        AWS_DEFAULT_REGION=stack["region"],
    )
    pool = stack["user_pool_id"]
    verifier = TokenVerifier(
        f"{stack['endpoint_url']}/{pool}/.well-known/jwks.json",
        f"https://cognito-idp.{stack['region']}.amazonaws.com/{pool}",
    )

    class Gateway(chalice.local.LocalGateway):
        def __init__(self, app_object: Chalice, config: Config) -> None:
            super().__init__(app_object, config)
            self._authorizer = _Authorizer(app_object, verifier)

        def handle_request(self, method: str, path: str, *rest: Any, **named: Any) -> Any:
            # To Chalice they would end the path, and what follows would be ignored.
            path = path.replace("#", "%23").replace(";", "%3B")
            try:
                return super().handle_request(method, path, *rest, **named)
            except GatewayError:
                raise
            # The second: Chalice repeats the Authorization header, which it wants to be ASCII.
            except (LocalGatewayException, UnicodeEncodeError) as error:
                request_id = str(uuid.uuid4())
                raise GatewayError("MISSING_AUTHENTICATION_TOKEN", request_id) from error

    chalice.local.LocalGateway = Gateway  # type: ignore[misc] # there is no other seam
