"""A gateway with something wrong with it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import httpx

from tests.serving import serving

Headers = dict[str, str]
#: A function that changes a response's headers.
Spoil = Callable[[Headers], None]


@contextmanager
def broken_gateway(api_url: str, spoil: Spoil, token: str | None = None) -> Iterator[str]:
    """Yield the URL of a proxy that breaks the gateway's responses.

    With `token`, it sends every request as the token's owner.
    """
    origin = f"{urlsplit(api_url).scheme}://{urlsplit(api_url).netloc}"

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            request = {name.lower(): value for name, value in self.headers.items()}
            request.pop("host")
            if token:
                request["authorization"] = f"Bearer {token}"
            answer = httpx.request(
                self.command, f"{origin}{self.path}", headers=request, content=body, timeout=30
            )
            headers = {name.lower(): value for name, value in answer.headers.items()}
            for name in ("content-length", "transfer-encoding", "connection"):
                headers.pop(name, None)
            spoil(headers)
            self.send_response(answer.status_code)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_PUT = do_POST = do_DELETE = do_OPTIONS = forward  # noqa: N815 - their names

        def log_message(self, format: str, *args: object) -> None:
            pass

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as url:
        yield f"{url}{urlsplit(api_url).path}"
