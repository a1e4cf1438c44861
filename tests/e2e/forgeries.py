"""Tokens that are wrong in one thing each, and what they are made of."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from local.cloud import Cloud
from local.sign_in import CALLBACK, SCOPES, sign_in
from tests.e2e.conftest import create_user

Claims = dict[str, Any]


def _encoded(part: bytes | dict[str, Any]) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _claims(token: str) -> Claims:
    claims: Claims = jwt.decode(token, options={"verify_signature": False})
    return claims


@dataclass(frozen=True)
class Material:
    """Real tokens, each right in all but one thing, and what forgeries are made of."""

    token: str
    read_only: str
    id_token: str
    refresh_token: str
    expired: str
    other_pool: str
    public_key: bytes
    own_key: rsa.RSAPrivateKey

    @classmethod
    def gathered(
        cls,
        cloud: Cloud,
        stack: dict[str, Any],
        user: dict[str, str],
        token: str,
        read_only: str,
    ) -> "Material":
        """All but the user's own two access tokens; takes a second or two to expire."""
        scopes = ("openid", *SCOPES)
        tokens = sign_in(stack["login_url"], stack["client_id"], **user, scopes=scopes)
        keys = jwt.PyJWKClient(f"{cloud.endpoint}/{stack['user_pool_id']}/.well-known/jwks.json")
        public_key = keys.get_signing_key_from_jwt(token).key
        return cls(
            token=token,
            read_only=read_only,
            id_token=tokens["id_token"],
            refresh_token=tokens["refresh_token"],
            expired=_expired(cloud, stack, user),
            other_pool=_other_pool(cloud, user),
            public_key=public_key.public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            ),
            own_key=rsa.generate_private_key(public_exponent=65537, key_size=2048),
        )

    @property
    def claims(self) -> Claims:
        return _claims(self.token)

    @property
    def kid(self) -> str:
        return str(jwt.get_unverified_header(self.token)["kid"])

    def signed(self, **header: Any) -> str:
        """The right claims, signed with a key of our own."""
        headers = {"kid": self.kid, **header}
        return jwt.encode(self.claims, self.own_key, algorithm="RS256", headers=headers)

    def own_jwk(self) -> dict[str, Any]:
        jwk: dict[str, Any] = json.loads(
            jwt.algorithms.RSAAlgorithm.to_jwk(self.own_key.public_key())
        )
        return {**jwk, "kid": "ours"}

    def hmac(self) -> str:
        """The right claims, "signed" with the public key as if it were a shared secret."""
        header = {"alg": "HS256", "typ": "JWT", "kid": self.kid}
        message = f"{_encoded(header)}.{_encoded(self.claims)}"
        signature = hmac.new(self.public_key, message.encode(), hashlib.sha256).digest()
        return f"{message}.{_encoded(signature)}"

    def altered(self, token: str, **claims: Any) -> str:
        """A real token with other claims under its signature."""
        header, _, signature = token.split(".")
        return f"{header}.{_encoded({**_claims(token), **claims})}.{signature}"

    def spliced(self, *parts: bytes | dict[str, Any]) -> str:
        return ".".join([*map(_encoded, parts), self.token.split(".")[2]])


def _app_client(cloud: Cloud, pool_id: str, validity: int, unit: str) -> str:
    """An app client like the command line's in infra/data.yaml, but for its tokens' life."""
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
    """A real access token, with both scopes, of a pool that is not ours."""
    cognito = cloud.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="other", UsernameAttributes=["email"])
    pool_id = str(pool["UserPool"]["Id"])
    scopes = [{"ScopeName": name, "ScopeDescription": name} for name in ("read", "write")]
    cognito.create_resource_server(
        UserPoolId=pool_id, Identifier="items", Name="items", Scopes=scopes
    )
    cognito.create_user_pool_domain(UserPoolId=pool_id, Domain="other")
    create_user(cloud, pool_id, user)
    client_id = _app_client(cloud, pool_id, 15, "minutes")
    token = sign_in(cloud.endpoint, client_id, **user)["access_token"]
    assert pool_id in _claims(token)["iss"]
    return token


def _expired(cloud: Cloud, stack: dict[str, Any], user: dict[str, str]) -> str:
    """A real token whose time has really passed; while it lasted, its like was accepted."""
    for validity, unit in (15, "minutes"), (1, "seconds"):
        client_id = _app_client(cloud, stack["user_pool_id"], validity, unit)
        token = sign_in(stack["login_url"], client_id, **user)["access_token"]
        if unit == "minutes":
            headers = {"Authorization": f"Bearer {token}"}
            assert httpx.get(f"{stack['api_url']}/items", headers=headers).status_code == 200
    while time.time() < _claims(token)["exp"] + 1:
        time.sleep(0.1)
    return token


#: By what is wrong: the Authorization header, None for no header at all.
REFUSED: dict[str, Callable[[Material], str | None]] = {
    "no header": lambda m: None,
    "empty": lambda m: "",
    "scheme alone": lambda m: "Bearer",
    "garbage": lambda m: "Bearer garbage",
    "without dots": lambda m: "Bearer " + m.token.replace(".", ""),
    "three parts of garbage": lambda m: "Bearer a.b.c",
    "not ASCII": lambda m: "Bearer geheimnis-ü.ü.ü",
    "JSON but no objects": lambda m: "Bearer " + m.spliced(b"[]", b'"claims"'),
    "not JSON": lambda m: "Bearer " + m.spliced(b"\xff\xfe", b"\xff"),
    "another scheme": lambda m: "Basic " + base64.b64encode(b"alice:secret").decode(),
    "alg none": lambda m: (
        "Bearer " + jwt.encode(m.claims, "", algorithm="none", headers={"kid": m.kid})
    ),
    "alg none, real signature": lambda m: (
        "Bearer " + m.spliced({"alg": "none", "kid": m.kid}, m.claims)
    ),
    "another key, the pool's kid": lambda m: "Bearer " + m.signed(),
    "another key, unknown kid": lambda m: "Bearer " + m.signed(kid="ours"),
    "another key, sent along": lambda m: "Bearer " + m.signed(kid="ours", jwk=m.own_jwk()),
    "HS256 with the public key": lambda m: "Bearer " + m.hmac(),
    "no signature": lambda m: "Bearer " + m.token.rpartition(".")[0] + ".",
    "another subject": lambda m: "Bearer " + m.altered(m.token, sub="0" * 8),
    "later expiry": lambda m: "Bearer " + m.altered(m.expired, exp=int(time.time()) + 900),
    "wider scope": lambda m: "Bearer " + m.altered(m.read_only, scope=" ".join(SCOPES)),
    "expired": lambda m: "Bearer " + m.expired,
    "another pool's": lambda m: "Bearer " + m.other_pool,
    "ID token": lambda m: "Bearer " + m.id_token,
    "refresh token": lambda m: "Bearer " + m.refresh_token,
}
