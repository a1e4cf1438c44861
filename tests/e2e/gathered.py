"""Tokens that are right in all but one thing, and cannot be forged: they have to be got."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from local.cloud import Cloud
from local.sign_in import CALLBACK, SCOPES, sign_in
from tests.e2e.forgeries import FORGED, Material, claims
from tests.e2e.users import create_user

if TYPE_CHECKING:
    from types_boto3_cognito_idp.literals import TimeUnitsTypeType


@dataclass(frozen=True, repr=False)
class Gathered(Material):
    """A user's tokens, one that has expired, and one of another pool's."""

    expired: str
    other_pool: str

    @classmethod
    def of(
        cls,
        cloud: Cloud,
        stack: dict[str, Any],
        user: dict[str, str],
        token: str,
        read_only: str,
    ) -> "Gathered":
        """Collect the material, except the user's two access tokens, in about two seconds."""
        scopes = ("openid", *SCOPES)
        tokens = sign_in(stack["login_url"], stack["client_id"], **user, scopes=scopes)
        jwks_url = f"{cloud.endpoint}/{stack['user_pool_id']}/.well-known/jwks.json"
        return cls(
            token=token,
            read_only=read_only,
            id_token=tokens["id_token"],
            refresh_token=tokens["refresh_token"],
            expired=_expired(cloud, stack, user),
            other_pool=_other_pool(cloud, user),
            **cls.keys(jwks_url, token),
        )


def _app_client(cloud: Cloud, pool_id: str, validity: int, unit: "TimeUnitsTypeType") -> str:
    """Create an app client like the command line's in data.yaml, with another token lifetime."""
    answer = cloud.client("cognito-idp").create_user_pool_client(
        UserPoolId=pool_id,
        ClientName=f"{validity} {unit}",
        GenerateSecret=False,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid", *SCOPES],
        CallbackURLs=[CALLBACK],
        SupportedIdentityProviders=["COGNITO"],
        ExplicitAuthFlows=["ALLOW_REFRESH_TOKEN_AUTH"],
        AccessTokenValidity=validity,
        TokenValidityUnits={"AccessToken": unit},
    )
    return str(answer["UserPoolClient"]["ClientId"])


def _other_pool(cloud: Cloud, user: dict[str, str]) -> str:
    """Return a real access token with both scopes of another pool."""
    cognito = cloud.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="other", UsernameAttributes=["email"])
    pool_id = str(pool["UserPool"]["Id"])
    cognito.create_resource_server(
        UserPoolId=pool_id,
        Identifier="items",
        Name="items",
        Scopes=[{"ScopeName": name, "ScopeDescription": name} for name in ("read", "write")],
    )
    cognito.create_user_pool_domain(UserPoolId=pool_id, Domain="other")
    create_user(cognito, pool_id, user)
    client_id = _app_client(cloud, pool_id, 15, "minutes")
    token = sign_in(cloud.endpoint, client_id, **user)["access_token"]
    assert pool_id in claims(token)["iss"]
    return token


def _expired(cloud: Cloud, stack: dict[str, Any], user: dict[str, str]) -> str:
    """Return a real, expired token. An equal token was accepted before its expiry."""
    lives: list[tuple[int, TimeUnitsTypeType]] = [(15, "minutes"), (1, "seconds")]
    for validity, unit in lives:
        client_id = _app_client(cloud, stack["user_pool_id"], validity, unit)
        token = sign_in(stack["login_url"], client_id, **user)["access_token"]
        if unit == "minutes":
            headers = {"Authorization": f"Bearer {token}"}
            assert httpx.get(f"{stack['api_url']}/items", headers=headers).status_code == 200
    while time.time() < claims(token)["exp"] + 1:
        time.sleep(0.1)
    return token


#: The Authorization header by fault. None means no header.
REFUSED: dict[str, Callable[[Gathered], str | None]] = {
    **FORGED,
    "later expiry": lambda m: "Bearer " + m.altered(m.expired, exp=int(time.time()) + 900),
    "expired": lambda m: "Bearer " + m.expired,
    "another pool's": lambda m: "Bearer " + m.other_pool,
}
