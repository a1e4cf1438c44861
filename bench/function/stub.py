"""A DynamoDB that answers at once, over TLS: what it costs to ask, without what it costs to answer.

    .venv/bin/python -m bench.function.stub CERTIFICATE KEY

A process of its own, so that its work is nobody's. It prints its port and ends with its standard
input. It holds one item and a page of 25, and takes every write.
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

ITEM_ID = "item-00"
PAGE = 25

_TIME = "2026-11-23T12:34:56.789Z"
_DESCRIPTION = "Forty-two characters are enough for these. " * 5


def record(number: int) -> dict[str, dict[str, str]]:
    """An item as the table has it."""
    return {
        "id": {"S": f"{OWNER}#item-{number:02}"},
        "owner": {"S": OWNER},
        "name": {"S": f"The item of number {number}"},
        "price": {"N": "1234.5"},
        "description": {"S": _DESCRIPTION},
        "version": {"N": "1"},
        "created_at": {"S": _TIME},
        "updated_at": {"S": _TIME},
        "attempt": {"S": "q83vEjRWeJCrze8S"},
    }


def summary(number: int) -> dict[str, dict[str, str]]:
    """An item as the index has it."""
    projected = ("id", "owner", "name", "price", "version", "created_at", "updated_at", "attempt")
    return {name: record(number)[name] for name in projected}


def answer(operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """What DynamoDB would answer to one of the four operations. Raises `KeyError` for others."""
    last = {name: record(PAGE - 1)[name] for name in ("id", "owner", "created_at")}
    page = {"Items": [summary(n) for n in range(PAGE)], "Count": PAGE, "ScannedCount": PAGE}
    answers: dict[str, dict[str, Any]] = {
        "GetItem": {"Item": record(0)},
        "Query": {**page, "LastEvaluatedKey": last},
        "DeleteItem": {},
        "UpdateItem": {"Attributes": record(0)},
    }
    found = answers[operation]
    # The application checks that the response has the entity tag that it has just written.
    tag = request.get("ExpressionAttributeValues", {}).get(":tag")
    if tag:
        found["Attributes"]["attempt"] = tag
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
