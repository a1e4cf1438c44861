"""Sign access tokens with a key of this machine."""

import hashlib
import os
import secrets
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from infra.gateway.tokens import TokenVerifier
from local.home import LocalError
from local.sign_in import SCOPES

_ISSUER = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_embedded"
_LIFETIME = 15 * 60  # seconds, as the user pool's access tokens


class SigningKey:
    """An RSA key that replaces a user pool: it signs access tokens for any user.

    Its tokens are accepted only by a verifier of the same key.
    """

    issuer = _ISSUER

    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        self._key = key
        public = key.public_key()
        der = public.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.key_id = hashlib.sha256(der).hexdigest()[:16]
        jwk = jwt.algorithms.RSAAlgorithm.to_jwk(public, as_dict=True)
        self._public = jwt.PyJWK({**jwk, "kid": self.key_id, "alg": "RS256", "use": "sig"})

    @classmethod
    def generate(cls) -> "SigningKey":
        return cls(rsa.generate_private_key(public_exponent=65537, key_size=2048))

    @classmethod
    def load_or_create(cls, file: Path) -> "SigningKey":
        """Return the key in `file`, which is created with mode 0600 if it does not exist.

        Raises `LocalError` if the file holds no RSA key.
        """
        if not file.exists():
            _create(file, cls.generate().pem())
        try:
            key = serialization.load_pem_private_key(file.read_bytes(), None)
        except ValueError as error:
            raise LocalError(f"{file} holds no private key: delete it for a new one") from error
        if not isinstance(key, rsa.RSAPrivateKey):
            raise LocalError(f"{file} holds no RSA key: delete it for a new one")
        return cls(key)

    def pem(self) -> bytes:
        return self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def verifier(self) -> TokenVerifier:
        return TokenVerifier(self, self.issuer)

    def get_signing_key_from_jwt(self, token: str) -> jwt.PyJWK:
        """Return the public key. Raises `jwt.PyJWKClientError` for a token of another key."""
        if jwt.get_unverified_header(token).get("kid") != self.key_id:
            raise jwt.PyJWKClientError("the token is signed with another key")
        return self._public

    def token(
        self, subject: str, scopes: Sequence[str] = SCOPES, lifetime: int = _LIFETIME, **claims: Any
    ) -> str:
        """Return an access token that is valid for `lifetime` seconds.

        `claims` replace the usual claims, or remove them with `None`.
        """
        now = int(time.time())
        usual = {
            "iss": self.issuer,
            "sub": subject,
            "client_id": "embedded",
            "token_use": "access",
            "scope": " ".join(scopes),
            "iat": now,
            "exp": now + lifetime,
            "jti": str(uuid.uuid4()),
        }
        payload = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        return jwt.encode(payload, self._key, algorithm="RS256", headers={"kid": self.key_id})


def subject_of(username: str) -> str:
    """Return the `sub` of a user: a UUID as Cognito's, which is constant for the user."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{_ISSUER}/{username}"))


def _create(file: Path, content: bytes) -> None:
    """Create a file of mode 0600 atomically. An existing file stays unchanged."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as output:
        output.write(content)
    try:
        os.link(draft, file)
    except FileExistsError:
        pass  # another process was faster, so use its key
    finally:
        draft.unlink()
