"""Authorization of the routes, and the caller of a request.

API Gateway verifies the token before the function runs. With scopes on a method it demands an
access token that has one of them. Without scopes it would demand an ID token. So every route names
one of the two authorizers below.
"""

import re
from collections.abc import Mapping
from typing import Any

from chalice.app import CognitoUserPoolAuthorizer

from chalicelib import config
from chalicelib.errors import Unauthenticated

_POOL = CognitoUserPoolAuthorizer("cognito", provider_arns=[config.user_pool_arn()])

#: The scopes of the resource server in infra/templates/data.yaml.
READ_SCOPE = f"{config.app_name()}/read"
WRITE_SCOPE = f"{config.app_name()}/write"

readers = _POOL.with_scopes([READ_SCOPE])
writers = _POOL.with_scopes([WRITE_SCOPE])

# A user's `sub` is a UUID, and a machine client's is its client id. The pattern excludes the `#`
# that separates an owner from a kind in the table's key.
_SUBJECT = re.compile(r"[A-Za-z0-9_-]{1,128}")


def claims_of(context: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the token's claims from an event's `requestContext`, empty without a token."""
    authorizer = context.get("authorizer")
    claims = authorizer.get("claims") if isinstance(authorizer, dict) else None
    return claims if isinstance(claims, dict) else {}


def current_user(context: Mapping[str, Any]) -> str:
    """Return the owner: the `sub` of the access token that the gateway verified.

    `context` is the event's `requestContext`. Raises `Unauthenticated` unless it holds the claims
    of an access token. So a request that came past the gateway has no owner.
    """
    claims = claims_of(context)
    if claims.get("token_use") != "access":
        raise Unauthenticated
    # An access token has no such claim. Chalice's own local gateway passes on any token's claims
    # unverified, but only of a token that has it.
    if "cognito:username" in claims:
        raise Unauthenticated
    subject = claims.get("sub")
    if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
        raise Unauthenticated
    return subject
