"""Certificates for the stub: an authority of its own, and one for 127.0.0.1 that it has signed.

RSA with 2048 bits, as DynamoDB's own, because a client pays for the kind.
"""

import datetime
import ipaddress
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

_PEM = serialization.Encoding.PEM


class Certificates(NamedTuple):
    """The server's certificate and its key, and the authorities that a client is to trust."""

    certificate: Path
    key: Path
    bundle: Path


def make(directory: Path, bundle: Path) -> Certificates:
    """Write the files into `directory`, valid for a day.

    The trusted authorities are `bundle`, the SDK's list, and ours. On Lambda, a client loads all of
    them before its first request, which is one of the larger parts of a cold start.
    """
    authority_key, key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    name = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, "The benchmark's certificate authority")]
    )
    authority = (
        _certificate(name, authority_key.public_key(), name)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        _certificate(own, key.public_key(), name)
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    made = Certificates(directory / "stub.pem", directory / "stub.key", directory / "trusted.pem")
    made.certificate.write_bytes(certificate.public_bytes(_PEM))
    made.key.touch(mode=0o600)
    made.key.write_bytes(
        key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    made.bundle.write_bytes(bundle.read_bytes() + b"\n" + authority.public_bytes(_PEM))
    return made


def _certificate(
    subject: x509.Name, key: rsa.RSAPublicKey, issuer: x509.Name
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
    )
