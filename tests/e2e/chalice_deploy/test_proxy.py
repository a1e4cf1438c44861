"""The proxy itself: forwarded requests, and rejected documents."""

import json
import secrets
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.cloud import REGION, Cloud


@pytest.fixture
def user(cloud: Cloud) -> Iterator[dict[str, str]]:
    """The keys of a user who may do everything, but whose signatures the emulator verifies.

    It takes the root user's on trust.
    """
    iam, user, policy = cloud.client("iam"), "somebody", "all"
    iam.create_user(UserName=user)
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    iam.put_user_policy(UserName=user, PolicyName=policy, PolicyDocument=document)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    yield {
        "aws_access_key_id": key["AccessKeyId"],
        "aws_secret_access_key": key["SecretAccessKey"],
    }
    iam.delete_access_key(UserName=user, AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName=user, PolicyName=policy)
    iam.delete_user(UserName=user)


def client(service: str, endpoint: str, **keys: Any) -> Any:
    return boto3.client(service, endpoint_url=endpoint, region_name=REGION, **keys)


def test_forwarded_request_keeps_its_signature(endpoint: str, user: dict[str, str]) -> None:
    storage = client("s3", endpoint, **user)
    place = {"Bucket": "through-the-proxy", "Key": "a b/ü+%2F?&.bin"}
    content = secrets.token_bytes(300_000)
    storage.create_bucket(Bucket=place["Bucket"])
    storage.put_object(**place, Body=content, Metadata={"colour": "red"})
    head = storage.head_object(**place)
    assert (head["ContentLength"], head["Metadata"]) == (len(content), {"colour": "red"})
    assert storage.get_object(**place)["Body"].read() == content
    assert storage.get_object(**place, Range="bytes=7-9")["Body"].read() == content[7:10]
    storage.delete_object(**place)
    storage.delete_bucket(Bucket=place["Bucket"])

    forged = client("iam", endpoint, **{**user, "aws_secret_access_key": "another"})
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        forged.list_users()


@pytest.mark.parametrize(
    ("more", "unknown"),
    [
        ({"x-amazon-apigateway-policy": {}}, "document with x-amazon-apigateway-policy"),
        ({"paths": {"/a": {"get": {"deprecated": True}}}}, "operation with deprecated"),
    ],
)
def test_unknown_request_is_rejected(
    more: dict[str, Any], unknown: str, endpoint: str, cloud: Cloud
) -> None:
    gateway = client("apigateway", endpoint)
    before = cloud.client("apigateway").get_rest_apis()["items"]
    document = {"swagger": "2.0", "info": {"title": "t", "version": "1"}, "paths": {}, **more}
    with pytest.raises(ClientError, match=unknown):
        gateway.import_rest_api(
            body=json.dumps(document), parameters={"endpointConfigurationTypes": "REGIONAL"}
        )
    assert cloud.client("apigateway").get_rest_apis()["items"] == before
