"""Chalice's local gateway with the rules of the deployed gateway.

It relies on undocumented parts of Chalice: `chalice.local.LocalGateway`
with `_authorizer`, `_generate_lambda_event`, and `handle_request`, which calls its `authorize`
before the application and raises `LocalGatewayException` for a path without a route.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from chalice import Chalice
from chalice.config import Config
from chalice.local import (
    LambdaContext,
    LocalGateway,
    LocalGatewayAuthorizer,
    LocalGatewayException,
)


class GatewayError(LocalGatewayException):
    """A response of the gateway itself, to a request that does not reach the application."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.CODE = status
        super().__init__(dict(headers), body)


class Rules(Protocol):
    """The checks of a gateway before it calls the application."""

    def claims(
        self, authorization: str, scopes: Sequence[str], request_id: str
    ) -> Mapping[str, str]:
        """Return the claims of the token in an Authorization header. Raises `GatewayError`."""

    def no_route(self, request_id: str) -> GatewayError:
        """Return the response to a request without a route."""


class _Authorizer(LocalGatewayAuthorizer):
    def __init__(self, app: Chalice, rules: Rules) -> None:
        super().__init__(app)
        self._app = app
        self._rules = rules

    def authorize(
        self, raw_path: str, lambda_event: dict[str, Any], lambda_context: LambdaContext
    ) -> tuple[dict[str, Any], LambdaContext]:
        context, request_id = lambda_event["requestContext"], lambda_context.aws_request_id
        route = self._app.routes[context["resourcePath"]].get(context["httpMethod"])
        if route is None or route.authorizer is None:
            raise self._rules.no_route(request_id)
        authorization = lambda_event["headers"].get("authorization", "")
        claims = self._rules.claims(authorization, route.authorizer.scopes, request_id)
        context["authorizer"] = {"claims": dict(claims)}
        return lambda_event, lambda_context


class Gateway(LocalGateway):
    """Chalice's local gateway with our rules.

    Chalice's own rules verify no token. They trust the claims of an ID token, pass no claims of an
    access token, and fail on a token without dots. `prefix` is the API's path, such as `/api`. The
    application finds it in the event, as from the deployed gateway.
    """

    def __init__(self, app: Chalice, config: Config, rules: Rules, prefix: str = "") -> None:
        super().__init__(app, config)
        self._prefix = prefix
        self._authorizer = _Authorizer(app, rules)
        self._rules = rules

    def handle_request(
        self, method: str, path: str, headers: dict[str, Any], body: bytes | None
    ) -> dict[str, Any]:
        # In Chalice these characters would end the path, and it would ignore the rest.
        path = path.replace("#", "%23").replace(";", "%3B")
        if self._prefix and not path.startswith(f"{self._prefix}/"):
            raise self._rules.no_route(str(uuid.uuid4()))
        try:
            return super().handle_request(method, path, headers, body)
        except GatewayError:
            raise
        # UnicodeEncodeError: Chalice repeats the Authorization header, and requires it to be ASCII.
        except (LocalGatewayException, UnicodeEncodeError) as error:
            raise self._rules.no_route(str(uuid.uuid4())) from error

    def _generate_lambda_event(
        self, method: str, path: str, headers: dict[str, Any], body: bytes | None
    ) -> dict[str, Any]:
        resource = path.removeprefix(self._prefix)
        event: dict[str, Any] = super()._generate_lambda_event(method, resource, headers, body)
        event["requestContext"]["path"] = path.partition("?")[0]
        return event
