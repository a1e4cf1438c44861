"""Serve requests of an API Gateway REST API, and refuse every other event in one sentence.

A schedule, a queue, a function URL, a warm-up plugin or a person can invoke the function, too. So
an event is checked before Chalice reads it, and the rest of the application relies on that.

A refusal is a response, not an error: after an error Lambda would send the same event again, twice
or, from a queue or a stream, until it expires. A refusal is logged, counted, and in alarm.
"""

from collections.abc import Callable
from typing import Any

from chalice import Chalice

from chalicelib import observability
from chalicelib.cors import CORRELATION_ID
from chalicelib.errors import ApiError, EventRefused, NoSuchResource, malformed, problem

_BODY_TYPES = (str, type(None), bytes)  # bytes are `chalice local`'s


def _read_context(context: dict[str, Any]) -> None:
    "".join((context["httpMethod"], context["resourcePath"], context["path"])).encode()


def _read_texts(texts: dict[str, str] | None) -> None:
    if texts is not None:
        "".join(texts.values())


def _read_lists(lists: dict[str, list[str]] | None) -> None:
    if lists is not None:
        for texts in lists.values():
            if not isinstance(texts, list):
                raise TypeError
            "".join(texts)


def _read_body(body: str | bytes | None) -> None:
    if not isinstance(body, _BODY_TYPES):
        raise TypeError


# The members that Chalice or the application reads. Each function raises an error unless its member
# has the expected type. `join` checks the type of texts, in a tenth of msgspec's time. The routes
# themselves check claims and `multiValueHeaders`.
_MEMBERS: dict[str, Callable[[Any], None]] = {
    "requestContext": _read_context,
    "headers": _read_texts,
    "multiValueQueryStringParameters": _read_lists,
    "pathParameters": _read_texts,
    "stageVariables": _read_texts,
    "body": _read_body,
}

#: Events that other services send: a member that tells each from all others, and the sender.
SOURCES: dict[tuple[str | int, ...], str] = {
    ("requestContext", "http"): "payload format 2.0, which HTTP APIs and function URLs send",
    ("requestContext", "elb"): "requests of an Application Load Balancer",
    ("requestContext", "connectionId"): "messages of a WebSocket API",
    ("methodArn",): "a Lambda authorizer's requests",
    ("routeArn",): "requests of an HTTP API's Lambda authorizer",
    ("triggerSource",): "triggers of Amazon Cognito",
    ("detail-type",): "events of Amazon EventBridge, schedules included",
    ("awslogs",): "Amazon CloudWatch Logs",
    ("deliveryStreamArn",): "records of Amazon Data Firehose",
    ("eventSource",): "messages of Kafka, ActiveMQ or RabbitMQ",
    ("invocationSchemaVersion",): "tasks of S3 Batch Operations",
    ("ResponseURL",): "custom resources of AWS CloudFormation",
    ("Records", 0, "cf"): "events of Amazon CloudFront",
    ("Records", 0, "Sns"): "messages of Amazon SNS",
    ("Records", 0, "ses"): "mails of Amazon SES",
    ("Records", 0, "s3"): "events of Amazon S3",
    ("Records", 0, "dynamodb"): "records of a DynamoDB stream",
    ("Records", 0, "kinesis"): "records of Amazon Kinesis",
    ("Records", 0, "receiptHandle"): "messages of Amazon SQS",
}

#: Members of the events that keep a function warm: of serverless-plugin-warmup, of lambda-warmer,
#: of OpenNext, and of schedules written by hand.
PINGS: tuple[dict[str, Any], ...] = (
    {"source": "serverless-plugin-warmup"},
    {"source": "serverless-plugin-lambda-warmup"},
    {"warmer": True},
    {"type": "warmer"},
    {"warmup": True},
)


class Application(Chalice):
    """A Chalice application that responds to any event and raises no error."""

    def __call__(self, event: Any, context: Any) -> dict[str, Any]:
        try:
            self._check(event)
        except ApiError as error:
            return _respond_to_ping() if _is_ping(event) else _refuse(event, error, context)
        return super().__call__(event, context)

    def _check(self, event: Any) -> None:
        """Raise an `ApiError` unless the event is a request for a resource of this API."""
        if name := _malformed_member(event):
            raise _refusal(event, name)
        context = event["requestContext"]
        methods = self.routes.get(context["resourcePath"])
        if methods is None:
            raise NoSuchResource
        route = methods.get(context["httpMethod"])
        for name in route.view_args if route else ():
            if name not in (event["pathParameters"] or ()):
                raise malformed("pathParameters")


def _malformed_member(event: Any) -> str | None:
    """Return the first member that is missing, or has a type that a REST API never sends."""
    for name, read in _MEMBERS.items():
        try:
            read(event[name])
        except (AttributeError, KeyError, TypeError, UnicodeEncodeError):
            return name
    return None


def _is_ping(event: Any) -> bool:
    events = event if isinstance(event, list) else [event]  # lambda-warmer sends several in one
    return bool(events) and all(
        isinstance(each, dict) and any(ping.items() <= each.items() for ping in PINGS)
        for each in events
    )


def _respond_to_ping() -> dict[str, Any]:
    observability.log_warm_up()
    return {}


def _refusal(event: Any, name: str) -> ApiError:
    """Return the error of an event with this malformed member, which may have any form."""
    for path, sender in SOURCES.items():
        if _member(event, *path) is not None:
            return EventRefused(sender)
    if _member(event, "resource") or _member(event, "requestContext", "resourcePath"):
        return malformed(name)
    return EventRefused("other events")


def _refuse(event: Any, error: ApiError, context: Any) -> dict[str, Any]:
    observability.log_refused_event(error.detail, context.aws_request_id)
    refusal = problem(error, context.aws_request_id)
    refusal.headers[CORRELATION_ID] = context.aws_request_id
    response = refusal.to_dict()
    if _member(event, "Records"):
        # Lambda keeps the whole batch if its event source mapping has ReportBatchItemFailures.
        response["batchItemFailures"] = [{"itemIdentifier": ""}]
    return response


def _member(value: Any, *path: str | int) -> Any:
    """Return the member at a path of keys and indexes, or None if there is none."""
    try:
        for key in path:
            value = value[key]
    except (KeyError, IndexError, TypeError):
        return None
    return value
