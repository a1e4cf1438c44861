"""Verify access tokens of a user pool."""

from collections.abc import Sequence
from typing import Any, Protocol

import jwt

_REQUIRED = ["exp", "iss", "sub", "client_id", "token_use"]
#: Other requests wait while the keys are fetched.
_SECONDS = 5
#: A key that the pool has withdrawn is accepted for this long. For an unknown key, the keys are
#: fetched at most every 30 seconds.
_LIFESPAN = 60 * 60


class Keys(Protocol):
    """The public keys of an issuer."""

    def get_signing_key_from_jwt(self, token: str) -> jwt.PyJWK:
        """Return the key that the token's header names. Raises `jwt.PyJWTError`."""


class TokenVerifier:
    """Verifies access tokens of one issuer against its public keys."""

    def __init__(self, keys: Keys, issuer: str) -> None:
        self._keys = keys
        self._issuer = issuer

    @classmethod
    def of_pool(cls, region: str, pool_id: str, endpoint_url: str = "") -> "TokenVerifier":
        """Return the verifier of a user pool, whose keys are fetched from AWS or `endpoint_url`."""
        aws = f"https://cognito-idp.{region}.amazonaws.com"
        url = f"{endpoint_url or aws}/{pool_id}/.well-known/jwks.json"
        return cls(jwt.PyJWKClient(url, lifespan=_LIFESPAN, timeout=_SECONDS), f"{aws}/{pool_id}")

    def claims(self, token: str, scopes: Sequence[str]) -> dict[str, Any]:
        """Return the claims of a valid access token that has one of the scopes.

        Raises `jwt.PyJWTError`.
        """
        claims: dict[str, Any] = jwt.decode(
            token,
            self._keys.get_signing_key_from_jwt(token).key,
            algorithms=["RS256"],
            issuer=self._issuer,
            options={"require": _REQUIRED},
        )
        if claims["token_use"] != "access" or not claims["client_id"]:  # noqa: S105 - no secret
            raise jwt.InvalidTokenError("not an access token of an app client")
        if not set(scopes) & set(str(claims.get("scope", "")).split()):
            raise jwt.InvalidTokenError("none of the scopes")
        return claims
