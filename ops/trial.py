"""Try memory sizes with equal requests to a function's `$LATEST` at each size.

The requests are whole lives of an item, one request at a time, from an owner that no user pool can
create. One execution environment responds to all, so each size has one cold start.
"""

import base64
import json
import secrets
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from types import FrameType
from typing import Any, NoReturn

from botocore.exceptions import BotoCoreError, ClientError

from infra.release.traffic import OWNER, event
from ops.errors import Interrupted, OpsError
from ops.memory import LATEST, Memory, SizeNotAllowed
from ops.reports import Report, parse
from ops.tools import Tools

_LIFE = 4  # requests: one by each route


@dataclass(frozen=True)
class Trial:
    """A trial with `invocations` for each of the `sizes` in MB, rounded up to whole lives."""

    tools: Tools
    function: str
    sizes: list[int]
    invocations: int
    #: Our items that are not deleted yet.
    _left: set[str] = field(default_factory=set)

    def explain(self, original: int) -> None:
        self.tools.report(
            f"would give {LATEST} of {self.function} {', '.join(map(str, self.sizes))} MB in turn, "
            f"invoke it {self._lives() * _LIFE} times at each, and put its {original} MB back; "
            "no change was made"
        )

    def run(self, original: int) -> list[Report]:
        """Return all invocations' reports. The memory is `original` MB again afterwards.

        Raises `Interrupted`, or `OpsError` when another caller changes the function meanwhile.
        """
        memory = Memory(self.tools, self.function, original)
        self.tools.report(f"if this is killed, restore the memory: {memory.command()}")
        reports = []
        try:
            with _ended_in_order(), memory:
                for size in self.sizes:
                    reports += self._at(size, memory)
        except KeyboardInterrupt as error:
            raise Interrupted("interrupted before all sizes were tried") from error
        finally:
            self._tidy()
        return reports

    def _at(self, size: int, memory: Memory) -> list[Report]:
        try:
            memory.give(size)
        except SizeNotAllowed as error:
            self.tools.report(f"{size} MB: left out, AWS refuses it: {error}")
            return []
        found = [report for _ in range(self._lives()) for report in self._life()]
        failed = sum(report.failed for report in found)
        took = sum(report.duration for report in found) / len(found)
        self.tools.report(
            f"{size} MB: {len(found)} invocations of {took:.1f} ms on average, {failed} failed"
        )
        return found

    def _lives(self) -> int:
        return -(-self.invocations // _LIFE)

    def _life(self) -> list[Report]:
        """Create, read, list and delete an item. Deletes it after an error as well."""
        item = f"rightsize-{secrets.token_hex(4)}"
        body = json.dumps({"id": item, "name": "Made by ops rightsize, to measure"})
        requests = (
            event("PUT", "/items", body=body),
            event("GET", "/items", item),
            event("GET", "/items"),
        )
        self._left.add(item)
        try:
            found = [self._invoke(request) for request in requests]
        finally:
            deleted = self._delete(item)
        return [*found, deleted]

    def _delete(self, item: str) -> Report:
        succeeded, log = self._send(event("DELETE", "/items", item))
        if succeeded:
            self._left.discard(item)
        return _report(succeeded, log)

    def _tidy(self) -> None:
        """Delete the items that a size was too small to delete.

        Ignores errors, because the caller may have a worse error to report.
        """
        for item in sorted(self._left):
            with suppress(KeyboardInterrupt, OpsError, ClientError, BotoCoreError):
                self._delete(item)
        for item in sorted(self._left):
            self.tools.report(f"not deleted: the item {item} of the owner {OWNER}")

    def _invoke(self, request: Any) -> Report:
        return _report(*self._send(request))

    def _send(self, request: Any) -> tuple[bool, str]:
        """Return whether the response is a success, and the end of the log."""
        answer = self.tools.client("lambda").invoke(
            FunctionName=self.function,
            Qualifier=LATEST,
            LogType="Tail",
            Payload=json.dumps(request),
        )
        status = _status(answer["Payload"].read())
        log = base64.b64decode(answer.get("LogResult", "")).decode(errors="replace")
        return 200 <= status < 300, log


def _report(succeeded: bool, log: str) -> Report:
    reports = parse(log)
    if not reports:
        raise OpsError(f"the response's log has no REPORT line; it ends: {log[-200:]!r}")
    return replace(reports[-1], failed=not succeeded)


def _status(payload: bytes) -> int:
    """Return the status of a response for the gateway.

    It is 0 for any other payload, because the function was ended, or failed.
    """
    answer = json.loads(payload or b"null")
    return int(answer.get("statusCode", 0)) if isinstance(answer, dict) else 0


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Make `kill` and a closed terminal interrupt, as Ctrl-C does, instead of ending at once."""

    def interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = {each: signal.signal(each, interrupt) for each in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
