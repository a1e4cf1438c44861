"""Unsigned tokens, and tokens in places where the gateway does not look."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from chalicelib.auth import READ_SCOPE, WRITE_SCOPE
from tests.e2e.attack.rows import Headers
from tests.e2e.forgeries import Material

Forgery = Callable[[Material], Headers]


def _bearer(token: Callable[[Material], str]) -> Forgery:
    return lambda material: (("Authorization", f"Bearer {token(material)}"),)


def _header(**header: Any) -> Forgery:
    """Return the right claims with this header, signed with our own key."""
    return _bearer(lambda m: _signed(m, {"alg": "RS256", "typ": "JWT", "kid": m.kid, **header}))


def _signed(material: Material, header: dict[str, Any] | bytes, claims: bytes | None = None) -> str:
    message = _message(material, header, claims)
    signature = material.own_key.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{message}.{_encoded(signature)}"


def _message(material: Material, header: dict[str, Any] | bytes, claims: bytes | None) -> str:
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    body = json.dumps(material.claims).encode() if claims is None else claims
    return f"{_encoded(head)}.{_encoded(body)}"


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


def _mac(algorithm: str, secret: Callable[[Material], bytes]) -> Forgery:
    """Return the right claims, with a MAC whose key is public."""

    def forge(m: Material) -> str:
        message = _message(m, {"alg": algorithm, "typ": "JWT", "kid": m.kid}, None)
        digest = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
        made = hmac.new(secret(m), message.encode(), digest[algorithm]).digest()
        return f"{message}.{_encoded(made)}"

    return _bearer(forge)


def _unsigned(algorithm: Any, signature: str = "") -> Forgery:
    return _bearer(
        lambda m: f"{_message(m, {'alg': algorithm, 'typ': 'JWT', 'kid': m.kid}, None)}.{signature}"
    )


def _raw_header(text: Callable[[Material], str]) -> Forgery:
    return _bearer(lambda m: _signed(m, text(m).encode()))


def _raw_claims(text: Callable[[Material], str]) -> Forgery:
    """Return claims as text under the real signature, against a parser that reads too far."""
    return _bearer(
        lambda m: ".".join(
            (m.token.split(".")[0], _encoded(text(m).encode()), m.token.split(".")[2])
        )
    )


def _x5c(material: Material) -> list[str]:
    return [base64.b64encode(material.public_key).decode()]


KIDS: dict[str, Any] = {
    "a path": "../../../../../../dev/null",
    "an absolute path": "/dev/null",
    "a file": "file:///etc/passwd",
    "a URL": "http://127.0.0.1:1/jwks.json",
    "SQL": "x' UNION SELECT 'key' --",
    "a command": "|id",
    "a NUL": "\x00",
    "a line break": "a\r\nX-Injected: 1",
    "a star": "*",
    "nothing": "",
    "null": None,
    "a number": 0,
    "true": True,
    "a list": ["a"],
    "an object": {"$ne": None},
    "6 KB": "a" * 6000,
    "Unicode": "ключ",
    "a lone surrogate": "\ud800",
    "__proto__": "__proto__",
}

_NO_ALGORITHM: tuple[Any, ...] = ("none", "None", "NONE", "nOnE", "", "none\0", None, [], 0)

FORGED: dict[str, Forgery] = {
    **{f"kid: {name}": _header(kid=kid) for name, kid in KIDS.items()},
    "kid: missing": _bearer(lambda m: _signed(m, {"alg": "RS256"})),
    "kid: twice, the pool's last": _raw_header(
        lambda m: f'{{"alg":"RS256","kid":"ours","kid":"{m.kid}"}}'
    ),
    "kid: twice, the pool's first": _raw_header(
        lambda m: f'{{"alg":"RS256","kid":"{m.kid}","kid":"ours"}}'
    ),
    "alg twice, none last": _raw_header(
        lambda m: f'{{"alg":"RS256","alg":"none","kid":"{m.kid}"}}'
    ),
    **{f"alg {alg!r}": _unsigned(alg) for alg in _NO_ALGORITHM},
    **{
        f"alg {alg!r}, a signature": _unsigned(alg, "AAAA")
        for alg in ("none", "HS256", "RS256", "ES256")
    },
    "alg missing": _bearer(lambda m: _signed(m, {"kid": m.kid})),
    "PS256": _header(alg="PS256"),
    "RS512": _header(alg="RS512"),
    "ES256 of zeros": _unsigned("ES256", _encoded(b"\0" * 64)),
    "EdDSA of zeros": _unsigned("EdDSA", _encoded(b"\0" * 64)),
    "RS256 of zeros": _unsigned("RS256", _encoded(b"\0" * 256)),
    "RS256 of one": _unsigned("RS256", _encoded(b"\0" * 255 + b"\1")),
    **{
        f"{alg} with the public key's PEM": _mac(alg, lambda m: m.public_key)
        for alg in ("HS256", "HS384", "HS512")
    },
    "HS256 with the PEM, stripped": _mac("HS256", lambda m: m.public_key.strip()),
    "HS256 with the PEM in one line": _mac("HS256", lambda m: m.public_key.replace(b"\n", b"")),
    "HS256 with the kid": _mac("HS256", lambda m: m.kid.encode()),
    "HS256 with nothing": _mac("HS256", lambda m: b""),
    "HS256 with a word": _mac("HS256", lambda m: b"secret"),
    "b64 false": _header(b64=False, crit=["b64"]),
    "b64 false, not critical": _header(b64=False),
    "an unknown critical member": _header(crit=["exp", "ours"], ours=True),
    "critical and empty": _header(crit=[]),
    "critical, no list": _header(crit="exp"),
    "jwk": _bearer(lambda m: m.signed(jwk=m.own_jwk())),
    "jwk and its kid": _bearer(lambda m: m.signed(jwk=m.own_jwk(), kid="ours")),
    "jku": _header(jku="http://127.0.0.1:1/jwks.json", kid="ours"),
    "jku of a file": _header(jku="file:///etc/passwd", kid="ours"),
    "x5u": _header(x5u="http://127.0.0.1:1/x.pem"),
    "x5c": _bearer(lambda m: m.signed(x5c=_x5c(m))),
    "x5t": _header(x5t="AAAA"),
    "zip": _header(zip="DEF"),
    "cty": _header(cty="JWT"),
    "encrypted": _bearer(lambda m: f"{_encoded(b'{}')}.AAAA.AAAA.AAAA.AAAA"),
    "deep header": _bearer(lambda m: f"{_encoded(b'[' * 5000)}.AAAA.AAAA"),
    "deep claims": _raw_claims(lambda m: '{"a":' * 1500),
    "claims twice": _raw_claims(
        lambda m: (
            json.dumps(m.claims)[:-1] + f',"sub":"victim","scope":"{READ_SCOPE} {WRITE_SCOPE}"}}'
        )
    ),
    "claims in claims": _raw_claims(lambda m: json.dumps({"claims": m.claims})),
    "claims in a list": _raw_claims(lambda m: json.dumps([m.claims])),
    "claims in UTF-16": _bearer(
        lambda m: _signed(m, {"alg": "RS256", "kid": m.kid}, json.dumps(m.claims).encode("utf-16"))
    ),
    "exp of infinity": _raw_claims(lambda m: json.dumps(m.claims)[:-1] + ',"exp":1e999}'),
    "an issuer of one's own": _bearer(
        lambda m: _signed(
            m,
            {"alg": "RS256", "kid": m.kid},
            json.dumps({**m.claims, "iss": "http://127.0.0.1:1"}).encode(),
        )
    ),
    "a wider issuer": _bearer(
        lambda m: _signed(
            m,
            {"alg": "RS256", "kid": m.kid},
            json.dumps({**m.claims, "iss": m.claims["iss"] + "/../x"}).encode(),
        )
    ),
    "8 KB": _bearer(lambda m: m.token + "A" * 8192),
    "8 KB of dots": _bearer(lambda m: "." * 8192),
    "a dot more": _bearer(lambda m: m.token + "."),
    "a part more": _bearer(lambda m: m.token + ".AAAA"),
    "a NUL's code behind": _bearer(lambda m: m.token + "%00"),
    "the signature's first half": _bearer(lambda m: m.token[:-170]),
    "the signature twice": _bearer(lambda m: m.token + m.token.split(".")[2]),
    "another's case": _bearer(lambda m: m.token.swapcase()),
    "quoted": _bearer(lambda m: f'"{m.token}"'),
    "in brackets": _bearer(lambda m: f"<{m.token}>"),
    "a comma behind": _bearer(lambda m: m.token + ","),
    "twice": _bearer(lambda m: f"{m.token}, Bearer {m.token}"),
    "twice, by a blank": _bearer(lambda m: f"{m.token} {m.token}"),
    "a blank within": _bearer(lambda m: m.token.replace(".", ". ")),
    "Latin-1 in front": _bearer(lambda m: "\xef\xbb\xbf" + m.token),
    "a zero width space behind": _bearer(lambda m: m.token + "\xe2\x80\x8b"),
    "fullwidth dots": _bearer(lambda m: m.token.replace(".", "\xef\xbc\x8e")),
    **{
        f"scheme {scheme!r}": (lambda s: lambda m: (("Authorization", f"{s}{m.token}"),))(scheme)
        for scheme in (
            "Basic ",
            "Digest ",
            "Token ",
            "JWT ",
            "Bearer",
            "Bearer:",
            "Bearer=",
            "BearerX ",
            "token=",
            "Bearer Bearer ",
            "AWS4-HMAC-SHA256 ",
            "Negotiate ",
        )
    },
    **{
        f"in {name}": (lambda n: lambda m: ((n, f"Bearer {m.token}"), ("Authorization", "")))(name)
        for name in (
            "X-Authorization",
            "Proxy-Authorization",
            "X-Access-Token",
            "X-Amzn-Oidc-Data",
            "Authorization_",
            "X-Amz-Security-Token",
            "Sec-WebSocket-Protocol",
        )
    },
    **{
        f"in a cookie {name}": (
            lambda n: lambda m: (("Cookie", f"{n}={m.token}"), ("Authorization", ""))
        )(name)
        for name in ("Authorization", "access_token", "id_token", "session")
    },
}

#: Which the servers refuse before anybody looks at a token.
UNSENDABLE: dict[str, Forgery] = {
    "64 KB": _bearer(lambda m: m.token + "A" * 65_536),
    "a NUL behind": _bearer(lambda m: m.token + "\0"),
    "a line feed within": _bearer(lambda m: m.token.replace(".", "\n.")),
    "a return within": _bearer(lambda m: m.token.replace(".", "\r.")),
}

#: Tokens that exhaust the stack of the emulator's authorizer, but must not exhaust ours.
TOO_DEEP = _bearer(lambda m: f"{_encoded(b'[' * 11_000)}.AAAA.AAAA")

#: By the name of the parameter in which a good token is refused all the same.
PARAMETERS = ("access_token", "Authorization", "token", "id_token", "jwt", "auth", "api_key")
