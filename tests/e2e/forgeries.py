"""Tokens with one fault each, made from a user's real tokens."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from local.sign_in import SCOPES

Claims = dict[str, Any]


def _encoded(part: bytes | dict[str, Any]) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def claims(token: str) -> Claims:
    """Return a token's claims without a check of the signature."""
    found: Claims = jwt.decode(token, options={"verify_signature": False})
    return found


@dataclass(frozen=True, repr=False)  # which a failing test would print
class Material:
    """A user's real tokens, and the material for forgeries."""

    token: str
    read_only: str
    id_token: str
    refresh_token: str
    public_key: bytes
    own_key: rsa.RSAPrivateKey

    @staticmethod
    def keys(jwks_url: str, token: str) -> dict[str, Any]:
        """Return two keys: the public key of this token, and our own key."""
        public_key = jwt.PyJWKClient(jwks_url).get_signing_key_from_jwt(token).key
        return {
            "public_key": public_key.public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            ),
            "own_key": rsa.generate_private_key(public_exponent=65537, key_size=2048),
        }

    @property
    def claims(self) -> Claims:
        return claims(self.token)

    @property
    def kid(self) -> str:
        return str(jwt.get_unverified_header(self.token)["kid"])

    def signed(self, **header: Any) -> str:
        """Return the right claims, signed with our own key."""
        headers = {"kid": self.kid, **header}
        return jwt.encode(self.claims, self.own_key, algorithm="RS256", headers=headers)

    def own_jwk(self) -> dict[str, Any]:
        jwk: dict[str, Any] = json.loads(
            jwt.algorithms.RSAAlgorithm.to_jwk(self.own_key.public_key())
        )
        return {**jwk, "kid": "ours"}

    def hmac(self) -> str:
        """Return the right claims, "signed" with the public key as a shared secret."""
        header = {"alg": "HS256", "typ": "JWT", "kid": self.kid}
        message = f"{_encoded(header)}.{_encoded(self.claims)}"
        signature = hmac.new(self.public_key, message.encode(), hashlib.sha256).digest()
        return f"{message}.{_encoded(signature)}"

    def altered(self, token: str, **changed: Any) -> str:
        """Return a real token with other claims under its signature."""
        header, _, signature = token.split(".")
        return f"{header}.{_encoded({**claims(token), **changed})}.{signature}"

    def spliced(self, *parts: bytes | dict[str, Any]) -> str:
        return ".".join([*map(_encoded, parts), self.token.split(".")[2]])


#: The Authorization header by fault. None means no header.
FORGED: dict[str, Callable[[Material], str | None]] = {
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
    "wider scope": lambda m: "Bearer " + m.altered(m.read_only, scope=" ".join(SCOPES)),
    "ID token": lambda m: "Bearer " + m.id_token,
    "refresh token": lambda m: "Bearer " + m.refresh_token,
}
