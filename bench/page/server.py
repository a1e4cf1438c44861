"""Serve the built page with an API in memory, which responds at once."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

_CONFIG = {
    "api_path": "/api",
    "region": "us-east-1",
    "user_pool_id": "us-east-1_bench",
    "client_id": "bench",
    "login_url": "https://login.invalid",
}
#: The key under which the page's library keeps the tokens.
SESSION_KEY = "oidc.user:https://cognito-idp.us-east-1.amazonaws.com/us-east-1_bench:bench"


class Items:
    """The items of one user, with tags. `log` has each write."""

    def __init__(self, count: int) -> None:
        self._lock = threading.Lock()
        self._writes = 0
        self.items: dict[str, dict[str, Any]] = {}
        self.log: list[str] = []
        for n in range(count):
            self.put({"id": f"item-{n:04}", "name": f"Item {n:04} of oak", "price": n + 0.5})
        self.log.clear()

    def put(self, item: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            self._writes += 1
            old = self.items.get(item["id"], {})
            at = f"2026-11-{1 + self._writes // 86_400:02}T{self._writes // 3600 % 24:02}:"
            at += f"{self._writes // 60 % 60:02}:{self._writes % 60:02}.000Z"
            dates = {"created_at": old.get("created_at", at), "updated_at": at}
            version = old.get("version", 0) + 1
            self.items[item["id"]] = {
                **item,
                **dates,
                "version": version,
                "etag": f'"{self._writes}.0"',
            }
            self.log.append(f"PUT {item['id']}")
            return self.items[item["id"]]

    def delete(self, item_id: str) -> None:
        with self._lock:
            self.items.pop(item_id, None)
            self.log.append(f"DELETE {item_id}")

    def page(self, query: dict[str, list[str]]) -> dict[str, Any]:
        limit, start = int(query.get("limit", ["25"])[0]), int(query.get("cursor", ["0"])[0])
        newest = query.get("order", ["desc"])[0] == "desc"
        listed = sorted(self.items.values(), key=lambda each: each["created_at"], reverse=newest)
        cursor = str(start + limit) if start + limit < len(listed) else None
        return {"items": listed[start : start + limit], "cursor": cursor}


class Handler(SimpleHTTPRequestHandler):
    """Files, and below /api the items."""

    protocol_version = "HTTP/1.1"

    def __init__(self, items: Items, *arguments: Any, directory: str) -> None:
        self._items = items
        super().__init__(*arguments, directory=directory)

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path == "/config.json":
            self._respond(200, _CONFIG)
        elif address.path == "/api/items":
            self._respond(200, self._items.page(parse_qs(address.query)))
        elif address.path.startswith("/api/items/"):
            self._respond_item(200, self._items.items.get(self._id()))
        else:
            self._respond_file(address.path)

    def do_PUT(self) -> None:
        item = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        old = self._items.items.get(item["id"])
        expected = self.headers["If-Match"]
        if expected and (not old or old["etag"] != expected):
            self._respond(412, {})
        else:
            self._respond_item(200, self._items.put(item))

    def do_DELETE(self) -> None:
        old, expected = self._items.items.get(self._id()), self.headers["If-Match"]
        if old and expected and old["etag"] != expected:
            self._respond(412, {})
            return
        self._items.delete(self._id())
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Suppress the log."""

    def _id(self) -> str:
        return unquote(urlsplit(self.path).path.removeprefix("/api/items/"))

    def _respond_file(self, path: str) -> None:
        """Compress, as CloudFront does."""
        file = Path(self.translate_path(path))
        file = file / "index.html" if file.is_dir() else file
        content = file.read_bytes() if file.is_file() else b""
        compressed = file.suffix in (".html", ".js", ".css", ".svg")
        self.send_response(200 if content else 404)
        self.send_header("Content-Type", self.guess_type(file))
        if compressed:
            content = gzip.compress(content)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _respond_item(self, status: int, item: dict[str, Any] | None) -> None:
        if item is None:
            self._respond(404, {})
        else:
            self._respond(status, {k: v for k, v in item.items() if k != "etag"}, item["etag"])

    def _respond(self, status: int, body: object, etag: str = "") -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        if etag:
            self.send_header("ETag", etag)
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def serving(site: Path, items: Items) -> Iterator[str]:
    """Serve on 127.0.0.1 until the end of the block, and yield the URL."""
    handler = partial(Handler, items, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()
