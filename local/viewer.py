"""A page for docs/openapi.json: Swagger UI, on this machine only and while `make run` runs.

It is never deployed: the page's build takes only modules that `website/src` imports. Later versions
of Swagger UI depend on a package that reports installations.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from tools.project import PROJECT

_DOCUMENT = PROJECT / "docs" / "openapi.json"
_PACKAGE = PROJECT / "website" / "node_modules" / "swagger-ui-dist"
_SCRIPT = "swagger-ui-bundle.js"
_STYLE = "swagger-ui.css"
_HTML = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>API</title>
<link rel="stylesheet" href="/{_STYLE}">
<div id="viewer"></div>
<script src="/{_SCRIPT}"></script>
<script src="/start.js"></script>
"""
# Without the validator, which would send requests to the internet.
_START = 'SwaggerUIBundle({url: "/openapi.json", dom_id: "#viewer", validatorUrl: null});\n'


@contextmanager
def viewer(api_url: str, package: Path = _PACKAGE) -> Iterator[str]:
    """Serve the page until the context ends, and return its URL. Its requests go to `api_url`."""
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(api_url))
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data:; connect-src 'self' {origin}"
    )

    class Handler(BaseHTTPRequestHandler):
        """Responds to GET with the page or one of its files."""

        def do_GET(self) -> None:
            # A site in the developer's browser may point its own name at this address.
            local = self.headers.get("Host") == urlsplit(url).netloc
            response = _response(self.path, api_url, package) if local else None
            content_type, content = response or ("text/plain", b"not found\n")
            self.send_response(200 if response else 404)
            self.send_header("Content-Type", f"{content_type}; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Content-Security-Policy", policy)
            self.send_header("Cache-Control", "no-cache")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: object) -> None:
            """Print no line: the terminal is for `make run`."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield url
        finally:
            server.shutdown()


def _response(path: str, api_url: str, package: Path) -> tuple[str, bytes] | None:
    """Return the type and the content of a path, `None` if there is no file for it."""
    match path:
        case "/":
            return "text/html", _HTML.encode()
        case "/start.js":
            return "text/javascript", _START.encode()
        case "/openapi.json":
            # Read for each request, so that `infra documents` shows after a reload.
            document = json.loads(_DOCUMENT.read_text())
            document["servers"] = [{"url": api_url}]
            return "application/json", json.dumps(document).encode()
        case _ if path == f"/{_SCRIPT}":
            return "text/javascript", (package / _SCRIPT).read_bytes()
        case _ if path == f"/{_STYLE}":
            return "text/css", (package / _STYLE).read_bytes()
    return None
