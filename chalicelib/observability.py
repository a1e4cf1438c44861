"""What is written down of each request: one structured line, a few metrics, and nothing personal.

The line names the route's template, not the path, and a hash of the owner, not the owner. Tokens
and bodies are never logged. Powertools reads `LOG_LEVEL` and the `POWERTOOLS_*` variables itself.
"""

import hashlib
import os
import re
import time
from collections.abc import Mapping
from contextvars import ContextVar
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit
from chalice.app import Request, Response

from chalicelib.breaker import State
from chalicelib.cors import CORRELATION_ID
from chalicelib.errors import GetResponse, request_id

SERVICE = "items"

# Powertools names its logger after the service and Chalice its own after the application. They
# are the same on purpose: what Chalice logs of an unhandled exception becomes structured too.
logger = Logger(service=SERVICE)
METRICS_NAMESPACE = "Items"

#: Of a correlation id that is taken over; any other is let pass and not used.
CORRELATION_ID_PATTERN = r"[A-Za-z0-9._:-]{1,128}"

_consumed: ContextVar[float] = ContextVar("consumed_capacity")


def add_consumed_capacity(units: float) -> None:
    """Add what one DynamoDB call consumed (capacity units) to the present request's account."""
    _consumed.set(_consumed.get(0.0) + units)


def log_failure(error: BaseException) -> None:
    """Write down what is behind a 5xx: the client's answer does not say."""
    logger.error("failure", exc_info=error)


def correlation_id(request: Request) -> str:
    """The client's correlation id if it is well formed, else the request's id."""
    given = request.headers.get("x-correlation-id", "")
    return given if re.fullmatch(CORRELATION_ID_PATTERN, given) else request_id(request)


def owner_hash(context: Mapping[str, Any]) -> str | None:
    """A pseudonym of the caller, the same in every line; None when there is no caller."""
    claims = (context.get("authorizer") or {}).get("claims") or {}
    subject = claims.get("sub")
    return hashlib.sha256(str(subject).encode()).hexdigest()[:16] if subject else None


def observe(request: Request, get_response: GetResponse) -> Response:
    """The middleware that logs and counts the request and answers its correlation id."""
    started = time.perf_counter()
    _consumed.set(0.0)
    correlation = correlation_id(request)
    logger.thread_safe_append_keys(
        correlation_id=correlation, request_id=request_id(request), route=_route(request)
    )
    try:
        response = get_response(request)
        response.headers[CORRELATION_ID] = correlation
        milliseconds = (time.perf_counter() - started) * 1000
        fault = response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
        write = logger.error if fault else logger.info
        write(
            "request",
            status=response.status_code,
            latency_ms=round(milliseconds, 1),
            owner=owner_hash(request.context),
            consumed_capacity=_consumed.get(),
        )
        _count(request, milliseconds, fault)
    finally:
        logger.thread_safe_clear_keys()
    return response


def _route(request: Request) -> str:
    return f"{request.method} {request.path}"


def _count(request: Request, milliseconds: float, fault: bool) -> None:
    # Not Powertools' shared Metrics, in which requests that run in parallel would mix.
    metrics = EphemeralMetrics(namespace=METRICS_NAMESPACE, service=SERVICE)
    metrics.add_dimension("route", _route(request))
    metrics.add_metric("Latency", MetricUnit.Milliseconds, milliseconds)
    metrics.add_metric("Faults", MetricUnit.Count, int(fault))
    metrics.add_metric("ConsumedCapacity", MetricUnit.Count, _consumed.get())
    metrics.flush_metrics()
    if fault:
        _count_against_version(request.lambda_context)


def _count_against_version(context: Any) -> None:
    """Count a fault for the function, and for the version that ran: a canary is judged by it."""
    metrics = _metrics_of(context.function_name)
    metrics.add_dimensions(service=SERVICE, function=context.function_name)
    metrics.add_dimension("version", context.function_version)
    metrics.add_metric("Faults", MetricUnit.Count, 1)
    metrics.flush_metrics()


def circuit_changed(name: str, state: State) -> None:
    """Write down that a circuit breaker changed its state, and count it when it opened."""
    logger.warning("circuit", circuit=name, state=state.value)
    if state is State.OPEN:
        _count_event("CircuitOpened")


def retry_budget_exhausted() -> None:
    """Write down and count a retry that was not made, so many having been."""
    logger.warning("retry budget exhausted")
    _count_event("RetryBudgetExhausted")


def _count_event(name: str) -> None:
    metrics = _metrics_of(os.environ.get("AWS_LAMBDA_FUNCTION_NAME", SERVICE))
    metrics.add_metric(name, MetricUnit.Count, 1)
    metrics.flush_metrics()


def _metrics_of(function_name: str) -> EphemeralMetrics:
    metrics = EphemeralMetrics(namespace=METRICS_NAMESPACE, service=SERVICE)
    metrics.add_dimension("function", function_name)
    return metrics
