"""The log: one JSON line for each request, which also carries its metrics.

CloudWatch takes the metrics from the line itself (its "embedded metric format"). The line names the
route's template, not the path, and a hash of the owner, not the owner. Tokens and bodies are never
written.

AWS's Powertools has a logger and metrics too. They would write two lines for each request, and take
a good part of a request's CPU time here: see docs/decisions/logging.md.
"""

import hashlib
import json
import logging
import os
import re
import sys
import time
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from chalice.app import Request, Response

from chalicelib import config
from chalicelib.auth import claims_of
from chalicelib.breaker import State
from chalicelib.cors import CORRELATION_ID
from chalicelib.errors import GetResponse, request_id

SERVICE = config.app_name()

#: A correlation id of another form is accepted, and not used.
CORRELATION_ID_PATTERN = r"[A-Za-z0-9._:-]{1,128}"

# The members of each line that describe its request.
_about: ContextVar[Mapping[str, str]] = ContextVar("about")
_consumed: ContextVar[float] = ContextVar("consumed_capacity")

# ASCII only, so that no text that came from outside can end a line or break it.
_to_json = json.JSONEncoder(separators=(",", ":"), default=str).encode


def _metrics(dimensions: list[list[str]], **units: str) -> str:
    """Return the metric directive of a line, as JSON, because every line has the same."""
    metrics = [{"Name": name, "Unit": unit} for name, unit in units.items()]
    return _to_json({"Namespace": SERVICE, "Dimensions": dimensions, "Metrics": metrics})


_OF_FUNCTION = ["function"]
_OF_REQUEST = _metrics(
    [["function", "route"]], Latency="Milliseconds", Faults="Count", ConsumedCapacity="Count"
)
# A canary is judged by the faults of the version that ran.
_OF_FAULT = _metrics([[*_OF_FUNCTION, "version"], _OF_FUNCTION], Faults="Count")


def _write(level: str, message: str, members: Mapping[str, Any], *metrics: str) -> None:
    now = datetime.now(UTC)
    line = _to_json(
        {
            "level": level,
            "message": message,
            "timestamp": now.isoformat(timespec="milliseconds"),
            "service": SERVICE,
            **_about.get({}),
            **members,
        }
    )
    if metrics:
        timestamp, directives = int(now.timestamp() * 1000), ",".join(metrics)
        aws = f'{{"Timestamp":{timestamp},"CloudWatchMetrics":[{directives}]}}'
        line = f'{line[:-1]},"_aws":{aws}}}'
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class _Handler(logging.Handler):
    """Handler that writes a log record as a JSON line."""

    def emit(self, record: logging.LogRecord) -> None:
        members: dict[str, Any] = {}
        if record.exc_info and record.exc_info[0]:
            members["exception_name"] = record.exc_info[0].__name__
            members["exception"] = logging.Formatter().formatException(record.exc_info)
        _write(record.levelname, record.getMessage(), members)


# Chalice's own logger has the application's name, so Chalice's log of an exception is structured
# too.
logger = logging.getLogger(SERVICE)
logger.setLevel(logging.INFO)
logger.propagate = False
logger.addHandler(_Handler())


def add_consumed_capacity(units: float) -> None:
    """Add the capacity units that one DynamoDB call consumed to those of the current request."""
    _consumed.set(_consumed.get(0.0) + units)


def log_failure(error: BaseException) -> None:
    """Log the cause of a 5xx, which the client's response does not contain."""
    logger.error("failure", exc_info=error)


def log_circuit_change(name: str, state: State) -> None:
    """Log a circuit breaker's change of state, and count it if the breaker opened."""
    counted = ["CircuitOpened"] if state is State.OPEN else []
    _write_event("circuit", {"circuit": name, "state": state.value}, counted)


def log_exhausted_budget() -> None:
    """Log and count a retry that the budget refused."""
    _write_event("retry budget exhausted", {}, ["RetryBudgetExhausted"])


def log_refused_event(detail: str, request_id: str) -> None:
    """Log and count an event that is not a request of the REST API. The id is the invocation's."""
    _write_event("event refused", {"detail": detail, "request_id": request_id}, ["RefusedEvents"])


def log_warm_up() -> None:
    """Log an event that only keeps the execution environment warm."""
    _write("INFO", "warm-up", {})


def log_start(client: str) -> None:
    """Log that an execution environment is initialized, and which client it has for DynamoDB."""
    _write("INFO", "started", {"client": client})


def log_sdk_takeover(error: Exception) -> None:
    """Log and count that the SDK's client replaces our own (`chalicelib.dynamodb.fallback`)."""
    _write_event("the SDK takes over", {"reason": str(error)}, ["SdkTookOver"])


def _write_event(message: str, members: Mapping[str, str], counted: list[str]) -> None:
    function = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", SERVICE)
    metrics = [_metrics([_OF_FUNCTION], **{name: "Count"}) for name in counted]
    counts = dict.fromkeys(counted, 1)
    _write("WARNING", message, {**members, **counts, "function": function}, *metrics)


def _correlation_id(request: Request, request_id: str) -> str:
    """Return the client's correlation id if it is well formed, otherwise the request's id."""
    header = request.headers.get("x-correlation-id")
    return header if header and re.fullmatch(CORRELATION_ID_PATTERN, header) else request_id


def owner_hash(context: Mapping[str, Any]) -> str | None:
    """Return a pseudonym of the caller, the same in every line, or `None` without a caller."""
    subject = claims_of(context).get("sub")
    if not subject or not isinstance(subject, str) or not subject.isascii():
        return None  # refused, too, by `chalicelib.auth`
    return hashlib.sha256(subject.encode()).hexdigest()[:16]


def observe(request: Request, get_response: GetResponse) -> Response:
    """Write the request's line, and return its correlation id in the response. A middleware."""
    started = time.perf_counter()
    _consumed.set(0.0)
    own_id = request_id(request)
    correlation = _correlation_id(request, own_id)
    about = {
        "correlation_id": correlation,
        "request_id": own_id,
        "route": f"{request.method} {request.path}",
    }
    token = _about.set(about)
    try:
        response = get_response(request)
        response.headers[CORRELATION_ID] = correlation
        _write_request(request, response.status_code, time.perf_counter() - started)
    finally:
        _about.reset(token)
    return response


def _write_request(request: Request, status: int, seconds: float) -> None:
    fault = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    context: Any = request.lambda_context
    members: dict[str, Any] = {
        "status": status,
        "Latency": round(seconds * 1000, 1),
        "Faults": int(fault),
        "ConsumedCapacity": _consumed.get(),
        # Otherwise the metrics of an account's stages would add up.
        "function": context.function_name,
    }
    if owner := owner_hash(request.context):
        members["owner"] = owner
    if fault:
        members["version"] = context.function_version
    metrics = (_OF_REQUEST, _OF_FAULT) if fault else (_OF_REQUEST,)
    _write("ERROR" if fault else "INFO", "request", members, *metrics)
