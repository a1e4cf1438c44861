"""Powertools' resolver with its Logger and Metrics: a line and a metric for each request."""

# Powertools is in an environment of its own, so its classes and decorators are unknown here.
# mypy: disable-error-code="import-not-found,untyped-decorator"

from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.metrics import MetricUnit
from items import Items  # put beside this file when it is built

logger = Logger(service="items")
metrics = Metrics(namespace="Items", service="items")
resolver = APIGatewayRestResolver()
items = Items(boto3.client("dynamodb"))


@resolver.get("/items")
def list_items() -> Any:
    query = resolver.current_event.query_string_parameters
    return items.list(_owner(), int(query.get("limit", 25)), query.get("cursor"))


@resolver.put("/items")
def put_item() -> tuple[Any, int]:
    item = items.put(_owner(), resolver.current_event.json_body)
    return item, 201 if item["version"] == 1 else 200


@resolver.get("/items/<id>")
def get_item(id: str) -> Any:
    item = items.get(_owner(), id)
    if item is None:
        raise NotFoundError(id)
    return item


@resolver.delete("/items/<id>")
def delete_item(id: str) -> Response[str]:
    items.delete(_owner(), id)
    return Response(status_code=204, body="")


@logger.inject_lambda_context
@metrics.log_metrics
def app(event: dict[str, Any], context: Any) -> dict[str, Any]:
    answer: dict[str, Any] = resolver.resolve(event, context)
    logger.info("request", status=answer["statusCode"])
    metrics.add_metric("Requests", MetricUnit.Count, 1)
    return answer


def _owner() -> str:
    authorizer = resolver.current_event.request_context.authorizer
    owner: str = authorizer.claims["sub"]
    return owner
