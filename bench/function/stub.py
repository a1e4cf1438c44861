"""A DynamoDB stub that responds at once, over TLS, so only the client's work is measured.

    .venv/bin/python -m bench.function.stub CERTIFICATE KEY

It is a separate process, so its work does not count. It prints its port and exits with its standard
input. It has one item and a page of 25, and accepts every write.
"""

import argparse
import json
import socketserver
import ssl
import sys
import threading
import uuid
from pathlib import Path
from typing import Any
from zlib import crc32

from bench.function.event import OWNER
from chalicelib.items import ITEMS

ITEM_ID = "item-00"
PAGE = 25

_TIME = "2026-11-23T12:34:56.789Z"
_DESCRIPTION = "Forty-two characters are enough for these. " * 5


def record(number: int, kind: str) -> dict[str, dict[str, Any]]:
    """Return an item as the table has it: in the application's layout, or without `kind` flat."""
    fields: dict[str, dict[str, dict[str, Any]]] = {
        "summary": {
            "name": {"S": f"The item of number {number}"},
            "price": {"N": "1234.5"},
        },
        "details": {"description": {"S": _DESCRIPTION}},
    }
    layout: dict[str, dict[str, Any]] = (
        {"schema": {"S": ITEMS.fingerprint}, **{name: {"M": each} for name, each in fields.items()}}
        if kind
        else fields["summary"] | fields["details"]
    )
    return {
        "id": {"S": f"{OWNER}{kind}#item-{number:02}"},
        "owner": {"S": f"{OWNER}{kind}"},
        **layout,
        "version": {"N": "1"},
        "created_at": {"S": _TIME},
        "updated_at": {"S": _TIME},
        "etag": {"S": "q83vEjRWeJCrze8S"},
    }


def summary(number: int, kind: str) -> dict[str, dict[str, Any]]:
    """Return an item as the index has it."""
    left_out = ("details", "description", "schema")
    return {name: value for name, value in record(number, kind).items() if name not in left_out}


def answer(operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """Return DynamoDB's response to one of the four operations. Raises `KeyError` for others."""
    # The application's keys have the kind between owner and item. The peers' keys do not.
    kind = f"#{ITEMS.name}" if f"#{ITEMS.name}" in str(request) else ""
    last = {name: record(PAGE - 1, kind)[name] for name in ("id", "owner", "created_at")}
    page = {"Items": [summary(n, kind) for n in range(PAGE)], "Count": PAGE, "ScannedCount": PAGE}
    answers: dict[str, dict[str, Any]] = {
        "GetItem": {"Item": record(0, kind)},
        "Query": {**page, "LastEvaluatedKey": last},
        "DeleteItem": {},
        "UpdateItem": {"Attributes": record(0, kind)},
    }
    found = answers[operation]
    # The application checks that the response has the entity tag that it has just written.
    tag = request.get("ExpressionAttributeValues", {}).get(":tag")
    if tag:
        found["Attributes"]["etag"] = tag
    if request.get("ReturnConsumedCapacity") == "TOTAL":
        found["ConsumedCapacity"] = {"TableName": request["TableName"], "CapacityUnits": 1.0}
    return found


class Handler(socketserver.StreamRequestHandler):
    """One connection, kept alive until its client leaves."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        while self.rfile.readline():  # the request line, always the same
            headers = {}
            while line := self.rfile.readline().strip():
                name, _, value = line.decode().partition(":")
                headers[name.lower()] = value.strip()
            body = self.rfile.read(int(headers["content-length"]))
            operation = headers["x-amz-target"].partition(".")[2]
            content = json.dumps(answer(operation, json.loads(body))).encode()
            head = (
                "HTTP/1.1 200 OK\r\n"
                "Server: Server\r\n"
                "Date: Mon, 23 Nov 2026 12:34:56 GMT\r\n"
                "Content-Type: application/x-amz-json-1.0\r\n"
                f"Content-Length: {len(content)}\r\n"
                "Connection: keep-alive\r\n"
                f"x-amzn-RequestId: {uuid.uuid4().hex.upper()}\r\n"
                f"x-amz-crc32: {crc32(content)}\r\n\r\n"
            )
            self.wfile.write(head.encode() + content)


class Server(socketserver.ThreadingTCPServer):
    """Makes the TLS of a connection in that connection's thread."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, certificate: Path, key: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate, key)

    def finish_request(self, request: Any, client_address: Any) -> None:
        try:
            with self._tls.wrap_socket(request, server_side=True) as connection:
                super().finish_request(connection, client_address)
        except (ConnectionError, ssl.SSLError):
            pass  # a client that has left, as they all do in the end


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("certificate", type=Path)
    parser.add_argument("key", type=Path)
    arguments = parser.parse_args()
    with Server(arguments.certificate, arguments.key) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
        sys.stdin.read()
        server.shutdown()


if __name__ == "__main__":
    main()
