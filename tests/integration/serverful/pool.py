"""The endpoint of a user pool that publishes one key."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from local.tokens import SigningKey
from tests.serving import serving

POOL_ID = SigningKey.issuer.rpartition("/")[2]


class Pool:
    """Responds while `open` is set. The first request sets `requested`."""

    def __init__(self, key: SigningKey) -> None:
        public: Any = load_pem_private_key(key.pem(), None).public_key()
        jwk = jwt.algorithms.RSAAlgorithm.to_jwk(public, as_dict=True)
        self._keys = json.dumps({"keys": [{**jwk, "kid": key.key_id, "use": "sig"}]}).encode()
        self.open = threading.Event()
        self.open.set()
        self.requested = threading.Event()

    @contextmanager
    def serve(self) -> Iterator[str]:
        """Yield the endpoint."""
        pool = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                assert self.path == f"/{POOL_ID}/.well-known/jwks.json"
                pool.requested.set()
                pool.open.wait()
                self.send_response(200)
                self.end_headers()
                self.wfile.write(pool._keys)

            def log_message(self, format: str, *args: Any) -> None:
                """Suppress the log."""

        with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as url:
            yield url
