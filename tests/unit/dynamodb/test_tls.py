"""Whom our own client talks to over TLS."""

import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from bench.function import certificate
from chalicelib.dynamodb import trust
from chalicelib.dynamodb.connection import Connection
from chalicelib.dynamodb.failures import NotSent, NotTrusted
from infra.function import authorities
from tests.unit.dynamodb.peer import REQUEST, SHORT, peer, respond

Contexts = list[Callable[[], ssl.SSLContext]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> certificate.Certificates:
    return certificate.make(tmp_path_factory.mktemp("certificates"), authorities.BUNDLE)


@pytest.fixture(autouse=True)
def no_kept_contexts() -> Iterator[None]:
    trust._context.cache_clear()
    yield
    trust._context.cache_clear()


def contexts(monkeypatch: pytest.MonkeyPatch, bundle: Path | str) -> Contexts:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    return trust.contexts()


@contextmanager
def dynamodb(
    made: certificate.Certificates, received: list[bytes], **options: int
) -> Iterator[int]:
    """Run a server with the certificate. Yield its port, and record the decrypted requests."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    if options:
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion(options["newest"])

    def serve(accepted: socket.socket, _: int) -> None:
        with context.wrap_socket(accepted, server_side=True) as wrapped:
            received.append(b"connected")
            respond(wrapped)

    with peer(serve) as port:
        yield port


def exchange(port: int, host: str, contexts: Contexts) -> int:
    return Connection(host, port, contexts, 5.0, 5.0).exchange(REQUEST).status


def test_known_authority(made: certificate.Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    with dynamodb(made, []) as port:
        assert exchange(port, "127.0.0.1", contexts(monkeypatch, made.bundle)) == 200


def test_unknown_authority_is_refused(
    made: certificate.Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    received: list[bytes] = []
    trusted = contexts(monkeypatch, authorities.BUNDLE)
    with dynamodb(made, received) as port, pytest.raises(NotTrusted, match="verify failed"):
        exchange(port, "127.0.0.1", trusted)
    assert b"POST" not in b"".join(received)


def test_certificate_of_another_host_is_refused(
    made: certificate.Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", partial(_loopback, socket.getaddrinfo))
    trusted = contexts(monkeypatch, made.bundle)
    with dynamodb(made, []) as port, pytest.raises(NotTrusted, match=r"another\.example"):
        exchange(port, "another.example", trusted)


def _loopback(real: Callable[..., object], _: bytes, port: int, **more: int) -> object:
    return real("127.0.0.1", port, **more)


def test_tls_1_1_is_refused(
    made: certificate.Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted = contexts(monkeypatch, made.bundle)
    received: list[bytes] = []
    with (
        dynamodb(made, received, newest=ssl.TLSVersion.TLSv1_1) as port,
        pytest.raises(NotSent),
    ):
        exchange(port, "127.0.0.1", trusted)
    assert received == []
    with dynamodb(made, received, newest=ssl.TLSVersion.TLSv1_2) as port:
        assert exchange(port, "127.0.0.1", trusted) == 200


def test_handshake_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()
    trusted = contexts(monkeypatch, authorities.BUNDLE)
    with peer(lambda *_: ended.wait(30)) as port:
        with pytest.raises(NotSent, match="timed out"):
            Connection("127.0.0.1", port, trusted, SHORT, SHORT).exchange(REQUEST)
        ended.set()


def test_authority_that_only_runtime_knows(
    made: certificate.Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The packaged list is tried first, and the runtime's own second."""
    authorities.write(tmp_path / "authorities")
    monkeypatch.setattr(trust, "PACKAGED", str(tmp_path / "authorities"))
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.bundle))
    both = trust.contexts()
    assert len(both) == 2
    with dynamodb(made, []) as port:
        assert exchange(port, "127.0.0.1", both) == 200


def test_packaged_authorities_are_all_of_the_sdks(tmp_path: Path) -> None:
    """OpenSSL finds each certificate of the bundle in the directory by its subject's hash."""
    authorities.write(tmp_path / "authorities")
    bundle = authorities.BUNDLE.read_text()
    whole = ssl.create_default_context(cadata=bundle)
    expected = {each["serialNumber"] for each in whole.get_ca_certs()}
    files = [each for each in (tmp_path / "authorities").iterdir() if each.name != "NOTICE"]
    found = ssl.create_default_context(cadata="".join(each.read_text() for each in files))
    assert {each["serialNumber"] for each in found.get_ca_certs()} == expected
    assert len(files) == bundle.count("BEGIN CERTIFICATE")
