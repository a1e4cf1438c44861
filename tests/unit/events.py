"""Events that services, people and warm-up plugins send to a function, after public samples."""

from typing import Any

_ACCOUNT, _REGION = "123456789012", "us-east-1"


def _records(**member: Any) -> dict[str, Any]:
    return {"Records": [member, member]}


def _eventbridge(source: str, kind: str, **detail: Any) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": kind,
        "source": source,
        "account": _ACCOUNT,
        "time": "2026-10-08T16:53:06Z",
        "region": _REGION,
        "resources": [f"arn:aws:events:{_REGION}:{_ACCOUNT}:rule/hourly"],
        "detail": detail,
    }


def _http_api(path: str, **more: Any) -> dict[str, Any]:
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "limit=2",
        "headers": {"accept": "*/*"},
        "requestContext": {
            "accountId": _ACCOUNT,
            "apiId": "api-id",
            "http": {"method": "GET", "path": path, "protocol": "HTTP/1.1"},
            "requestId": "id",
            "stage": "$default",
        },
        "isBase64Encoded": False,
        **more,
    }


def _load_balancer(**more: Any) -> dict[str, Any]:
    return {
        "requestContext": {"elb": {"targetGroupArn": f"arn:aws:elasticloadbalancing:{_REGION}"}},
        "httpMethod": "GET",
        "path": "/items",
        "body": "",
        "isBase64Encoded": False,
        **more,
    }


def _cognito(trigger: str) -> dict[str, Any]:
    return {
        "version": "1",
        "triggerSource": trigger,
        "region": _REGION,
        "userPoolId": "us-east-1_pool",
        "userName": "alice",
        "request": {"userAttributes": {"email": "alice@example.com"}},
        "response": {},
    }


_AUTHORIZER = {
    "methodArn": f"arn:aws:execute-api:{_REGION}:{_ACCOUNT}:api/prod/GET/items",
    "resource": "/items",
    "requestContext": {"resourcePath": "/items", "httpMethod": "GET", "path": "/prod/items"},
}

#: By a word that the refusal names the service with.
OF_SERVICES: list[tuple[str, Any]] = [
    ("format 2.0", _http_api("/items")),
    ("format 2.0", _http_api("/items", body="aGVsbG8=", isBase64Encoded=True)),
    ("format 2.0", _http_api("/", requestContext={"http": {"method": "POST"}, "domainName": "a"})),
    ("format 2.0", _http_api("/", requestContext={"http": {}, "authorizer": {"jwt": {}}})),
    ("Load Balancer", _load_balancer(headers={"host": "a"}, queryStringParameters={})),
    ("Load Balancer", _load_balancer(multiValueHeaders={"host": ["a"]})),
    ("WebSocket", {"requestContext": {"connectionId": "a=", "eventType": "CONNECT"}}),
    ("WebSocket", {"requestContext": {"connectionId": "a=", "routeKey": "$default"}, "body": "{}"}),
    ("authorizer", {**_AUTHORIZER, "type": "TOKEN", "authorizationToken": "Bearer x"}),
    ("authorizer", {**_AUTHORIZER, "type": "REQUEST", "headers": {"a": "b"}}),
    ("Cognito", _cognito("PreSignUp_SignUp")),
    ("Cognito", _cognito("PostConfirmation_ConfirmSignUp")),
    ("Cognito", _cognito("TokenGeneration_HostedAuth")),
    ("EventBridge", _eventbridge("aws.events", "Scheduled Event")),
    ("EventBridge", _eventbridge("aws.s3", "Object Created", bucket={"name": "b"})),
    ("EventBridge", _eventbridge("aws.ec2", "EC2 Instance State-change Notification", state="x")),
    ("EventBridge", _eventbridge("my.shop", "order", resource="/items")),
    ("CloudWatch Logs", {"awslogs": {"data": "H4sIAAAAAAAA"}}),
    ("Firehose", {"deliveryStreamArn": "arn:aws:firehose:a", "records": [{"data": "aGk="}]}),
    ("Kafka", {"eventSource": "aws:kafka", "records": {"topic-0": [{"value": "aGk="}]}}),
    ("RabbitMQ", {"eventSource": "aws:rmq", "rmqMessagesByQueue": {"queue::/": []}}),
    ("S3 Batch", {"invocationSchemaVersion": "1.0", "job": {"id": "1"}, "tasks": []}),
    ("CloudFormation", {"RequestType": "Create", "ResponseURL": "https://example.com"}),
    ("HTTP API's Lambda authorizer", {"version": "2.0", "routeArn": "arn:aws:execute-api:a"}),
    ("CloudFront", _records(cf={"config": {"eventType": "viewer-request"}, "request": {}})),
    ("CloudFront", _records(cf={"config": {"eventType": "origin-response"}, "response": {}})),
    ("SNS", _records(EventSource="aws:sns", Sns={"Message": "hello", "Subject": None})),
    ("SES", _records(eventSource="aws:ses", ses={"mail": {"source": "a@example.com"}})),
    ("S3", _records(eventSource="aws:s3", s3={"bucket": {"name": "b"}, "object": {"key": "k"}})),
    ("DynamoDB", _records(eventSource="aws:dynamodb", dynamodb={"Keys": {"id": {"S": "1"}}})),
    ("Kinesis", _records(eventSource="aws:kinesis", kinesis={"data": "aGk=", "partitionKey": "1"})),
    ("SQS", _records(eventSource="aws:sqs", messageId="1", receiptHandle="h", body="hello")),
]

#: That no member tells from a person's.
OF_ANYBODY: list[Any] = [
    {},
    None,
    [],
    [{}],
    [1, "two", None],
    "",
    "ping",
    "\ud800",
    0,
    -1,
    1.5,
    1e308,
    True,
    False,
    {"key1": "value1", "key2": "value2", "key3": "value3"},
    {"input": {"order": 1}, "taskToken": "AAAA"},  # Step Functions
    {"ExecutionContext": {"Id": "arn:aws:states:us-east-1:123456789012:execution:a:b"}},
    {"CodePipeline.job": {"id": "1", "data": {}}},
    {"invokingEvent": "{}", "ruleParameters": "{}", "resultToken": "t"},
    {"session": {"new": True}, "request": {"type": "LaunchRequest"}},
    {"info": {"fieldName": "items", "parentTypeName": "Query"}, "arguments": {}},
    {"bot": {"name": "b"}, "sessionState": {}},
    {"Records": []},
    {"Records": None},
    {"Records": "aws:sqs"},
    {"Records": [None]},
    {"Records": [{}]},
    {"Records": {"0": {}}},
    {"requestContext": None},
    {"requestContext": "x"},
    {"requestContext": {}},
    {"requestContext": {"httpMethod": "GET"}},
    {"requestContext": []},
    {"httpMethod": "GET", "path": "/items"},
    {"body": "{}"},
    {"headers": {}},
    {"source": "serverless-plugin"},
    {"warmer": False},
    {"\ud800": "\udfff"},
    {"source": ["serverless-plugin-warmup"]},
]

PINGS: list[Any] = [
    {"source": "serverless-plugin-warmup"},
    {"source": "serverless-plugin-lambda-warmup"},
    [{"warmer": True, "concurrency": 1}, {"warmer": True, "concurrency": 2, "target": "other"}],
    {"warmer": True, "concurrency": 3},
    {
        "warmer": True,
        "__WARMER_INVOCATION__": 2,
        "__WARMER_CONCURRENCY__": 3,
        "__WARMER_CORRELATIONID__": "1761000000000-0001",
    },
    {"type": "warmer", "warmerId": "w", "index": 0, "concurrency": 1, "delay": 75},
    {"warmup": True},
]
